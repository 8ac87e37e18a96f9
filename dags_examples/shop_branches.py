"""Ways that are not gone: a branch, a short circuit, a task that skips itself – and the one where all meet again."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, AirflowSkipException, chain, task
from airflow.providers.standard.operators.bash import BashOperator

with DAG(
    "shop_branches",
    description="Branches and skipped tasks",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={"is_holiday": False},
    tags=["flow"],
):

    @task.branch
    def which_day(params: dict[str, object] | None = None) -> str:
        return "close" if params and params["is_holiday"] else "sell"

    @task
    def look_for_returns() -> None:
        raise AirflowSkipException("nothing came back today")

    @task.short_circuit
    def is_anything_left() -> bool:
        return False

    sell = BashOperator(task_id="sell", bash_command="echo selling")
    close = BashOperator(task_id="close", bash_command="echo closed")
    order_more = BashOperator(task_id="order_more", bash_command="echo ordering")
    count_the_till = BashOperator(
        task_id="count_the_till", bash_command="echo counting", trigger_rule="none_failed_min_one_success"
    )
    chain(which_day(), [sell, close], count_the_till)
    chain(sell, [look_for_returns(), is_anything_left()])
    chain(sell, is_anything_left.override(task_id="is_the_shelf_empty")(), order_more)
