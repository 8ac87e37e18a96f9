"""What authors do with hooks and engines, in a plain process of a real Airflow; prints what was seen of each part."""

from __future__ import annotations

import copy
import io
import json
import multiprocessing
import os
import pickle
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_airflow.host import this_host
from riverhead_airflow.seeing.columns import Columns
from riverhead_airflow.seeing.watching import watch
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(os.environ["SEEING_DATA"])
SEEN = watch(REDACTION, FailureLog(is_strict=True), this_host().lineage_collector)


def sqlite_hook() -> None:
    """Run, fetch, insert, and use connections and cursors."""
    from airflow.providers.sqlite.hooks.sqlite import SqliteHook

    hook = SqliteHook("lite")
    hook.run(["CREATE TABLE orders (id INTEGER, note TEXT)", "INSERT INTO orders VALUES (1, 'x')"])
    hook.get_records("SELECT id FROM orders WHERE note = ?", parameters=("x",))
    hook.get_first("SELECT count(*) FROM orders")
    hook.insert_rows("orders", [(number, "r") for number in range(500)], target_fields=["id", "note"])
    hook.insert_rows("orders", [(number, "r") for number in range(500)], target_fields=["id", "note"], executemany=True)
    connection = hook.get_conn()
    assert isinstance(connection, sqlite3.Connection)
    cursor = connection.cursor()
    cursor.execute("SELECT note FROM orders")
    cursor.executemany("UPDATE orders SET note = ? WHERE id = ?", [("y", 1), ("z", 2)])
    connection.execute("DELETE FROM orders WHERE id = 3")
    connection.commit()
    connection.close()
    with suppress(sqlite3.OperationalError):
        hook.run("SELECT a FROM nowhere")


def engines() -> None:
    """Read by a data frame, by a hook's engine and by an engine of the task's own."""
    import sqlalchemy
    from airflow.providers.sqlite.hooks.sqlite import SqliteHook

    hook = SqliteHook("lite")
    hook.get_pandas_df("SELECT id, note FROM orders")
    engine = hook.get_sqlalchemy_engine()
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT id FROM orders"))
    own = sqlalchemy.create_engine(f"sqlite:///{DATA / 'own.db'}")
    with own.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE copies (id INTEGER)"))
        connection.execute(sqlalchemy.text("INSERT INTO copies VALUES (:id)"), [{"id": 1}, {"id": 2}])


def duckdb_hook() -> None:
    """Use a driver written in C++."""
    from duckdb_provider.hooks.duckdb_hook import DuckDBHook

    hook = DuckDBHook("duck")
    hook.run("CREATE TABLE orders (id INTEGER)")
    hook.get_conn().execute("INSERT INTO orders VALUES (1)")
    hook.get_conn().cursor().execute("SELECT id FROM orders")


def copied_hooks() -> None:
    """Use hooks that were copied, pickled, made elsewhere, or in a thread."""
    from airflow.providers.sqlite.hooks.sqlite import SqliteHook

    class OwnHook(SqliteHook):  # type: ignore[misc]  # Airflow is never installed beside the type checker
        def __init__(self) -> None:
            self.sqlite_conn_id = "lite"
            self._connection = None

        def get_conn(self) -> Any:
            return super().get_conn()

    copy.deepcopy(SqliteHook("lite")).run("SELECT 1 FROM orders")
    pickle.loads(pickle.dumps(SqliteHook("lite"))).run("SELECT 2 FROM orders")  # noqa: S301 - our own
    OwnHook().get_conn().cursor().execute("SELECT 3 FROM orders")
    thread = threading.Thread(target=lambda: SqliteHook("lite").run("SELECT 4 FROM orders"))
    thread.start()
    thread.join()


def forked() -> None:
    """See in a forked process what is done there, once; here nothing of it."""
    process = multiprocessing.get_context("fork").Process(target=_forked)
    process.start()
    process.join()
    assert process.exitcode == 0


