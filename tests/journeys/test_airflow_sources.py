"""Every way in which a task's lineage becomes known, on real Airflows of both majors, as a page of the docs has it."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_cluster
import airflow_stack
import hosts
import mariadb
import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

DAGS = Path(__file__).parent / "airflow_sources"
EXAMPLES = Path(__file__).resolve().parents[2] / "dags_examples"
MAJORS = ("3.3", "2.11")
HEAD = """# Where lineage of a task comes from

A task for each way, run by real schedulers of Airflow 3.3 and 2.11 with PostgreSQL, MariaDB, DuckDB and SQLite
(`tests/journeys/test_airflow_sources.py`, which writes this page with `make golden`). Each cell is what the task's last
event said: how many datasets went in and out, how many edges of columns, and the facets of the datasets.
{all_tasks}

| source | Airflow 3.3 | Airflow 2.11 |
|---|---|---|
"""

Event = dict[str, Any]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Event]]:
    """Run the DAG on both majors; return the events in order."""
    return {major: all_events(major, tmp_path_factory.mktemp("sources")) for major in MAJORS}


@pytest.fixture(scope="module")
def told(events: dict[str, list[Event]]) -> dict[str, dict[str, Event]]:
    """Return the last event of each documented task."""
    return {
        major: {source: event for event in found if (source := documented(event))} for major, found in events.items()
    }


def all_events(major: str, folder: Path) -> list[Event]:
    python = hosts.interpreter(f"AIRFLOW_{major.replace('.', '_')}_WIDE")
    data = folder / "data"
    data.mkdir()
    dbt, project = hosts.interpreter("DBT_1").parent / "dbt", EXAMPLES / "dbt_shop"
    with postgresql.Server() as server, mariadb.Server() as other, sftp_server(python) as sftp:
        server.create_database("shop")
        environment = {
            "AIRFLOW__OPENLINEAGE__EXTRACTORS": "told_sources.QuietExtractor",
            "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
            "AIRFLOW__RIVERHEAD__EXTRACTORS": "told_sources.SilentExtractor",
            "AIRFLOW_CONN_POSTGRES": server.url("shop"),
            "AIRFLOW_CONN_MARIADB": connection("mysql", other.port, other.password, client="mysql-connector-python"),
            "AIRFLOW_CONN_SFTP": connection("sftp", *sftp, no_host_key_check="true"),
            "AIRFLOW_CONN_DUCKDB": json.dumps({"conn_type": "duckdb", "host": str(data / "duck.db")}),
            "AIRFLOW_CONN_SQLITE": json.dumps({"conn_type": "sqlite", "host": str(data / "lite.db")}),
            "PYTHONPATH": str(DAGS),
            "SHOP_DATA": str(data),
            "SOURCES_DATA": str(data),
            "SOURCES_DBT": str(dbt),
            "SOURCES_DBT_PROJECT": str(project),
        }
        with airflow_cluster.cluster(
            python, folder, DAGS, ["sources"], server=server, environment=environment
        ) as cluster:
            assert cluster.wait(seconds=240)["sources"] == {"success": 1}
            return sorted(cluster.events(), key=lambda event: str(event["eventTime"]))


def connection(kind: str, port: int, password: str, **extra: str) -> str:
    where = {"conn_type": kind, "host": "127.0.0.1", "port": port, "schema": "shop"}
    return json.dumps({**where, "login": "owner", "password": password, "extra": extra})


@contextlib.contextmanager
def sftp_server(python: Path) -> Iterator[tuple[int, str]]:
    """Serve files; yield the port and the password."""
    port, password = airflow_stack.free_port(), secrets.token_hex(16)
    command = [str(python), str(DAGS / "sftp_server.py"), str(port), password]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        yield port, password
        process.communicate(timeout=20)


def documented(event: Event) -> str:
    found = event["job"].get("facets", {}).get("documentation", {}).get("description", "")
    return found if event["job"]["name"].startswith("sources.") else ""


def test_every_way_tells_the_same_on_both_majors_as_the_page_has_it(
    told: dict[str, dict[str, Event]], golden: Callable[[str, str], None]
) -> None:
    newer, older = (told[major] for major in MAJORS)
    common = {major: facets_of_all([*told[major].values()]) for major in MAJORS}
    lines = [
        f"| {source} | {cell(newer[source], common['3.3'])} | {other_cell(newer[source], older.get(source), common)} |"
        for source in sorted(newer)
    ]
    said = "\n".join(
        f"In Airflow {major} all of them have {listed(common[major]['run'])} of the run and "
        f"{listed(common[major]['job'])} of the job."
        for major in MAJORS
    )
    golden("../../docs/airflow-sources.md", HEAD.format(all_tasks=said) + "\n".join(lines) + "\n")


def facets_of_all(events: list[Event]) -> dict[str, set[str]]:
    return {
        part: set.intersection(*(set(event[part].get("facets", {})) for event in events)) for part in ("run", "job")
    }


def other_cell(newer: Event, older: Event | None, common: dict[str, dict[str, set[str]]]) -> str:
    if older is None:
        return "nothing"
    found = cell(older, common["2.11"])
    return "the same" if found == cell(newer, common["3.3"]) else found


def cell(event: Event, common: dict[str, set[str]]) -> str:
    inputs, outputs = event.get("inputs", []), event.get("outputs", [])
    edges = sum(
        len(field["inputFields"])
        for output in outputs
        for field in output.get("facets", {}).get("columnLineage", {}).get("fields", {}).values()
    )
    said = [f"{len(inputs)} → {len(outputs)}", f"{edges} column edges" if edges else ""]
    of_datasets = {
        name
        for dataset in [*inputs, *outputs]
        for kind in ("facets", "inputFacets", "outputFacets")
        for name in dataset.get(kind, {})
    }
    more = {name for part, names in common.items() for name in event[part].get("facets", {}).keys() - names}
    said += [listed(of_datasets), f"and {listed(more)}" if more else ""]
    return ", ".join(filter(None, said))


def listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


@pytest.mark.parametrize("major", MAJORS)
def test_what_flows_is_told_by_each_way(told: dict[str, dict[str, Event]], major: str) -> None:
    silent = {source for source, event in told[major].items() if not event.get("inputs") and not event.get("outputs")}

    # An XCom flows between jobs, and a child has a run of its own.
    assert silent == {"an XCom of another task", "a process of its own, with an environment of its own"}


@pytest.mark.parametrize("major", MAJORS)
def test_a_process_with_an_environment_of_its_own_knows_who_started_it(
    events: dict[str, list[Event]], told: dict[str, dict[str, Event]], major: str
) -> None:
    parents = {
        event["run"]["facets"]["parent"]["run"]["runId"] for event in events[major] if event["job"]["name"] == "child"
    }

    assert parents == {told[major]["a process of its own, with an environment of its own"]["run"]["runId"]}
