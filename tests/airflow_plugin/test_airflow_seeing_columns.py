"""Columns of the tables that a task's statements name, asked for beside the task and never in its way."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from conditions import await_that
from riverhead_airflow.seeing.columns import Columns
from riverhead_airflow.seeing.sources import source_of_hook
from riverhead_airflow.seeing.table_names import MOST_NAMES, parts_of, search_path_in, tables_in
from riverhead_emitter.guard import FailureLog

if TYPE_CHECKING:
    from pathlib import Path


class ShopHook:
    """A hook with a database of one table; `asked` remembers each look-up of a connection."""

    conn_name_attr = "conn_id"
    conn_id = "shop"

    def __init__(self, path: Path, kind: str = "sqlite") -> None:
        self.path = path
        self.asked: list[str] = []
        self.threads: list[str] = []
        self.found = SimpleNamespace(conn_type=kind, host=str(path), port=None, schema=None, extra=None)

    def get_connection(self, conn_id: str) -> Any:
        self.asked.append(conn_id)
        return self.found

    def get_conn(self) -> Any:
        self.threads.append(threading.current_thread().name)
        return sqlite3.connect(self.get_connection(self.conn_id).host)


class HangingHook(ShopHook):
    """One whose server never answers."""

    is_over = threading.Event()

    def get_conn(self) -> Any:
        self.is_over.wait(20)
        raise ConnectionError


class Seeing:
    """What tells of connections and statements."""

    def __init__(self) -> None:
        self.tell_connection: Any = None
        self.tell_statement: Any = None

    def on_connection(self, tell: Any) -> None:
        self.tell_connection = tell

    def on_statement(self, tell: Any) -> None:
        self.tell_statement = tell

    def open_unseen(self, hook: Any) -> Any:
        return hook.get_conn()

    def opens_and_says(self, hook: ShopHook, *texts: str) -> None:
        self.tell_connection(hook, "shop", hook.found)
        for text in texts:
            self.tell_statement(source_of_hook(hook, {}), text)


def asking() -> tuple[Seeing, Columns]:
    """Return what asks for one task's columns, and what it is told by."""
    seeing = Seeing()
    columns = Columns(seeing, FailureLog(is_strict=True))  # type: ignore[arg-type]  # a double
    columns.begin()
    return seeing, columns


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, note TEXT)")
        connection.execute("CREATE TABLE [my customers] (name TEXT)")
        connection.commit()
    return path


def test_columns_come_under_the_names_that_the_statements_use(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # SQLite is not asked; here it stands for a database that is.
    monkeypatch.setattr("riverhead_airflow.seeing.columns._ONE_AT_A_TIME", frozenset())
    (seeing, columns), hook = asking(), ShopHook(shop)

    seeing.opens_and_says(hook, 'SELECT * FROM Orders o JOIN main."my customers" c ON true', "DELETE FROM nowhere")

    assert columns.taken(seconds=20) == [("shop", {"Orders": ["id", "note"], 'main."my customers"': ["name"]})]
    assert hook.asked == []
    assert hook.threads == ["riverhead-columns"]


def test_a_table_that_the_task_creates_is_asked_for_again_when_it_is_named_again(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverhead_airflow.seeing.columns._ONE_AT_A_TIME", frozenset())
    (seeing, columns), hook = asking(), ShopHook(shop)

    # A statement is told of before it runs: nobody has the table yet.
    seeing.opens_and_says(hook, "CREATE TABLE copies (id INTEGER)")
    asker = columns._askers[source_of_hook(hook, {}).key]
    await_that(lambda: "copies" in asker.columns, "the first question had its answer", 20)
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("CREATE TABLE copies (id INTEGER)")
    seeing.tell_statement(source_of_hook(hook, {}), "INSERT INTO copies VALUES (1)")

    assert columns.taken(seconds=20) == [("shop", {"copies": ["id"]})]


def test_a_name_of_no_table_is_asked_for_a_few_times_only(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_airflow.seeing.columns._ONE_AT_A_TIME", frozenset())
    questions: list[str] = []
    opened = ShopHook.get_conn

    def traced(hook: ShopHook) -> Any:
        connection = opened(hook)
        connection.set_trace_callback(questions.append)
        return connection

    monkeypatch.setattr(ShopHook, "get_conn", traced)
    (seeing, columns), hook = asking(), ShopHook(shop)

    seeing.opens_and_says(hook, *["SELECT a FROM nowhere"] * 10, "SELECT id FROM orders")

    assert columns.taken(seconds=20) == [("shop", {"orders": ["id", "note"]})]
    # Each time in the temporary schema and in the stored one.
    assert sum("nowhere" in question for question in questions) == 3 * 2


def test_a_plain_name_is_asked_for_wherever_it_is_looked_for(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_airflow.seeing.columns._ONE_AT_A_TIME", frozenset())
    (seeing, columns), hook = asking(), ShopHook(shop)

    seeing.opens_and_says(hook, "SET search_path TO temp, main", "SELECT * FROM orders")

    assert columns.taken(seconds=20) == [("shop", {"main.orders": ["id", "note"]})]


@pytest.mark.parametrize(
    ("sql", "path"),
    [
        ('SET search_path TO mart, "Public"; SELECT 1', ["mart", "Public"]),
        ("BEGIN; SET LOCAL search_path = 'mart'; SET search_path = $user, sales", ["sales"]),
        ("SET search_path TO DEFAULT", []),
        ("SELECT 'search_path'", None),
    ],
)
def test_the_search_path_of_a_text_is_the_last_that_it_sets(sql: str, path: list[str] | None) -> None:
    assert search_path_in(sql) == path


def test_a_server_that_does_not_answer_delays_nobody(shop: Path) -> None:
    seeing, columns = asking()
    began = time.monotonic()

    seeing.opens_and_says(HangingHook(shop), "SELECT id FROM orders")

    assert columns.taken() == []
    assert time.monotonic() - began < 5
    HangingHook.is_over.set()


def test_a_database_that_lets_one_process_in_at_a_time_is_not_asked(shop: Path) -> None:
    (seeing, columns), hook = asking(), ShopHook(shop, kind="duckdb")

    seeing.opens_and_says(hook, "SELECT id FROM orders")

    assert columns.taken(seconds=20) == []
    assert hook.threads == []


def test_a_connection_that_nobody_knows_is_not_asked(shop: Path) -> None:
    (seeing, columns), hook = asking(), ShopHook(shop)

    seeing.tell_connection(hook, "shop", None)

    assert columns.taken(seconds=20) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO a.b (x) SELECT y FROM c JOIN `d e` USING (z)", ["a.b", "c", "`d e`"]),
        ("MERGE INTO [dbo].[t] USING s ON true", ["[dbo].[t]", "s"]),
        ("UPDATE shop.public.orders SET a = 1", ["shop.public.orders"]),
        ("COPY orders FROM STDIN", ["orders"]),
        ("SELECT a FROM (SELECT b FROM t) u", ["t"]),
        ("DROP TABLE IF EXISTS t", []),
        ("SELECT 1", []),
    ],
)
def test_tables_are_found_by_the_words_before_them(sql: str, expected: list[str]) -> None:
    assert tables_in(sql) == expected


def test_no_more_tables_than_can_be_asked_for_are_found() -> None:
    assert len(tables_in(" ".join(f"FROM t{number}" for number in range(MOST_NAMES * 2)))) == MOST_NAMES


def test_the_parts_of_a_name_say_whether_they_are_in_quotes() -> None:
    assert parts_of('a."B c".[d]') == [("a", False), ("B c", True), ("d", True)]
