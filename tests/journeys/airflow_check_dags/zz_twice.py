"""A DAG of a name that another file has, too."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG

with DAG("waits", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), schedule=None) as dag:
    pass
