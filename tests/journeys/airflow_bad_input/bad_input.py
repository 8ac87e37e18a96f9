"""Tasks that are hard to tell of; each does its work, or fails by itself, whatever is told."""

# Airflow is not there when types are checked.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import DAG, task
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.operators.bash import BashOperator
from broken_operators import (
    ExtractedOperator,
    HangingOperator,
    LeavingOperator,
    NonsenseOperator,
    NumberedOperator,
    RaisingOperator,
)

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
MANY = 5_000
STRANGE = "\u202e\u0001 naïve ☃ \U0001d54a <script>alert('x')</script> \ufffe"

with DAG("bad_input", schedule=None, start_date=BEGIN, catchup=False, params={"strange": STRANGE}, tags=["☃"]):
    ExtractedOperator(task_id="broken_extractor")
    RaisingOperator(task_id="raising_method")
    HangingOperator(task_id="hanging_method")
    NonsenseOperator(task_id="nonsense")
    LeavingOperator(task_id="leaving_method")
    SQLExecuteQueryOperator(task_id="huge_sql", conn_id="lite", sql=f"SELECT 1 -- {'x' * (10 << 20)}")
    SQLExecuteQueryOperator(task_id="no_sql_at_all", conn_id="lite", sql="SELECT 'a' AS 'b'; ;; -- nothing")
    SQLExecuteQueryOperator(task_id="missing_connection", conn_id="nobody_made_it", sql="SELECT 1")
    BashOperator(
        task_id="ünïcødé", bash_command="printf '\\xff\\xfe\\x00' ; echo \"$STRANGE\"", env={"STRANGE": STRANGE}
    )

    @task
    def odd_error() -> None:
        raise ValueError("\udcff " + STRANGE + "x" * 5_000_000)

    @task
    def odd_result() -> str:
        return STRANGE * 10_000

    odd_error()
    odd_result()

with DAG("many", schedule=None, start_date=BEGIN, catchup=False):
    NumberedOperator.partial(task_id="mapped").expand(number=list(range(MANY)))
