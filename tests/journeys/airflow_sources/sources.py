"""One task for each way in which a task's lineage becomes known; its documentation is what the table calls it.

`docs/airflow-sources.md` is made from what these tasks tell.
"""

# Airflow is not there when types are checked.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import contextlib
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

import sqlalchemy
from airflow.providers.common.compat.sdk import DAG, Asset, ObjectStoragePath, chain, task
from airflow.providers.common.sql.operators.generic_transfer import GenericTransfer
from airflow.providers.common.sql.operators.sql import (
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLTableCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.sftp.operators.sftp import SFTPOperator
from airflow.providers.standard.operators.bash import BashOperator
from cosmos.config import ProfileConfig
from cosmos.operators.local import DbtBuildLocalOperator
from told_sources import LakeHook, QuietOperator, SilentOperator, ToldOperator

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
DATA = Path(os.environ["SOURCES_DATA"])
HERE = Path(__file__).parent
DBT = Path(os.environ["SOURCES_DBT_PROJECT"])
DATABASES = ("postgres", "mariadb", "duckdb", "sqlite")
TABLES = (
    "CREATE TABLE orders (id INTEGER, region VARCHAR(20), amount INTEGER)",
    "CREATE TABLE totals (region VARCHAR(20), total INTEGER)",
    "INSERT INTO orders (id, region, amount) VALUES (1, 'north', 20), (2, 'south', 30)",
)
TOTALS = "INSERT INTO totals (region, total) SELECT region, sum(amount) FROM orders GROUP BY region"


def shop() -> PostgresHook:
    return PostgresHook("postgres")


with DAG("sources", schedule=None, start_date=BEGIN, catchup=False, max_active_tasks=4):
    tables = {
        database: SQLExecuteQueryOperator(task_id=f"tables_of_{database}", conn_id=database, sql=list(TABLES))
        for database in ("postgres", "mariadb", "duckdb", "sqlite")
    }
    operators = {
        database: SQLExecuteQueryOperator(
            task_id=f"operator_on_{database}", doc=f"an SQL operator, {database}", conn_id=database, sql=TOTALS
        )
        for database in tables
    }
    for database, operator in operators.items():
        chain(tables[database], operator)

    @task(doc="`run` of a hook")
    def hook() -> None:
        shop().run(TOTALS)

    @task(doc="a cursor of `get_conn()`")
    def cursor() -> None:
        with contextlib.closing(shop().get_conn()) as connection, connection.cursor() as own:
            own.execute(TOTALS)
            connection.commit()

    @task(doc="a hook's SQLAlchemy engine")
    def engine() -> None:
        with shop().get_sqlalchemy_engine().begin() as connection:
            connection.execute(sqlalchemy.text(TOTALS))

    @task(doc="an SQLAlchemy engine of the task's own")
    def own_engine() -> None:
        with sqlalchemy.create_engine(shop().get_uri()).begin() as connection:
            connection.execute(sqlalchemy.text(TOTALS))

    @task(doc="`insert_rows` of a hook")
    def rows() -> None:
        shop().insert_rows("totals", [("west", 1)], target_fields=["region", "total"])

    @task(doc="`copy_expert` of a hook")
    def copied() -> None:
        shop().copy_expert("COPY orders (id, amount) TO STDOUT", str(DATA / "orders.tsv"))

    in_postgres = [
        hook(),
        cursor(),
        engine(),
        own_engine(),
        rows(),
        copied(),
        SQLColumnCheckOperator(
            task_id="column_check",
            doc="a check of columns",
            conn_id="postgres",
            table="orders",
            column_mapping={"id": {"null_check": {"equal_to": 0}}},
        ),
        SQLTableCheckOperator(
            task_id="table_check",
            doc="a check of a table",
            conn_id="postgres",
            table="orders",
            checks={"has_rows": {"check_statement": "count(*) > 0"}},
        ),
        SQLValueCheckOperator(
            task_id="value_check",
            doc="a check of a query's value",
            conn_id="postgres",
            sql="SELECT count(*) FROM orders",
            pass_value=2,
        ),
        GenericTransfer(
            task_id="transfer",
            doc="GenericTransfer between two databases",
            sql="SELECT region, amount FROM orders",
            destination_table="totals",
            source_conn_id="postgres",
            destination_conn_id="mariadb",
        ),
    ]
    for first in (tables["postgres"], operators["mariadb"]):
        chain(first, in_postgres)

    ToldOperator(task_id="told", doc="an operator with `get_openlineage_facets_on_complete`")
    SilentOperator(task_id="extracted", doc="an extractor in `[riverhead] extractors`")
    QuietOperator(task_id="extracted_for_the_provider", doc="an extractor in `[openlineage] extractors`")

    SFTPOperator(
        task_id="sftp",
        doc="a transfer by SFTP",
        ssh_conn_id="sftp",
        local_filepath=str(HERE / "sources.py"),
        remote_filepath=str(DATA / "received.txt"),
        operation="put",
    )
    DbtBuildLocalOperator(
        task_id="cosmos",
        doc="dbt, started by Cosmos",
        project_dir=str(DBT),
        profile_config=ProfileConfig("shop", "here", profiles_yml_filepath=DBT / "profiles.yml"),
        dbt_executable_path=os.environ["SOURCES_DBT"],
        install_deps=False,
    )

    @task(doc="a hook that tells Airflow's collector")
    def collector() -> None:
        LakeHook().move("s3://lake/in", "s3://lake/out")

    @task(doc="`ObjectStoragePath`")
    def paths() -> None:
        with ObjectStoragePath(f"file://{HERE}/sources.py").open("r") as source:
            text = source.read()
        with ObjectStoragePath(f"file://{DATA}/copy.txt").open("w") as target:
            target.write(text)

    @task(doc="inlets and outlets", inlets=[Asset("s3://lake/in")], outlets=[Asset("s3://lake/out")])
    def assets() -> None: ...

    @task
    def left() -> int:
        return 1

    @task(doc="an XCom of another task")
    def xcom(number: int) -> None: ...

    @task(doc="a mapped task")
    def mapped(number: int) -> None:
        shop().run(
            "INSERT INTO totals (region, total) SELECT region, amount FROM orders WHERE id = %s", parameters=[number]
        )

    collector(), paths(), assets(), xcom(left())
    chain(in_postgres, mapped.expand(number=[1, 2]))
    BashOperator(
        task_id="child",
        doc="a process of its own, with an environment of its own",
        bash_command=f"{sys.executable} {HERE / 'child.py'}",
        env={name: value for name, value in os.environ.items() if name.startswith("OPENLINEAGE_")},
    )
