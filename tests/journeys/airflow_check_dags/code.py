"""Functions and commands: what is seen of them, and what is not."""

# Airflow is not there when types are checked.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import sqlite3
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import sqlalchemy
from airflow import settings
from airflow.providers.common.compat.sdk import DAG, Asset, BaseOperator, TaskGroup, chain, task
from airflow.providers.common.sql.hooks.sql import DbApiHook
from sqlalchemy.orm import sessionmaker

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.python import PythonOperator
except ImportError:
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import PythonOperator

SESSIONS = sessionmaker(bind=sqlalchemy.create_engine("sqlite://"))


class Quiet(BaseOperator):  # type: ignore[misc]  # Airflow is not there when types are checked
    """An operator of somebody's own that tells nothing."""

    def __init__(self, text: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.text = text

    def execute(self, context: Any) -> None:
        del context


class Telling(Quiet):
    """One that speaks the operator protocol."""

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> None:
        del task_instance


def records() -> Any:
    return DbApiHook.get_hook("warehouse").get_records("SELECT a FROM b")


def through_a_hook() -> list[Any]:
    return list(records())


def through_an_engine() -> None:
    with sqlalchemy.create_engine("sqlite://").begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM a"))


def through_a_late_engine() -> None:
    from sqlalchemy import create_engine

    create_engine("sqlite://").connect()


def through_a_session() -> None:
    SESSIONS().execute(sqlalchemy.text("DELETE FROM a"))


def of_airflow_itself() -> None:
    settings.Session()


def through_a_driver() -> Any:
    return sqlite3.connect("shop.db").execute("SELECT 1")


def by_hand() -> None:
    Path("figures.csv").write_text("1")


@task
def extract() -> list[int]:
    return [1, 2]


@task
def transform(numbers: list[int]) -> list[int]:
    return [2 * number for number in numbers]


@task
def load(numbers: list[int]) -> None:
    Path("numbers.txt").write_text(str(numbers))


@task.external_python(python=sys.executable)
def elsewhere() -> None:
    pass


with DAG("code", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), schedule=None, default_args={"owner": "ml"}):
    BashOperator(task_id="bash", bash_command="cp a b")
    BashOperator(task_id="bash_with_outlets", bash_command="cp a b", outlets=[Asset("s3://shop/b")])
    PythonOperator(task_id="hooked", python_callable=through_a_hook)
    PythonOperator(task_id="unhooked", python_callable=by_hand)
    for function in (through_an_engine, through_a_late_engine, through_a_session, of_airflow_itself, through_a_driver):
        PythonOperator(task_id=function.__name__, python_callable=function)
    Quiet(task_id="quiet")
    Telling(task_id="telling")
    Quiet.partial(task_id="mapped").expand(text=["a", "b"])
    with TaskGroup("group"), TaskGroup("inner"):
        load(transform(extract()))
    load.override(task_id="load_each").expand(numbers=[[1], [2]])
    elsewhere()


def made_by(number: int) -> Any:
    with DAG(f"made_{number}", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), schedule=None) as made:
        chain(Quiet(task_id="first"), Quiet(task_id="sécond_日本"))
    return made


for index in range(3):
    globals()[f"made_{index}"] = made_by(index)
