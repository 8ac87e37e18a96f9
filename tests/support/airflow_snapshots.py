"""Snapshots of tasks, as the Airflow room keeps them."""

from __future__ import annotations

from typing import Any


def task(**changed: Any) -> dict[str, Any]:
    """Return the snapshot of a task that ended well, but for what is changed."""
    facts = {
        "namespace": "shop",
        "dag_id": "shop_daily",
        "run_id": "manual__1",
        "run_type": "manual",
        "logical_date": None,
        "run_after": "2026-11-21T00:27:37.737456+00:00",
        "clear_number": 0,
        "origin": {"parent": None, "root": None},
        "task_id": "clean_orders",
        "try_number": 1,
        "map_index": -1,
        "state": "COMPLETE",
        "time": "2026-11-21T00:27:45+00:00",
        "start_time": "2026-11-21T00:27:42+00:00",
        "end_time": "2026-11-21T00:27:45+00:00",
        "operator": "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator",
        "sql": ["CREATE TABLE orders_clean AS SELECT quantity * unit_price AS amount FROM raw_orders"],
        "is_sql_cut": False,
        "address": {
            "conn_id": "shop_duckdb",
            "kind": "duckdb",
            "host": "/data/shop.duckdb",
            "port": None,
            "name": None,
        },
        "failure": None,
    }
    return {**facts, **changed}
