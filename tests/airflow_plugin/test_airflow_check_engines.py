"""Engines of SQLAlchemy in functions' code: a DAG's own are seen at run time, connections of a driver are not."""

from __future__ import annotations

import os
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from sqlalchemy import create_engine
from sqlalchemy import engine_from_config as configured
from sqlalchemy.orm import scoped_session, sessionmaker

from riverhead_airflow.checking.code_clues import clues_of

if TYPE_CHECKING:
    from collections.abc import Callable

pandas = types.ModuleType("pandas")
URL = "postgresql://db/shop"
ENGINE = create_engine("sqlite://")
OWN = create_engine("sqlite://")
SESSIONS = sessionmaker(bind=ENGINE)
SCOPED = scoped_session(SESSIONS)


def by_its_module() -> None:
    sqlalchemy.create_engine("sqlite://").connect()


def by_its_name() -> None:
    create_engine("sqlite://").connect()


def by_another_name() -> None:
    configured({}).connect()


def late() -> None:
    from sqlalchemy import create_engine as made

    made("sqlite://").connect()


def late_by_its_module() -> None:
    import sqlalchemy as sa

    sa.create_engine("sqlite://").connect()


def late_and_without_waiting() -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    create_async_engine("sqlite+aiosqlite://")


def made_beside() -> None:
    ENGINE.connect()


def in_a_session() -> None:
    SESSIONS().execute(sqlalchemy.text("SELECT 1"))


def in_a_session_of_the_thread() -> None:
    SCOPED().execute(sqlalchemy.text("SELECT 1"))


def of_airflow() -> None:
    OWN.connect()


def of_another_library(game: Any) -> None:
    game.engine_from_config("physics")


def through_a_pool() -> None:
    sqlalchemy.create_pool_from_url("sqlite://").connect()


def with_an_engine() -> Any:
    return pandas.read_sql("SELECT a FROM b", create_engine("sqlite://"))


def with_a_url() -> Any:
    return pandas.read_sql("SELECT a FROM b", os.environ["SHOP"])


def late_with_a_url() -> None:
    import pandas as pd

    pd.DataFrame().to_sql("b", URL)


def with_a_driver() -> Any:
    import sqlite3

    return pandas.read_sql("SELECT a FROM b", sqlite3.connect("shop.db"))


def connected() -> Any:
    import psycopg2

    return psycopg2.connect("")


def with_a_driver_of_another_function() -> Any:
    return pandas.read_sql("SELECT a FROM b", connected())


def of_what_is_no_frame(tree: Any) -> Any:
    return tree.to_sql()


@pytest.fixture(autouse=True)
def _airflows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = types.ModuleType("airflow.settings")
    vars(settings).update(engine=OWN, create_engine=create_engine)
    monkeypatch.setitem(sys.modules, "airflow.settings", settings)


@pytest.mark.parametrize(
    ("function", "clues"),
    [
        (by_its_module, ("create_engine",)),
        (by_its_name, ("create_engine",)),
        (by_another_name, ("engine_from_config",)),
        (late, ("create_engine",)),
        (late_by_its_module, ("create_engine",)),
        (late_and_without_waiting, ("create_async_engine",)),
        (made_beside, ("Engine",)),
        (in_a_session, ("sessionmaker",)),
        (in_a_session_of_the_thread, ("scoped_session",)),
        (with_an_engine, ("create_engine", "read_sql")),
        (with_a_url, ("read_sql",)),
        (late_with_a_url, ("to_sql",)),
    ],
)
def test_an_engine_that_is_seen_at_run_time_is_found(function: Callable[[], None], clues: tuple[str, ...]) -> None:
    assert clues_of(function) == clues


@pytest.mark.parametrize(
    "function",
    [
        of_airflow,
        of_another_library,
        through_a_pool,
        with_a_driver,
        with_a_driver_of_another_function,
        of_what_is_no_frame,
    ],
)
def test_what_is_not_seen_at_run_time_is_not_promised(function: Callable[..., None]) -> None:
    assert clues_of(function) == ()
