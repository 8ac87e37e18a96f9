"""What hooks do at real databases is seen in a real Airflow, statement by statement."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import postgresql

pytestmark = pytest.mark.journey

TASK = Path(__file__).parent / "airflow_seeing" / "task.py"
VERSIONS = [
    pytest.param("RIVERHEAD_TEST_AIRFLOW_3_3", id="3.3"),
    pytest.param("RIVERHEAD_TEST_AIRFLOW_2_11", id="2.11", marks=pytest.mark.matrix),
]
PLUGIN = """
from airflow.plugins_manager import AirflowPlugin
from riverhead_airflow.seeing.reader import LineageReader

class Plugin(AirflowPlugin):
    name = "seeing"
    hook_lineage_readers = [LineageReader]
"""
CANARY = "canary-2f7c"


@dataclass(frozen=True)
class Seen:
    """What was seen of each part of the task."""

    data: Path
    parts: dict[str, Any]
    columns: dict[str, Any]
    output: str

    def statements(self, part: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.parts[part]["statements"]
        return found

    def told(self, part: str) -> list[tuple[str, str, int]]:
        """Of each statement its kind, its text and how often it ran."""
        return [(found["kind"], " ".join(found["sql"].split()), found["count"]) for found in self.statements(part)]


@pytest.fixture(scope="module", params=VERSIONS)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Run the task once for all tests of this module."""
    interpreter = os.environ.get(request.param)
    if not interpreter:
        pytest.skip(f"{request.param} does not name the interpreter of an Airflow; `make test` sets it")
    data, home = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("airflow")
    (home / "plugins").mkdir()
    (home / "plugins" / "seeing.py").write_text(PLUGIN, encoding="utf-8")
    with postgresql.Server() as server:
        shop = {"conn_type": "postgres", "host": "127.0.0.1", "port": server.port, "login": "owner"}
        environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__OPENLINEAGE__DISABLED": "true",
            "AIRFLOW_CONN_LITE": json.dumps({"conn_type": "sqlite", "host": str(data / "lite.db")}),
            "AIRFLOW_CONN_DUCK": json.dumps({"conn_type": "duckdb", "host": str(data / "duck.db")}),
            "AIRFLOW_CONN_SHOP": json.dumps({**shop, "password": server.password, "schema": "postgres"}),
            "SEEING_DATA": str(data),
        }
        done = subprocess.run(
            [interpreter, str(TASK)], env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr[-5_000:]
        answers = [line.removeprefix("ANSWER") for line in done.stdout.splitlines() if line.startswith("ANSWER")]
        assert not any(server.password in answer for answer in answers)
    parts = [json.loads(answer) for answer in answers]
    return Seen(
        data,
        {name: found for name, found, _ in parts},
        {name: dict(columns) for name, _, columns in parts},
        "\n".join(answers),
    )


def test_what_a_hook_runs_by_itself_and_by_its_connection_is_seen_once(seen: Seen) -> None:
    assert seen.told("sqlite_hook") == [
        ("execute", "CREATE TABLE orders (id INTEGER, note TEXT)", 1),
        ("execute", "INSERT INTO orders VALUES (1, 'x')", 1),
        ("execute", "SELECT id FROM orders WHERE note = ?", 1),
        ("execute", "SELECT count(*) FROM orders", 1),
        ("insert_rows", "INSERT INTO orders (id, note) VALUES (?,?)", 501),
        ("execute", "SELECT note FROM orders", 1),
        ("execute", "UPDATE orders SET note = ? WHERE id = ?", 1),
        ("execute", "DELETE FROM orders WHERE id = 3", 1),
        ("execute", "SELECT a FROM nowhere", 1),
    ]
    assert [found["is_failed"] for found in seen.statements("sqlite_hook")] == [False] * 8 + [True]
    assert {found["address"]["host"] for found in seen.statements("sqlite_hook")} == {str(seen.data / "lite.db")}


def test_engines_are_seen_with_where_they_lead(seen: Seen) -> None:
    found = seen.statements("engines")

    assert [text for _, text, _ in seen.told("engines")] == [
        "SELECT id, note FROM orders",
        "SELECT id FROM orders",
        "CREATE TABLE copies (id INTEGER)",
        "INSERT INTO copies VALUES (?)",
    ]
    assert [statement["conn_id"] for statement in found] == ["lite", "lite", None, None]
    assert [Path(statement["address"]["host"]).name for statement in found] == [
        "lite.db",
        "lite.db",
        "own.db",
        "own.db",
    ]


def test_a_driver_that_is_not_written_in_python_is_seen(seen: Seen) -> None:
    assert [text for _, text, _ in seen.told("duckdb_hook")] == [
        "CREATE TABLE orders (id INTEGER)",
        "INSERT INTO orders VALUES (1)",
        "SELECT id FROM orders",
    ]


def test_hooks_that_were_copied_pickled_or_made_in_a_thread_are_seen(seen: Seen) -> None:
    assert [text for _, text, _ in seen.told("copied_hooks")] == [
        "SELECT 1 FROM orders",
        "SELECT 2 FROM orders",
        "SELECT 3 FROM orders",
        "SELECT 4 FROM orders",
    ]


def test_what_a_forked_process_does_is_not_seen_here(seen: Seen) -> None:
    assert seen.told("forked") == []


def test_what_hooks_tell_airflows_collector_is_taken(seen: Seen) -> None:
    assets = seen.parts["assets"]["assets"]

    assert [(asset["uri"], asset["count"]) for asset in assets["inputs"]] == [("s3://lake/orders", 1)]
    assert [(asset["uri"], asset["extra"]) for asset in assets["outputs"]] == [("file:///lake/out", {"rows": "7"})]
    assert {asset["hook"] for asset in assets["inputs"]} == {"airflow.providers.sqlite.hooks.sqlite.SqliteHook"}
    assert seen.parts["engines"]["assets"] == {"inputs": [], "outputs": []}


def test_a_statement_that_only_a_hook_told_of_is_taken_beside_those_that_were_seen(seen: Seen) -> None:
    by_text = {found["sql"]: found for found in seen.statements("assets")}

    assert set(by_text) == {"SELECT 6 FROM orders", "INSERT INTO a SELECT b FROM c"}
    assert by_text["INSERT INTO a SELECT b FROM c"]["job_id"] == "01ab"
    assert by_text["INSERT INTO a SELECT b FROM c"]["rows"] == 5


def test_every_way_of_the_hook_of_postgresql_is_seen_once(seen: Seen) -> None:
    assert seen.told("postgres_hook") == [
        ("execute", "CREATE TABLE orders (id INTEGER, note TEXT)", 1),
        ("insert_rows", "INSERT INTO orders (id, note) VALUES (%s,%s)", 1),
        ("bulk_dump", "COPY orders TO STDOUT", 1),
        ("bulk_load", "COPY orders FROM STDIN", 1),
        ("copy_expert", "COPY (SELECT id FROM orders) TO STDOUT", 1),
        ("execute", "SELECT note FROM orders", 1),
        ("execute", "SELECT id FROM orders WHERE note = %s", 1),
        ("execute", "DELETE FROM orders WHERE id = 2", 1),
        ("execute", "DELETE FROM orders WHERE id = 3", 1),
    ]
    addresses = {
        (found["conn_id"], found["address"]["kind"], found["address"]["name"])
        for found in seen.statements("postgres_hook")
    }
    assert addresses == {("shop", "postgres", "postgres")}


def test_psycopg2s_cursors_of_any_class_are_seen_without_the_values_in_their_statements(seen: Seen) -> None:
    assert seen.told("psycopg2_cursors") == [
        ("execute", "INSERT INTO orders (id) VALUES (%s)", 1),
        ("execute", "INSERT INTO orders (id, note) VALUES (0,'***')", 10),
        ("execute", "SELECT note FROM orders", 1),
        ("copy", 'COPY "orders" ("id", "note") FROM STDIN', 1),
        ("execute", "SELECT id FROM \"orders\" WHERE note = '***'", 1),
    ]
    assert CANARY not in seen.output


def test_the_columns_of_the_tables_that_a_task_names_are_asked_for_beside_it(seen: Seen) -> None:
    assert seen.columns["postgres_hook"] == {"shop": {"orders": ["id", "note"]}}
    # Two may not always use their files at once.
    assert "lite" not in seen.columns["engines"]
    assert seen.columns["duckdb_hook"] == {}