def _forked() -> None:
    from airflow.providers.sqlite.hooks.sqlite import SqliteHook

    assert watch(REDACTION, FailureLog(is_strict=True), lambda: None) is SEEN
    SEEN.begin()
    SqliteHook("lite").run("SELECT 5 FROM orders")
    assert [found["count"] for found in SEEN.taken()["statements"]] == [1]


def assets() -> None:
    """Tell Airflow's collector, and run what only the hook tells of."""
    from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector
    from airflow.providers.common.sql.hooks.lineage import send_sql_hook_lineage
    from airflow.providers.sqlite.hooks.sqlite import SqliteHook

    hook = SqliteHook("lite")
    collector = get_hook_lineage_collector()
    collector.add_input_asset(hook, uri="s3://lake/orders")
    collector.add_output_asset(hook, uri="file:///lake/out", asset_extra={"rows": 7})
    send_sql_hook_lineage(context=hook, sql="INSERT INTO a SELECT b FROM c", job_id="01ab", row_count=5)
    hook.run("SELECT 6 FROM orders")


def postgres_hook() -> None:
    """Use PostgresHook by each of its ways."""
    import sqlalchemy
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    hook = PostgresHook("shop")
    hook.run("CREATE TABLE orders (id INTEGER, note TEXT)")
    hook.insert_rows("orders", [(1, "x"), (2, "y")], target_fields=["id", "note"])
    hook.bulk_dump("orders", str(DATA / "orders.tsv"))
    hook.bulk_load("orders", str(DATA / "orders.tsv"))
    hook.copy_expert("COPY (SELECT id FROM orders) TO STDOUT", str(DATA / "ids.tsv"))
    hook.get_pandas_df("SELECT note FROM orders")
    with hook.get_conn() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders WHERE note = %s", ("x",))
    with hook.get_sqlalchemy_engine().begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM orders WHERE id = 2"))
    raw = hook.get_sqlalchemy_engine().raw_connection()
    raw.cursor().execute("DELETE FROM orders WHERE id = 3")
    raw.close()


def psycopg2_cursors() -> None:
    """Use psycopg2 by cursors of several classes, and with values that it puts into its statements."""
    import psycopg2
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from psycopg2 import extras, sql

    class OldHook(PostgresHook):  # type: ignore[misc]  # Airflow is never installed beside the type checker
        def get_conn(self) -> Any:
            found = self.connection
            return psycopg2.connect(
                host=found.host, port=found.port, user=found.login, password=found.password, dbname=found.schema
            )

    connection = OldHook("shop").get_conn()
    cursor = connection.cursor()
    assert isinstance(cursor, psycopg2.extensions.cursor)
    cursor.executemany("INSERT INTO orders (id) VALUES (%s)", [(1,), (2,)])
    extras.execute_values(
        cursor, "INSERT INTO orders (id, note) VALUES %s", [(number, "canary-2f7c, (x") for number in range(1_000)]
    )
    connection.cursor(cursor_factory=extras.RealDictCursor).execute("SELECT note FROM orders")
    cursor.copy_from(io.StringIO("7\tz\n"), "orders", columns=("id", "note"))
    cursor.execute(
        sql.SQL("SELECT id FROM {} WHERE note = {}").format(sql.Identifier("orders"), sql.Literal("canary-2f7c"))
    )
    connection.commit()
    connection.close()


PARTS: list[Callable[[], None]] = [sqlite_hook, engines, duckdb_hook, copied_hooks, forked, assets]
PARTS += [postgres_hook, psycopg2_cursors] if os.environ.get("AIRFLOW_CONN_SHOP") else []

COLUMNS = Columns(SEEN, FailureLog(is_strict=True))

for part in PARTS:
    SEEN.begin()
    COLUMNS.begin()
    part()
    found = COLUMNS.taken(seconds=20)
    print("ANSWER" + json.dumps([part.__name__, SEEN.taken(), found]), flush=True)  # noqa: T201 - that is what it is for
