"""Hooks, drivers and engines as a task uses them, seen without being changed."""

from __future__ import annotations

import copy
import gc
import pickle
import sqlite3
import sys
import threading
import weakref
from contextlib import closing, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy

from riverhead_airflow.seeing.drivers import Drivers
from riverhead_airflow.seeing.engines import Engines
from riverhead_airflow.seeing.hooks import Hooks
from riverhead_airflow.seeing.witness import Witness
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from riverhead_airflow.snapshot import Sighting

CANARY = "canary-2f7c"
# As hooks see it; what they open by it is watched, and the module itself is left alone.
DRIVER = SimpleNamespace(connect=sqlite3.connect, Connection=sqlite3.Connection, Cursor=sqlite3.Cursor)
PLACE = SimpleNamespace(path="")


class BaseHook:
    """As Airflow's."""

    @classmethod
    def get_connection(cls, conn_id: str) -> Any:
        return SimpleNamespace(conn_type="sqlite", host=PLACE.path, port=None, schema=None, extra=None, conn_id=conn_id)


class DbApiHook(BaseHook):
    """As the common SQL provider's."""

    conn_name_attr = "sqlite_conn_id"

    def __init__(self, conn_id: str = "lite") -> None:
        self.sqlite_conn_id = conn_id

    def get_conn(self) -> Any:
        return DRIVER.connect(self.get_connection(self.sqlite_conn_id).host)

    def get_sqlalchemy_engine(self) -> Any:
        return sqlalchemy.create_engine(f"sqlite:///{self.get_connection(self.sqlite_conn_id).host}")

    def _run_command(self, cur: Any, sql_statement: Any, parameters: Any = ()) -> None:
        cur.execute(sql_statement, parameters)

    def run(self, sql: str, parameters: Any = ()) -> list[Any]:
        with closing(self.get_conn()) as connection:
            cursor = connection.cursor()
            self._run_command(cursor, sql, parameters)
            rows = list(cursor.fetchall())
            connection.commit()
            return rows

    def insert_rows(self, table: str, rows: Any, target_fields: Any = None) -> None:
        with closing(self.get_conn()) as connection:
            marks = ", ".join("?" for _ in target_fields)
            cursor = connection.cursor()
            for row in rows:
                cursor.execute(f"INSERT INTO {table} ({', '.join(target_fields)}) VALUES ({marks})", row)  # noqa: S608 - as hooks do
            connection.commit()

    def bulk_load(self, table: str, tmp_file: str) -> None:
        """A service of the database does it."""


class ShopHook(DbApiHook):
    """One that existed before anybody watched."""


WITNESS = Witness(FailureLog(is_strict=True), [], [])
DRIVERS = Drivers(WITNESS)
DRIVERS.watch_sqlite(DRIVER)
Hooks(WITNESS, DRIVERS).watch(SimpleNamespace(DbApiHook=DbApiHook))


