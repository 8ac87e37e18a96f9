"""SQL in every form that a task may have it in."""

# Airflow is not there when types are checked.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, task
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.common.sql.sensors.sql import SqlSensor

MEGABYTE = 1 << 20


@task
def written_by_hand() -> str:
    return "INSERT INTO a SELECT b FROM c"


with DAG(
    "elt",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    schedule=None,
    default_args={"owner": "shop, finance", "conn_id": "warehouse"},
):
    SQLExecuteQueryOperator(
        task_id="plain", sql="INSERT INTO daily SELECT day, SUM(amount) AS sum FROM sales GROUP BY 1"
    )
    SQLExecuteQueryOperator(task_id="rendered", sql="INSERT INTO daily_{{ ds_nodash }} SELECT day FROM sales")
    SQLExecuteQueryOperator(task_id="of_a_file", sql="queries/totals.sql")
    SQLExecuteQueryOperator(task_id="of_no_file", sql="queries/not_there.sql")
    SQLExecuteQueryOperator(task_id="starred", sql="INSERT INTO copies SELECT * FROM sales")
    SQLExecuteQueryOperator(task_id="calls", sql=["CALL rebuild()", "DELETE FROM daily WHERE day < '2020-01-01'"])
    SQLExecuteQueryOperator(task_id="nonsense", sql="this is no statement of any dialect")
    SQLExecuteQueryOperator(task_id="rendered_nonsense", sql="INSRT INTO {{ ds }} SELEKT")
    SQLExecuteQueryOperator(task_id="empty", sql="")
    SQLExecuteQueryOperator(task_id="commented", sql="-- later")
    SQLExecuteQueryOperator(task_id="listless", sql=[])
    SQLExecuteQueryOperator(
        task_id="huge",
        sql=f"INSERT INTO a SELECT b FROM c WHERE d IN ({'1, ' * (10 * MEGABYTE // 3)}1)",  # noqa: S608 - nobody runs it
    )
    SQLExecuteQueryOperator(task_id="made_by_another", sql=written_by_hand())
    SQLExecuteQueryOperator.partial(task_id="mapped").expand(
        sql=["INSERT INTO a SELECT b FROM c", "INSERT INTO d SELECT e FROM f"]
    )
    SQLExecuteQueryOperator.partial(task_id="mapped_over_another").expand(
        sql=written_by_hand.override(task_id="lists")()
    )
    SqlSensor(task_id="awaited", sql="SELECT COUNT(*) FROM sales")
