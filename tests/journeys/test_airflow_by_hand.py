"""`airflow dags test` beside the official provider, which nobody has switched off: all of it in one process."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conditions import await_that
from hosts import interpreter

pytestmark = pytest.mark.journey

DAGS = Path(__file__).parent / "airflow_by_hand"
VERSIONS = [
    pytest.param("AIRFLOW_3_3", id="3.3"),
    pytest.param("AIRFLOW_2_11", id="2.11", marks=pytest.mark.matrix),
]
RUNS = 3


@pytest.mark.parametrize("version", VERSIONS)
def test_a_dag_that_is_run_by_hand_ends_and_is_told_once(version: str, tmp_path: Path) -> None:
    python, delivered = interpreter(version), tmp_path / "events.ndjson"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
            {"type": "file", "log_file_path": str(delivered), "append": True}
        ),
        "AIRFLOW_CONN_SHOP": json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "shop.db")}),
        "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
    }

    def airflow(*words: str) -> str:
        done = subprocess.run(
            [str(python), "-m", "airflow", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-5_000:]
        return done.stdout

    airflow("db", "migrate")
    said = [airflow("dags", "test", "by_hand") for _ in range(RUNS)]

    told = Counter((event["job"]["name"], event["eventType"]) for event in events_at(delivered))
    tasks = {(f"by_hand.{task}", state): RUNS for task in ("makes", "forks") for state in ("START", "COMPLETE")}
    # A DAG that is run by hand has begun before any listener hears of it.
    assert told == {**tasks, ("by_hand", "COMPLETE"): RUNS}
    assert [text.count("riverhead took out the official OpenLineage listener") for text in said] == [1] * RUNS


def events_at(delivered: Path) -> list[dict[str, Any]]:
    """Read what was delivered as soon as the end of every run, which is told last, is among it."""
    events: list[dict[str, Any]] = []

    def is_over() -> bool:
        lines = delivered.read_text(encoding="utf-8").splitlines() if delivered.exists() else []
        events[:] = [json.loads(line) for line in lines]
        return [event["job"]["name"] for event in events].count("by_hand") >= RUNS

    await_that(is_over, "the end of every run is delivered", 60)
    return events