@pytest.fixture(autouse=True)
def task(tmp_path: Path) -> Iterator[None]:
    """Begin with a task that has a database with one table."""
    PLACE.path = str(tmp_path / "shop.db")
    with closing(sqlite3.connect(PLACE.path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, note TEXT)")
        connection.execute("INSERT INTO orders VALUES (1, 'x')")
        connection.commit()
    WITNESS.failures = FailureLog(is_strict=True)
    WITNESS.begin()
    yield
    WITNESS.statements = None


def seen() -> list[Sighting]:
    assert WITNESS.statements is not None
    return WITNESS.statements.sightings(REDACTION, FailureLog(is_strict=True))


def texts() -> list[str]:
    return [sighting["sql"] for sighting in seen()]


def test_what_a_hook_runs_is_seen_once_with_its_connection() -> None:
    assert ShopHook().run("SELECT note FROM orders WHERE id = ?", (1,)) == [("x",)]

    [found] = seen()
    assert found["sql"] == "SELECT note FROM orders WHERE id = ?"
    assert (found["count"], found["kind"], found["is_failed"], found["conn_id"]) == (1, "execute", False, "lite")
    assert str(found["hook"]).endswith("ShopHook")
    assert found["address"] is not None
    assert (found["address"]["kind"], found["address"]["host"]) == ("sqlite", PLACE.path)


def test_what_is_executed_on_a_hooks_connection_and_its_cursors_is_seen() -> None:
    connection = ShopHook().get_conn()
    connection.cursor().execute("SELECT id FROM orders")
    connection.executemany("INSERT INTO orders (id) VALUES (?)", [(number,) for number in range(500)])
    connection.executescript("CREATE TABLE a (b INTEGER); DROP TABLE a")
    connection.close()

    assert texts() == [
        "SELECT id FROM orders",
        "INSERT INTO orders (id) VALUES (?)",
        "CREATE TABLE a (b INTEGER); DROP TABLE a",
    ]
    assert seen()[1]["rows"] == 500


def test_connections_and_cursors_are_of_the_drivers_own_kind() -> None:
    connection = ShopHook().get_conn()
    cursor = connection.cursor()

    assert isinstance(connection, sqlite3.Connection)
    assert isinstance(cursor, sqlite3.Cursor)
    assert (type(connection).__module__, type(connection).__name__) == ("sqlite3", "Connection")
    assert (type(cursor).__module__, type(cursor).__name__) == ("sqlite3", "Cursor")
    connection.close()


def test_a_connection_of_somebody_else_is_not_seen() -> None:
    with closing(DRIVER.connect(PLACE.path)) as connection:
        connection.execute("SELECT id FROM orders")

    assert texts() == []


def test_a_statement_that_fails_fails_as_ever_and_says_so() -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere"):
        ShopHook().run("SELECT a FROM nowhere")

    assert [(found["sql"], found["is_failed"]) for found in seen()] == [("SELECT a FROM nowhere", True)]


def test_rows_that_a_hook_inserts_are_one_statement() -> None:
    ShopHook().insert_rows("orders", [(number, "y") for number in range(300)], target_fields=["id", "note"])

    [found] = seen()
    assert (found["kind"], found["count"], found["rows"]) == ("insert_rows", 300, 300)
    assert found["sql"] == "INSERT INTO orders (id, note) VALUES (?, ?)"


def test_rows_that_come_from_another_hook_meanwhile_are_read_and_not_inserted() -> None:
    source = ShopHook("source")
    rows = (row for row in [(1, "a")] for _ in source.run("SELECT id, note FROM orders"))

    ShopHook().insert_rows("orders", rows, target_fields=["id", "note"])

    assert [(found["conn_id"], found["kind"]) for found in seen()] == [("source", "execute"), ("lite", "insert_rows")]


def test_a_table_that_is_filled_by_its_name_alone_is_seen() -> None:
    ShopHook().bulk_load("orders", "orders.tsv")

    [found] = seen()
    assert (found["kind"], found["table"], found["sql"], found["is_failed"]) == ("bulk_load", "orders", "", False)


def test_a_hook_that_was_copied_or_pickled_is_seen() -> None:
    copy.deepcopy(ShopHook()).run("SELECT 1 AS copied FROM orders")
    pickle.loads(pickle.dumps(ShopHook())).run("SELECT 1 AS pickled FROM orders")  # noqa: S301 - our own

    assert texts() == ["SELECT 1 AS copied FROM orders", "SELECT 1 AS pickled FROM orders"]


def test_a_hook_of_a_class_that_is_made_later_in_its_own_way_is_seen() -> None:
    class OwnHook(ShopHook):
        def __init__(self) -> None:
            self.sqlite_conn_id = "own"

        def get_conn(self) -> Any:
            return super().get_conn()

    OwnHook().get_conn().cursor().execute("SELECT id FROM orders")

    assert [(found["sql"], found["conn_id"]) for found in seen()] == [("SELECT id FROM orders", "own")]


def test_a_hook_whose_connection_is_a_context_works_as_ever_and_what_it_runs_is_seen() -> None:
    class ContextHook(ShopHook):
        @contextmanager
        def get_conn(self) -> Iterator[Any]:
            with closing(sqlite3.connect(PLACE.path)) as connection:
                yield connection

        def run(self, sql: str, parameters: Any = ()) -> list[Any]:
            with self.get_conn() as connection:
                cursor = connection.cursor()
                self._run_command(cursor, sql, parameters)
                return list(cursor.fetchall())

    assert ContextHook().run("SELECT id FROM orders") == [(1,)]
    assert texts() == ["SELECT id FROM orders"]


def test_a_hook_whose_way_to_connect_is_a_property_works_as_ever() -> None:
    class PropertyHook(ShopHook):
        @property
        def get_conn(self) -> Any:
            return lambda: sqlite3.connect(PLACE.path)

    assert PropertyHook().run("SELECT id FROM orders") == [(1,)]
    assert texts() == ["SELECT id FROM orders"]


def test_hooks_in_threads_are_seen() -> None:
    def work(number: int) -> None:
        ShopHook(f"thread{number}").run("SELECT id FROM orders")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {found["conn_id"] for found in seen()} == {f"thread{number}" for number in range(8)}


class Slotted:
    """A connection that nobody can follow."""

    __slots__ = ()

    def cursor(self) -> str:
        return "a cursor"


def test_a_connection_that_cannot_be_followed_works_as_ever() -> None:
    class SlottedHook(ShopHook):
        def get_conn(self) -> Any:
            return Slotted()

    assert SlottedHook().get_conn().cursor() == "a cursor"


class PlainCursor:
    """One of a driver in plain Python, which inserts many rows one by one."""

    rowcount, query_id = -1, "0a1b"

    def __init__(self) -> None:
        self.executed: list[object] = []

    def execute(self, operation: object) -> PlainCursor:
        self.executed.append(operation)
        return self

    def executemany(self, operation: str, rows: list[int]) -> None:
        for row in rows:
            self.execute(f"{operation} {row}")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("nobody compares cursors")

    __hash__ = None  # type: ignore[assignment]  # such a thing may be unhashable


class PlainConnection:
    """Its connection."""

    def cursor(self) -> PlainCursor:
        return PlainCursor()


class PlainHook(ShopHook):
    """Its hook."""

    def get_conn(self) -> Any:
        return PlainConnection()


def test_a_driver_in_plain_python_is_seen_by_what_it_was_told_and_not_by_what_it_does() -> None:
    cursor = PlainHook().get_conn().cursor()
    cursor.execute(operation="SELECT id FROM orders")
    cursor.executemany("INSERT INTO orders VALUES", [1, 2, 3])

    assert len(cursor.executed) == 4
    assert texts() == ["SELECT id FROM orders", "INSERT INTO orders VALUES"]
    assert seen()[0]["job_id"] == "0a1b"


def test_a_connection_that_nobody_holds_any_more_is_gone_at_once() -> None:
    connection = PlainHook().get_conn()
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM orders")
    left = [weakref.ref(connection), weakref.ref(cursor)]

    gc.disable()
    try:
        del connection, cursor

        assert [reference() for reference in left] == [None, None]
    finally:
        gc.enable()


class Broken:
    """A statement that cannot be read."""

    @property
    def text(self) -> str:
        raise RuntimeError(CANARY)


def test_a_failure_of_ours_costs_the_host_nothing_and_its_call_is_made_once() -> None:
    WITNESS.failures = FailureLog()
    broken = Broken()
    cursor = PlainHook().get_conn().cursor()

    assert cursor.execute(broken) is cursor

    assert cursor.executed == [broken]
    assert WITNESS.failures.counts == {"seeing a statement": 1}
    assert texts() == []


def test_between_tasks_nothing_is_seen() -> None:
    WITNESS.statements = None

    assert ShopHook().run("SELECT id FROM orders") == [(1,)]

    WITNESS.begin()
    assert texts() == []


def test_what_is_watched_twice_is_seen_once() -> None:
    Hooks(WITNESS, DRIVERS).watch(SimpleNamespace(DbApiHook=DbApiHook))
    DRIVERS.watch_sqlite(DRIVER)

    ShopHook().run("SELECT id FROM orders")

    assert [found["count"] for found in seen()] == [1]


def test_the_first_opening_of_each_connection_is_told() -> None:
    told: list[tuple[Any, str | None, Any]] = []
    witness = WITNESS
    witness._on_connection.append(lambda hook, conn_id, connection: told.append((hook, conn_id, connection)))
    hook = ShopHook()

    hook.run("SELECT id FROM orders")
    hook.run("SELECT note FROM orders")
    ShopHook("other").get_conn().close()
    witness._on_connection.clear()

    assert [(conn_id, connection.conn_type) for _, conn_id, connection in told] == [
        ("lite", "sqlite"),
        ("other", "sqlite"),
    ]
    assert told[0][0] is hook


@pytest.fixture
def engine() -> Iterator[Any]:
    """An engine of the task's own, watched alone: the class is everybody's."""
    engine = sqlalchemy.create_engine(f"sqlite:///{PLACE.path}")
    listened = SimpleNamespace(engine=SimpleNamespace(Engine=engine), event=sqlalchemy.event)
    Engines(WITNESS, DRIVERS.follow).watch(listened)
    yield engine
    engine.dispose()


def test_an_engine_of_the_tasks_own_is_seen_with_its_address(engine: Any) -> None:
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO orders (id) VALUES (:id)"), [{"id": 2}, {"id": 3}])

    [found] = seen()
    assert (found["sql"], found["rows"], found["hook"]) == ("INSERT INTO orders (id) VALUES (?)", 2, None)
    assert found["address"] is not None
    assert (found["address"]["kind"], found["address"]["host"]) == ("sqlite", PLACE.path)


def test_a_statement_that_fails_on_an_engine_says_so(engine: Any) -> None:
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.OperationalError):
        connection.execute(sqlalchemy.text("SELECT a FROM nowhere"))

    assert [found["is_failed"] for found in seen()] == [True]


