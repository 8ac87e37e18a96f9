"""What is kept of a task's statements: each once, in order, bounded, and without secrets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from riverhead_airflow.seeing.session_talk import serves_only_the_session
from riverhead_airflow.seeing.sources import Source
from riverhead_airflow.seeing.statements import MOST_STATEMENTS, Statements
from riverhead_airflow.seeing.wording import worded
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from riverhead_airflow.seeing.statements import Key
    from riverhead_airflow.snapshot import Sighting

CANARY = "canary-2f7c"
SHOP = Source("shop", conn_id="shop", hook="a.Hook")
OTHER = Source("other", conn_id="other", hook="a.Hook")


def told(*texts: str, source: Source = SHOP) -> Statements:
    statements = Statements()
    before: Key | None = None
    for text in texts:
        statement = statements.told(source, "execute", text, before)
        if statement is not None:
            before = statement.key
            statement.succeeds()
    return statements


def many(number: int) -> list[str]:
    return [f"DROP TABLE t{place}" for place in range(number)]


def sightings(statements: Statements) -> list[Sighting]:
    return statements.sightings(REDACTION, FailureLog(is_strict=True))


def texts_and_counts(statements: Statements) -> list[tuple[str, int]]:
    return [(found["sql"], found["count"]) for found in sightings(statements)]


def test_a_statement_that_is_repeated_is_told_once_with_its_count() -> None:
    assert texts_and_counts(told(*["INSERT INTO a VALUES (?)"] * 1_000)) == [("INSERT INTO a VALUES (?)", 1_000)]


def test_a_loop_over_days_is_told_as_its_statements_and_not_as_its_days() -> None:
    found = texts_and_counts(told(*["DELETE FROM a WHERE day = ?", "INSERT INTO a SELECT * FROM b"] * 300))

    assert len(found) == 3
    assert sum(count for _, count in found) == 600


def test_a_statement_that_means_something_else_by_now_is_told_again() -> None:
    fill = "INSERT INTO x SELECT * FROM t"

    found = texts_and_counts(told("CREATE TEMP TABLE t AS SELECT * FROM a", fill, "DROP TABLE t") ) + texts_and_counts(
        told(
            "CREATE TEMP TABLE t AS SELECT * FROM a", fill, "DROP TABLE t",
            "CREATE TEMP TABLE t AS SELECT * FROM b", fill, "DROP TABLE t",
        )
    )  # fmt: skip

    assert [text for text, _ in found].count(fill) == 3


def test_the_same_text_on_two_connections_is_two_statements() -> None:
    statements = told("SELECT a FROM t")
    statements.told(OTHER, "execute", "SELECT a FROM t", None)

    assert [found["conn_id"] for found in sightings(statements)] == ["shop", "other"]


def test_what_there_is_no_room_for_is_counted() -> None:
    statements = told(*many(MOST_STATEMENTS + 7))

    assert len(sightings(statements)) == MOST_STATEMENTS
    assert statements.left_out == 7


def test_a_repeated_statement_is_counted_when_there_is_no_more_room_too() -> None:
    texts = many(MOST_STATEMENTS)

    statements = told(*texts, texts[0])

    assert sightings(statements)[0]["count"] == 2
    assert statements.left_out == 0


def test_a_huge_statement_is_cut_and_says_so_and_takes_the_room_of_those_behind_it() -> None:
    statements = told("SELECT " + "a, " * 200_000 + "b FROM t", "SELECT c FROM u")

    [found] = sightings(statements)
    assert found["is_cut"]
    assert len(found["sql"]) == 256 << 10
    assert statements.left_out == 1


def test_a_secret_that_the_cut_goes_through_is_not_told() -> None:
    room = 256 << 10
    text = "SELECT " + "a, " * (room // 3 - 9)
    text += f"b FROM t WHERE password = '{CANARY * 20}'"
    text += " " * room

    [found] = sightings(told(text))

    assert found["is_cut"]
    assert "canary" not in found["sql"]


def test_a_secret_in_a_statement_is_hidden() -> None:
    [found] = sightings(told(f"CREATE USER me IDENTIFIED BY '{CANARY}'"))

    assert CANARY not in found["sql"]
    assert found["sql"].startswith("CREATE USER me")


def test_a_statement_failed_where_no_run_of_it_came_to_its_end() -> None:
    statements = Statements()
    failed = statements.told(SHOP, "execute", "SELECT a FROM t", None)
    at_last = statements.told(SHOP, "execute", "SELECT b FROM t", None)
    assert failed is not None
    assert at_last is not None
    statements.told(SHOP, "execute", "SELECT b FROM t", at_last.key)
    at_last.succeeds(rows=3, job_id="01ab")

    assert [(found["is_failed"], found["rows"], found["job_id"]) for found in sightings(statements)] == [
        (True, None, None),
        (False, 3, "01ab"),
    ]


def test_a_connection_that_cannot_be_read_costs_the_statements_on_it_alone() -> None:
    broken = Source("broken", conn_id="broken", connection=SimpleNamespace(), said={})
    statements = told("SELECT a FROM t")
    statements.told(broken, "execute", "SELECT b FROM u", None)
    failures = FailureLog()

    found = statements.sightings(REDACTION, failures)

    assert [sighting["sql"] for sighting in found] == ["SELECT a FROM t", "SELECT b FROM u"]
    assert found[1]["address"] is None
    assert failures.counts


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN",
        " begin transaction ;",
        "COMMIT;",
        "ROLLBACK TO SAVEPOINT a",
        "select 1",
        "SELECT 1 FROM dual;",
        "SHOW standard_conforming_strings",
        "show transaction isolation level",
        "SET NAMES utf8mb4",
        "SET statement_timeout = 5",
        "SET SESSION TIME ZONE 'UTC'",
        "select pg_catalog.version()",
        "SELECT current_schema()",
        "PRAGMA main.table_info('t')",
        "SELECT CAST('test plain returns' AS VARCHAR(60)) AS anon_1",
        "SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON true",
        "SELECT name FROM sqlite_master WHERE type = 'table'",
        "SELECT a.attname FROM pg_class t join pg_index ix on t.oid = ix.indrelid join pg_attribute a on true",
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders'",
    ],
)
def test_what_only_serves_a_session_is_not_told(text: str) -> None:
    assert serves_only_the_session(text)
    assert sightings(told(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN INSERT INTO a SELECT * FROM b; END",
        "BEGIN; INSERT INTO a SELECT * FROM b; COMMIT",
        "SET search_path TO sales",
        "USE shop",
        "SET @total = (SELECT sum(amount) FROM orders)",
        "SELECT 1 FROM orders",
        "INSERT INTO columns_seen SELECT column_name FROM information_schema.columns",
        "SELECT o.id FROM orders o JOIN information_schema.tables t ON o.name = t.table_name",
        "SELECT 'pg_catalog' FROM orders",
        "SELECT o.id FROM orders o JOIN pg_class c ON c.relname = o.name",
        "SELECT id FROM pg_orders",
        "COMMENT ON TABLE a IS 'pg_catalog'",
    ],
)
def test_what_moves_data_or_changes_what_names_mean_is_told(text: str) -> None:
    assert not serves_only_the_session(text)


def test_a_hostile_statement_is_judged_at_once() -> None:
    assert not serves_only_the_session("show " + " " * 7_900 + ";x")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"INSERT INTO t (a, b) VALUES (1,'canary'),(2,'x'),(3,'y')", "INSERT INTO t (a, b) VALUES (0,'***')"),
        (b"UPDATE t SET a=1;UPDATE t SET a=2;UPDATE t SET a='c;d'", "UPDATE t SET a=0;UPDATE t SET a='***'"),
        (SimpleNamespace(as_string=lambda _cursor: "SELECT \"a1\" FROM t2 WHERE b = 'canary'"),
         "SELECT \"a1\" FROM t2 WHERE b = '***'"),
        (SimpleNamespace(text="SELECT a FROM t"), "SELECT a FROM t"),
        (7, None),
        (None, None),
    ],
)  # fmt: skip
def test_values_that_a_driver_has_put_into_a_statement_are_taken_out(said: object, expected: str | None) -> None:
    assert worded(said, object()) == expected
