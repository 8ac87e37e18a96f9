"""What the DAG beside this imports: an operator and a hook that tell, and extractors for two operators that do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector
from airflow.providers.common.compat.sdk import BaseHook, BaseOperator
from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage

LAKE = "s3://lake"


def flow(name: str) -> dict[str, Any]:
    return {
        "inputs": [{"namespace": LAKE, "name": f"{name}/in"}],
        "outputs": [{"namespace": LAKE, "name": f"{name}/out"}],
    }


class ToldOperator(BaseOperator):  # type: ignore[misc]  # Airflow is never installed beside the type checker
    """Says it itself."""

    def execute(self, context: Any) -> None:
        """Do nothing."""

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        return SimpleNamespace(**flow("told"), run_facets={}, job_facets={})


class SilentOperator(BaseOperator):  # type: ignore[misc]  # nor here
    """Says nothing; somebody has registered an extractor for it."""

    def execute(self, context: Any) -> None:
        """Do nothing."""


class QuietOperator(SilentOperator):
    """Says nothing; there is an extractor for it that was written for the official provider."""


class SilentExtractor:
    """As our documentation has it."""

    def __init__(self, operator: Any) -> None:
        self.operator = operator

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        return ["SilentOperator"]

    def extract_on_complete(self, _task_instance: Any) -> Any:
        return SimpleNamespace(**flow("extracted"), run_facets={}, job_facets={})


class QuietExtractor(BaseExtractor):  # type: ignore[misc]  # nor is the provider
    """As the official provider has it."""

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        return ["QuietOperator"]

    def _execute_extraction(self) -> Any:
        return None

    def extract_on_complete(self, _task_instance: Any) -> Any:
        from openlineage.client.event_v2 import Dataset

        told = flow("provider")
        return OperatorLineage(
            inputs=[Dataset(**entry) for entry in told["inputs"]],
            outputs=[Dataset(**entry) for entry in told["outputs"]],
        )


class LakeHook(BaseHook):  # type: ignore[misc]  # nor are its hooks
    """Tells Airflow's collector of what it moves."""

    def move(self, source: str, target: str) -> None:
        """Move nothing, and say so."""
        collector = get_hook_lineage_collector()
        collector.add_input_asset(self, uri=source)
        collector.add_output_asset(self, uri=target)
