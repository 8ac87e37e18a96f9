"""An operator that tells its lineage itself, in the way that the official provider documents."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

try:
    from airflow.sdk import DAG, BaseOperator
except ImportError:
    from airflow import DAG
    from airflow.models import BaseOperator


class Copies(BaseOperator):
    """Reads one table and writes another, or says so."""

    def execute(self, context: Any) -> None:
        """Do nothing."""

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:  # noqa: ARG002 - who asks may name it
        """Return what was read and written."""
        from airflow.providers.common.compat.openlineage.facet import Dataset
        from airflow.providers.openlineage.extractors import OperatorLineage

        source, target = Dataset("bench://here", "orders"), Dataset("bench://here", "copies")
        return OperatorLineage(inputs=[source], outputs=[target])


with DAG("bench_protocol", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)):
    Copies(task_id="work")
