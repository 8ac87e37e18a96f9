"""Every example that people copy, run once by a real scheduler: how it ends, and what it said."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_cluster
import hosts
import postgresql
import told_examples

if TYPE_CHECKING:
    from collections.abc import Callable

# Both majors with all examples take minutes; `make test` has the other stories of the newer one.
pytestmark = [pytest.mark.journey, pytest.mark.matrix]

EXAMPLES = Path(__file__).resolve().parents[2] / "dags_examples"
SITUATIONS = [
    pytest.param("3.3", id="3.3"),
    pytest.param("2.11", id="2.11"),
]
# What another DAG or an asset starts.
STARTED_BY_OTHERS = ["shop_backup", "shop_labels"]
# It has a journey of its own, in which its catalog is killed.
HAS_ITS_OWN_STORY = {"shop_daily"}
DAGS = sorted(
    {path.stem for path in EXAMPLES.glob("shop_*.py")} - {"shop_assets"} - HAS_ITS_OWN_STORY
    | {"shop_prices", *STARTED_BY_OTHERS}
)
ENDS = {"COMPLETE", "FAIL", "ABORT"}


COMMANDS = re.compile(r"^\$ (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Examples:
    """What came of all of them."""

    major: str
    python: Path
    known: set[str]
    import_errors: list[str]
    states: dict[str, Counter[str]]
    events: list[dict[str, Any]]
    delivered: Path
    home: Path
    places: dict[str, str]
    password: str

    def of(self, dag_id: str) -> list[dict[str, Any]]:
        """Return the events of a DAG, its tasks, and what they started."""
        return [event for event in self.events if told_examples.dag_of(event, DAGS) == dag_id]


@pytest.fixture(scope="module", params=SITUATIONS)
def examples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Examples:
    """Run all examples at once on one scheduler."""
    python = hosts.interpreter(f"AIRFLOW_{request.param.replace('.', '_')}")
    spark = hosts.interpreter("SPARK_4_3")
    folder = tmp_path_factory.mktemp("examples")
    data = folder / "data"
    data.mkdir()
    triggered = [dag_id for dag_id in DAGS if dag_id not in STARTED_BY_OTHERS]
    with postgresql.Server() as server:
        server.create_database("shop")
        environment = {
            # Whether a database answers before a task of milliseconds is over is up to the machine.
            "AIRFLOW__RIVERHEAD__READ_SCHEMAS": "False",
            "AIRFLOW__RIVERHEAD__ATTACH_SPARK": "True",
            "AIRFLOW_CONN_SHOP_FILES": json.dumps({"conn_type": "fs", "extra": {"path": str(data)}}),
            "AIRFLOW_CONN_SHOP_POSTGRES": server.url("shop"),
            "AIRFLOW_CONN_SHOP_SPARK": json.dumps({"conn_type": "spark", "host": "local[1]"}),
            "AIRFLOW_CONN_SHOP_SQLITE": json.dumps({"conn_type": "sqlite", "host": str(data / "shop.db")}),
            "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "PATH": os.pathsep.join([str(python.parent), str(spark.parent), os.environ["PATH"]]),
            "SHOP_DATA": str(data),
            "SHOP_DBT": str(hosts.interpreter("DBT_1").parent),
            "SHOP_SPARK_PYTHON": str(spark),
        }
        with airflow_cluster.cluster(
            python, folder, EXAMPLES, triggered, server=server, environment=environment
        ) as cluster:
            states = cluster.wait(awaited=STARTED_BY_OTHERS, seconds=300)
            events = cluster.events()
            known = {str(row[0]) for row in cluster.metadata.ask("select dag_id from serialized_dag", ())}
            return Examples(
                request.param,
                python,
                known,
                cluster.stack.import_errors(),
                states,
                events,
                cluster.delivered,
                cluster.stack.home,
                {str(data): "<data>", str(EXAMPLES): "<examples>", server.password: "<password>"},
                server.password,
            )


def test_every_example_can_be_read_and_is_run(examples: Examples) -> None:
    assert examples.import_errors == []
    assert examples.known - HAS_ITS_OWN_STORY == set(DAGS)


@pytest.mark.parametrize("dag_id", DAGS)
def test_an_example_ends_well(examples: Examples, dag_id: str) -> None:
    assert examples.states[dag_id] == Counter({"success": 1})


@pytest.mark.parametrize("dag_id", DAGS)
def test_an_example_says_what_it_said_before(
    examples: Examples, dag_id: str, golden: Callable[[str, str], None]
) -> None:
    golden(f"airflow/{examples.major}/{dag_id}.json", told_examples.told(examples.of(dag_id), examples.places))


def test_every_event_belongs_to_an_example_and_keeps_the_specification(
    examples: Examples, read_events: Callable[[Path], list[dict[str, Any]]]
) -> None:
    assert {told_examples.dag_of(event, DAGS) for event in examples.events} == set(DAGS)
    assert len(read_events(examples.delivered)) >= len(examples.events)


def test_the_end_of_most_dag_runs_says_how_their_tasks_ended(examples: Examples) -> None:
    facets = [event["run"]["facets"] for event in examples.events if event["job"]["name"] in DAGS]
    told = [facets_of_run["airflowState"] for facets_of_run in facets if "airflowState" in facets_of_run]

    # Where a machine is too busy to ask Airflow's database in time, an end is told without.
    assert len(told) > len(DAGS) / 2
    assert {facet["dagRunState"] for facet in told} == {"success"}
    assert all("success" in facet["tasksState"].values() for facet in told)


def test_no_run_begins_or_ends_twice(examples: Examples) -> None:
    said = Counter((event["run"]["runId"], event["eventType"]) for event in examples.events)
    ends = Counter(event["run"]["runId"] for event in examples.events if event["eventType"] in ENDS)

    assert [run for (run, kind), times in said.items() if kind == "START" and times > 1] == []
    assert [run for run, times in ends.items() if times > 1] == []


def test_what_it_takes_to_log_in_is_in_no_event(examples: Examples) -> None:
    assert examples.password not in examples.delivered.read_text(encoding="utf-8")


def test_no_failure_of_lineage_was_swallowed(examples: Examples) -> None:
    assert [path.read_text(encoding="utf-8") for path in (examples.home / "riverhead").rglob("failures.log")] == []


def test_an_example_runs_without_any_service_as_the_readme_says(examples: Examples, tmp_path: Path) -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    commands = ["set -e", *COMMANDS.findall(readme.replace("/tmp/shop", f"{tmp_path}/shop"))]  # noqa: S108 - as the README has it
    # What does not end says where it stands.
    commands = [re.sub("^airflow ", "timeout --signal=ABRT 110 airflow ", command) for command in commands]
    environment = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "HOME": str(tmp_path),
        "PYTHONFAULTHANDLER": "1",
        "OPENLINEAGE__TRANSPORT__TYPE": "file",
        "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(tmp_path / "events.ndjson"),
        "OPENLINEAGE__TRANSPORT__APPEND": "true",
        "PATH": os.pathsep.join([str(examples.python.parent), os.environ["PATH"]]),
    }

    done = subprocess.run(
        ["bash", "-c", "\n".join(commands)],
        cwd=EXAMPLES.parent, env=environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert sqlite_rows(tmp_path / "shop" / "shop.db", "select count(*) from mart_products") == [(3,)]


def sqlite_rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()