def test_an_engine_that_a_hook_made_speaks_for_the_hook(engine: Any) -> None:
    hook = ShopHook()
    own = hook.get_sqlalchemy_engine()
    WITNESS.known.add(engine, WITNESS.source_of_engine(own))

    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT id FROM orders"))

    own.dispose()
    assert [found["conn_id"] for found in seen()] == ["lite"]


def test_an_engine_over_a_hooks_connection_tells_a_statement_once() -> None:
    engine = sqlalchemy.create_engine("sqlite://", creator=ShopHook().get_conn)
    Engines(WITNESS, DRIVERS.follow).watch(
        SimpleNamespace(engine=SimpleNamespace(Engine=engine), event=sqlalchemy.event)
    )

    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT id FROM orders"))

    engine.dispose()
    assert texts() == ["SELECT id FROM orders"]


class RawCursor:
    """A driver's cursor, in Python so that it can be watched."""

    rowcount = -1

    def execute(self, sql: str) -> None:
        """Run nothing."""


class RawConnection:
    """A driver's connection."""

    def cursor(self) -> RawCursor:
        return RawCursor()


class RawEngine:
    """As SQLAlchemy's, for what somebody takes from it."""

    def raw_connection(self) -> Any:
        return SimpleNamespace(dbapi_connection=RawConnection())


def test_what_runs_on_a_connection_that_was_taken_out_of_an_engine_is_seen(engine: Any) -> None:
    events = SimpleNamespace(listen=lambda *_of: None)
    Engines(WITNESS, DRIVERS.follow).watch(SimpleNamespace(engine=SimpleNamespace(Engine=RawEngine), event=events))
    own = RawEngine()
    WITNESS.known.add(own, WITNESS.source_of_engine(engine))

    own.raw_connection().dbapi_connection.cursor().execute("SELECT id FROM orders")

    assert texts() == ["SELECT id FROM orders"]


def test_the_engine_that_airflow_has_for_itself_is_not_seen(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "airflow.settings", SimpleNamespace(engine=engine))

    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sqlalchemy.text("SELECT id FROM orders"))

    assert texts() == []
