"""`riverhead sql`: any SQL in, a tree or one JSON document out, and one sentence where that cannot be."""

# ruff: noqa: S608 - SQL text is what is tested; no database ever sees it

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from riverhead.command import main
from riverhead_emitter.errors import Unavailable
from riverhead_sql.verbs import sql as sql_verb

if TYPE_CHECKING:
    from pathlib import Path

COPY = "SELECT a FROM t"
TREE = ["result ← t", "└─ a  copied from t.a", ""]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Return what is printed for words that make sense."""
    assert main(["sql", *words]) == 0
    return capsys.readouterr().out.splitlines()


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["sql", *words])
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return code, said.removeprefix("riverhead: ").rstrip("\n")


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_sql_in_quotes_is_told_as_a_tree(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, COPY) == [
        *TREE,
        "1 statement, read as general SQL (found by trying; --dialect names it)",
    ]


def test_a_dialect_that_is_named_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, COPY, "--dialect", "snowflake") == [
        "result ← T",
        "└─ A  copied from T.A",
        "",
        "1 statement, read as snowflake",
    ]


@pytest.mark.parametrize(
    "content",
    [
        COPY.encode(),
        b"\xef\xbb\xbf" + COPY.encode(),
        COPY.encode("utf-16"),
        b"\xfe\xff" + COPY.encode("utf-16-be"),
    ],
)
def test_a_file_is_read_however_it_is_encoded(
    content: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "my query.sql").write_bytes(content)

    assert told(capsys, "my query.sql")[:3] == TREE


def test_bytes_that_are_no_text_cost_only_themselves(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "q").write_bytes(b'SELECT a AS "caf\xe9" FROM t')

    assert told(capsys, "q")[1] == "└─ caf\ufffd  copied from t.a"


@pytest.mark.parametrize("words", [[], ["-"]])
def test_what_is_piped_in_is_read(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, COPY.encode())

    assert told(capsys, *words)[:3] == TREE


def test_nobody_is_left_waiting_at_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, b"")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)

    assert refused(capsys) == (2, "give SQL in quotes, name a file, or pipe SQL in; see `riverhead sql --help`")


def test_a_closed_input_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    assert refused(capsys) == (2, "the standard input is closed; give SQL in quotes, or name a file")


def test_a_file_that_is_not_there_is_said_with_the_one_that_is_like_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert refused(capsys, "orders") == (2, "there is no file orders; SQL goes in quotes")
    (tmp_path / "orders.sql").write_text(COPY)
    assert refused(capsys, "order.sql") == (2, "there is no file order.sql; did you mean orders.sql?")


def test_a_folder_is_no_sql(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()

    assert refused(capsys, "queries") == (2, "cannot read queries (Is a directory)")


@pytest.mark.parametrize("text", ["", "  ", "-- only a remark\n"])
def test_a_text_without_a_statement_is_said(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, text) == (1, "there is no SQL statement in it")


def test_what_is_no_sql_is_one_sentence_that_no_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = refused(capsys, "hello \x1b[31m world\x00 and so on")

    assert code == 1
    assert said.startswith("nothing in it could be read: hello \\x1b[31m world\\x00 and so on – ")


def test_of_many_statements_that_are_none_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = refused(capsys, "hello world; good bye; and so on")

    assert code == 1
    assert said.startswith("nothing in it could be read: hello world – ")
    assert said.endswith("; nor could 2 more statements")


def test_one_statement_that_can_be_read_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, f"{COPY}; hello world; SET x = 1")

    assert shown[:3] == TREE
    assert shown[3].startswith("not resolved: hello world – ")
    assert shown[-1].startswith("3 statements, 1 of which moves no data, read as ")


def test_an_unknown_dialect_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, COPY, "--dialect", "postgre") == (2, "unknown dialect postgre; did you mean postgres?")
    code, said = refused(capsys, COPY, "--dialect", "\x1b[2J")
    assert code == 2
    assert said.startswith("unknown dialect \\x1b[2J; there are athena, bigquery, clickhouse")


@pytest.mark.parametrize(
    "content",
    [
        '{"shop.t": ["a", "b"]}',
        '{"t": {"a": "int", "b": "text"}}',
        "CREATE TABLE shop.t (a INT, b TEXT); CREATE TABLE u (z INT);",
        "table_schema,table_name,column_name\nshop,t,a\nshop,t,b\nshop,u,z\n",
        '"TABLE_NAME";"ORDINAL_POSITION";"COLUMN_NAME"\r\nt;2;b\r\nt;1;a\r\n',
    ],
)
def test_a_schema_file_says_what_a_star_stands_for(
    content: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "schema").write_text(content)

    assert told(capsys, "SELECT * FROM t", "--schema", "schema") == [
        "result ← t",
        "├─ a  copied from t.a",
        "└─ b  copied from t.b",
        "",
        "1 statement, read as general SQL (found by trying; --dialect names it)",
    ]


def test_a_short_name_that_two_tables_have_means_neither(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "schema").write_text('{"shop.t": ["a"], "mart.t": ["b"]}')

    assert told(capsys, "SELECT * FROM t", "--schema", "schema")[1] == "├─ *  all columns copied from t"
    assert told(capsys, "SELECT * FROM mart.t", "--schema", "schema")[1] == "└─ b  copied from mart.t.b"


def test_declared_names_meet_those_of_the_text_in_a_dialect_that_folds_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE raw.t (a INT)")

    shown = told(capsys, "SELECT t.*, t.a:x::int AS x FROM t", "--schema", "schema.sql")

    assert shown[1] == "├─ A  copied from T.A"
    assert "read as snowflake" in shown[-1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("SELECT 1", "nothing in schema says which columns a table has; it may be JSON as"),
        ("[1]", "nothing in schema says which columns a table has; it may be JSON as"),
        ('{"t": 1}', "the columns of t in schema are no list of names"),
        ('{"t": [1]}', "the columns of t in schema are no list of names"),
        ('{"t": ', "schema is no JSON (Expecting value"),
    ],
)
def test_a_schema_file_that_says_nothing_is_refused(
    content: str, sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "schema").write_text(content)

    code, said = refused(capsys, COPY, "--schema", "schema")

    assert code == 2
    assert said.startswith(sentence)


def test_a_schema_is_asked_for_where_one_would_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "SELECT * FROM t")[-1] == "--schema FILE says which columns tables have"


def test_json_is_one_document_of_model_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "SELECT MD5(a) AS h FROM t WHERE b = 1; SELECT * FROM u", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["statements"]

    assert first["columns"] == [
        {
            "output": {"namespace": "", "dataset": "result", "column": "h"},
            "source": {"namespace": "sql", "dataset": "t", "column": "a"},
            "kind": "TRANSFORMATION",
            "masking": True,
            "expression": "MD5(a)",
        }
    ]
    assert first["datasets"] == [
        {
            "output": {"namespace": "", "dataset": "result"},
            "source": {"namespace": "sql", "dataset": "t", "column": "b"},
            "kind": "FILTER",
            "expression": "b = 1",
        }
    ]
    assert second["inputs"] == [{"namespace": "sql", "dataset": "u", "fields": []}]
    assert second["flows"][0]["source"] == {"namespace": "sql", "dataset": "u"}
    assert second["unresolved"][0]["what"] == "* of u"


def test_json_says_what_could_not_be_read_and_so_does_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "hello \x9b world", "--json"]) == 1
    said = capsys.readouterr()

    assert "hello" in json.loads(said.out)["statements"][0]["unresolved"][0]["what"]
    assert said.out.isascii()
    assert said.err.startswith("riverhead: nothing in it could be read")


def test_colour_is_for_a_person_who_wants_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[32mcopied from\x1b[0m" in "\n".join(told(capsys, COPY))
    monkeypatch.setenv("NO_COLOR", "1")
    assert told(capsys, COPY)[:3] == TREE


def test_a_narrow_terminal_gets_narrow_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "50")

    assert max(map(len, told(capsys, f"SELECT {' + '.join('abcdefghijklmnopqrstuvwxyz')} AS x FROM t"))) == 50


def test_without_the_parser_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_texts: object, **_options: object) -> None:
        raise Unavailable("SQL lineage needs sqlglot: install it")

    monkeypatch.setattr(sql_verb, "lineage_of", missing)

    assert refused(capsys, "no.sql") == (1, "SQL lineage needs sqlglot: install it")
