"""Text of any kind gets an answer: never an exception, never a hang, never a word in the host's log."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverhead_emitter.naming import Database
from riverhead_sql import SqlLineage, lineage_of
from riverhead_sql.deadline import Deadline, DeadlinePassed
from riverhead_sql.scripts import answer

if TYPE_CHECKING:
    from riverhead_emitter.model import Lineage

POSTGRES = Database("db", "postgres")
_WORDS = (
    "SELECT FROM WHERE INSERT INTO CREATE TABLE TEMP VIEW AS WITH RECURSIVE UNION ALL EXCEPT JOIN LEFT NATURAL USING "
    "ON GROUP BY HAVING ORDER QUALIFY WINDOW OVER PARTITION CASE WHEN THEN ELSE END COPY TO MERGE MATCHED UPDATE SET "
    "DELETE VALUES LATERAL UNNEST PIVOT FOR IN EXISTS NOT NULL DISTINCT LIMIT USE DROP ( ) ( ) , , . ; * = + a b c t "
    "u x.y t.* SUM(a) md5(b) 'f.parquet' \"Q\" 1 2 $1 :p {{x}} @s"
)
_sql_like = st.lists(st.sampled_from(_WORDS.split()), max_size=30).map(" ".join)
_dialects = st.sampled_from(["duckdb", "postgres", "snowflake", "bigquery", "tsql", "hive", "klingon", ""])
_fuzzing = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told_without_time_for_columns(sql: str) -> Lineage:
    ticks = iter([0.0])
    deadline = Deadline(1.0, clock=lambda: next(ticks, 1.5), glance=itertools.count(step=10.0).__next__)
    ((lineage,), _) = answer([sql], "postgres", POSTGRES, deadline=deadline)
    return lineage


def reasons(answer: SqlLineage) -> list[str]:
    return [f"{reason.what}: {reason.why}" for reason in answer.merged.unresolved]


@_fuzzing
@given(sql=_sql_like, dialect=_dialects)
def test_words_of_sql_in_any_order_get_an_answer(sql: str, dialect: str) -> None:
    started = time.process_time()

    lineage_of(sql, default=Database("db", dialect))

    assert time.process_time() - started < 2


@_fuzzing
@given(sql=st.text(max_size=200), dialect=_dialects)
def test_any_text_gets_an_answer(sql: str, dialect: str) -> None:
    lineage_of(sql, default=Database("db", dialect))


@_fuzzing
@given(
    prefix=st.sampled_from(["INSERT INTO o ", "CREATE TABLE o AS ", "COPY (", ""]),
    cut=st.integers(min_value=0, max_value=140),
    noise=_sql_like,
)
def test_half_a_statement_gets_an_answer(prefix: str, cut: int, noise: str) -> None:
    whole = (
        "WITH c AS (SELECT a, SUM(b) AS s FROM t LEFT JOIN u USING (i) WHERE z IN (SELECT q FROM v) GROUP BY a) "
        "SELECT * FROM c ORDER BY s"
    )

    lineage_of(prefix + whole[:cut] + noise + whole[cut:], default=POSTGRES)


@pytest.mark.fault
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 10_000 + "a" + ")" * 10_000,
        "SELECT " + "NOT " * 20_000 + "a",
        "SELECT a FROM " + "(SELECT a FROM " * 10_000 + "t" + ")" * 10_000,
        "SELECT 1 FROM a" + " JOIN a" * 20_000,
        "SELECT CAST(a AS " + "ARRAY<" * 40_000 + "INT" + ">" * 40_000 + ")",
        "x" * 6_000_000,
        "\x00\x01\xff",
        "SELECT 'open",
        "THIS IS NOT SQL",
    ],
    ids=["parentheses", "nots", "subqueries", "joins", "types", "size", "binary", "quote", "prose"],
)
def test_hostile_text_is_answered_with_a_named_reason_in_time(sql: str) -> None:
    started = time.process_time()

    answer = lineage_of(sql, default=POSTGRES)

    assert reasons(answer)
    assert time.process_time() - started < 2


@pytest.mark.fault
@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT a FROM t" + " JOIN u" * 30, "mysql"),
        ("SELECT a FROM t " + "LEFT JOIN NULL " * 60, "mysql"),
        ("SELECT " + "NULL JSON_OBJECT(" * 60, "oracle"),
        ("SELECT a " + "= IF [1]" * 60, "tsql"),
        ("FROM " * 60_000, "duckdb"),
        ("SELECT a FROM " + ", ".join(["t"] * 20_000), "postgres"),
        ("SELECT a" + "::int" * 60_000 + " FROM t", "postgres"),
        ("{{" * 400_000, "postgres"),
        ("SELECT a FROM IDENTIFIER(" + " " * 900_000, "snowflake"),
        ("BEGIN " * 160_000, "postgres"),
        ("IF a THEN " * 60_000, "postgres"),
        ("LATERAL x " * 30_000, "hive"),
        (f"UNLOAD ('SELECT a FROM t{' JOIN u' * 30}') TO 's3://b/x'", "redshift"),
        (f"INSERT INTO o EXEC ('SELECT a FROM t{' JOIN u' * 30}')", "tsql"),
        (f"INSERT INTO o EXEC ('SELECT a {'= IF [1]' * 60}')", "tsql"),
        (f"ALTER VIEW v AS SELECT a FROM t{' JOIN u' * 30}", "hive"),
        (f"REPLACE INTO o SELECT a FROM t{' JOIN u' * 30}", "mysql"),
        (f"SELECT a INTO OUTFILE '/x' FROM t{' JOIN u' * 30}", "mysql"),
    ],
    ids=[
        *(
            "joins",
            "nulls",
            "objects",
            "ifs",
            "froms",
            "commas",
            "casts",
            "holes",
            "spaces",
            "begins",
            "thens",
            "views",
        ),
        *("unloaded", "run", "run_ifs", "altered", "replaced", "into_file"),
    ],
)
def test_a_text_that_once_hung_or_crashed_is_answered_with_a_reason(sql: str, dialect: str) -> None:
    assert reasons(lineage_of(sql, default=Database("db", dialect)))


def test_a_text_that_the_parser_would_take_forever_costs_only_itself() -> None:
    forever = "SELECT " + "STRUCT (a," * 60

    answer = lineage_of(
        f"INSERT INTO o SELECT a FROM t; {forever}; INSERT INTO p SELECT b FROM u",
        default=Database("db", "bigquery"),
        deadline_seconds=0.5,
    )

    assert {touched.dataset.name for touched in answer.merged.outputs} == {"o", "p"}
    assert any("SELECT STRUCT" in reason for reason in reasons(answer))


@pytest.mark.fault
@pytest.mark.parametrize("word", ["BEGIN INSERT INTO o SELECT a FROM t; END;", "CALL x();"])
def test_of_thousands_of_blocks_and_calls_each_is_read_once(word: str) -> None:
    answer = lineage_of(word * 2_000, default=Database("db", "bigquery"), deadline_seconds=60)

    assert len(answer.statements) == 2_000


def test_a_star_over_a_union_of_stars_is_asked_once() -> None:
    steps = "".join(
        f", c{number} AS (SELECT * FROM c{number - 1} UNION SELECT * FROM c{number - 1})" for number in range(1, 40)
    )

    lineage = lineage_of(
        f"INSERT INTO o WITH c0 AS (SELECT * FROM t){steps} SELECT a FROM c39", default=POSTGRES
    ).merged

    assert [touched.dataset.name for touched in lineage.inputs] == ["t"]
    assert {edge.source.name for edge in lineage.columns} == {"a"}


def test_of_a_text_that_is_too_long_the_beginning_is_read() -> None:
    answer = lineage_of("INSERT INTO o SELECT a FROM t;" + "-- note\n" * 200_000, default=POSTGRES)

    assert [touched.dataset.name for touched in answer.merged.outputs] == ["o"]
    assert reasons(answer) == ["the rest of the text: the text has more than 1,000,000 characters"]


@pytest.mark.fault
@pytest.mark.parametrize(
    "condition",
    [
        " OR ".join(f"(x = {n} AND y = {n})" for n in range(2000)),
        "x IN (" + ", ".join(str(n) for n in range(20_000)) + ")",
    ],
    ids=["or", "in"],
)
def test_a_huge_condition_keeps_its_columns(condition: str) -> None:
    lineage = lineage_of(f"INSERT INTO o SELECT a FROM t WHERE {condition}", default=POSTGRES).merged

    assert [edge.source.name for edge in lineage.columns] == ["a"]
    assert {edge.source.name for edge in lineage.datasets} <= {"x", "y"}
    assert lineage.datasets


@pytest.mark.fault
def test_a_bulk_insert_of_literal_rows_keeps_its_target() -> None:
    rows = ", ".join(["(1, 'x')"] * 60_000)

    lineage = lineage_of(f"INSERT INTO o (a, b) VALUES {rows}", default=POSTGRES).merged

    assert [touched.dataset.name for touched in lineage.outputs] == ["o"]
    assert lineage.unresolved == ()


def test_a_diamond_of_ctes_is_walked_once() -> None:
    steps = "".join(
        f", c{n} AS (SELECT x.a + y.b AS a, x.b + y.a AS b FROM c{n - 1} x JOIN c{n - 1} y ON x.a = y.a)"
        for n in range(1, 30)
    )
    started = time.process_time()

    answer = lineage_of(f"INSERT INTO o WITH c0 AS (SELECT a, b FROM t){steps} SELECT a FROM c29", default=POSTGRES)

    assert {edge.source.name for edge in answer.merged.columns} == {"a", "b"}
    assert time.process_time() - started < 1


def test_a_long_chain_of_ctes_is_followed_to_its_end() -> None:
    steps = "".join(f", c{n} AS (SELECT a FROM c{n - 1})" for n in range(1, 500))

    answer = lineage_of(f"INSERT INTO o WITH c0 AS (SELECT a FROM t){steps} SELECT a FROM c499", default=POSTGRES)

    assert [edge.source.dataset.name for edge in answer.merged.columns] == ["t"]


def test_a_statement_that_cannot_be_parsed_costs_only_itself() -> None:
    answer = lineage_of("THIS IS NOT SQL; INSERT INTO o SELECT a FROM t; SELECT FROM WHERE", default=POSTGRES)

    assert [touched.dataset.name for touched in answer.merged.outputs] == ["o"]
    assert len(reasons(answer)) == 2


def test_a_statement_kind_that_is_not_followed_is_named() -> None:
    assert reasons(lineage_of("CALL refresh('secret')", default=POSTGRES)) == [
        "CALL refresh('…'): what it does is not known: it is not written in this text"
    ]


def test_an_unknown_dialect_is_read_as_general_sql_and_named() -> None:
    answer = lineage_of("INSERT INTO o SELECT a FROM t", default=Database("db", "klingon"))

    assert [touched.dataset.name for touched in answer.merged.outputs] == ["o"]
    assert "dialect klingon" in reasons(answer)[0]


def test_no_literal_of_a_failed_statement_gets_into_its_reason() -> None:
    answer = lineage_of("CREATE USER x PASSWORD 'hunter2' BOGUS (; SELECT 'hunter2", default=POSTGRES)

    assert "hunter2" not in str(answer)


def test_when_the_time_for_columns_is_over_datasets_are_still_answered() -> None:
    lineage = told_without_time_for_columns(
        "INSERT INTO o WITH c AS (SELECT a FROM t) SELECT a FROM c JOIN u ON c.a = u.a"
    )

    assert [touched.dataset.name for touched in lineage.inputs] == ["u", "t"]
    assert [touched.dataset.name for touched in lineage.outputs] == ["o"]
    assert lineage.columns == ()
    assert [reason.why for reason in lineage.unresolved] == ["the time for columns was over"]


def test_when_the_time_for_columns_is_over_a_write_inside_a_cte_is_still_an_output() -> None:
    lineage = told_without_time_for_columns("WITH c AS (DELETE FROM t RETURNING a) INSERT INTO o SELECT c.a FROM c, u")

    assert [touched.dataset.name for touched in lineage.inputs] == ["u"]
    assert [touched.dataset.name for touched in lineage.outputs] == ["o", "t"]


@pytest.mark.fault
def test_of_thousands_of_writes_inside_ctes_none_is_traced_past_the_deadline() -> None:
    writes = ", ".join(f"c{number} AS (DELETE FROM t{number} RETURNING a)" for number in range(5_000))
    started = time.process_time()

    lineage = told_without_time_for_columns(f"WITH {writes} INSERT INTO o SELECT a FROM c1")

    assert time.process_time() - started < 10
    assert len(lineage.outputs) == 5_001


def test_when_no_time_is_left_at_all_each_statement_is_named() -> None:
    answer = lineage_of("INSERT INTO o SELECT a FROM t; DROP TABLE x", default=POSTGRES, deadline_seconds=-1)

    assert [reason.why for reason in answer.merged.unresolved] == ["the time for this text was over"] * 2


def test_past_the_deadline_columns_are_given_up_and_then_everything() -> None:
    now = [0.0]
    deadline = Deadline(1.0, clock=lambda: now[0], glance=lambda: now[0])

    deadline.check()
    now[0] = 1.5
    with pytest.raises(DeadlinePassed):
        deadline.check()
    assert not deadline.is_exhausted
    now[0] = 2.5
    assert deadline.is_exhausted


def test_who_has_to_wait_for_a_processor_is_answered_like_anybody() -> None:
    now = [0.0]
    deadline = Deadline(1.0, clock=lambda: 0.5, glance=lambda: now[0])

    now[0] = 3_600.0

    deadline.check()
    assert not deadline.is_exhausted


def test_the_parser_says_nothing_in_the_host_s_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        lineage_of("CALL x(); VACUUM t; SELECT 1; ALTER SESSION SET x = 1", default=POSTGRES)

    assert caplog.records == []


def test_without_sqlglot_the_room_imports_and_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['sqlglot'] = None\n"
        "from riverhead_emitter.naming import Database\n"
        "from riverhead_sql import lineage_of\n"
        "try: lineage_of('SELECT 1', default=Database('db', 'duckdb'))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert (
        finished.stdout.strip()
        == "Unavailable SQL lineage needs sqlglot: pip install '.[sql]' in a checkout of Riverhead"
    )
