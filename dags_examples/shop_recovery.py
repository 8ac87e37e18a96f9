"""What fails, and what then happens: a retry that helps, hopeless tasks, one that runs all the same, a teardown.

The DAG's run ends as a success, because its last task does.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.common.compat.sdk import (
    DAG,
    AirflowFailException,
    chain,
    get_current_context,
    setup,
    task,
    teardown,
)
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator


class PoorConnectionError(Exception):
    """What goes away when one tries again."""


with DAG(
    "shop_recovery",
    description="Retries, failures, clean-up",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["failure"],
):

    @setup
    def open_shop() -> str:
        return "open"

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def fetch_rates() -> float:
        if get_current_context()["ti"].try_number < 2:  # noqa: PLR2004 - the second try is the one that helps
            raise PoorConnectionError("the exchange does not answer")
        return 1.08

    @task
    def bill_nobody() -> None:
        raise AirflowFailException("there is nobody to bill")

    @task(trigger_rule="all_done")
    def report_all_the_same() -> str:
        return "reported"

    @teardown
    def close_shop() -> str:
        return "closed"

    missing = SQLExecuteQueryOperator(
        task_id="read_what_is_missing", conn_id="shop_sqlite", sql="SELECT amount FROM no_such_table"
    )
    opened, closed = open_shop(), close_shop().as_teardown()
    reported = report_all_the_same()
    chain(opened, fetch_rates(), [bill_nobody(), missing], reported, closed)
    opened >> closed
