"""The benchmarks run, each with few rounds: what they would say is for `make bench`."""

from __future__ import annotations

import os
import sys

import pytest

import house
from hosts import interpreter

pytestmark = pytest.mark.journey

FEW = {
    "latency": "module.ROUNDS_UP = 1; module.STATES = {'up': (1, 1), '200 ms': (1, 1)}",
    "drained": "module.ROUNDS, module.EVENTS = 1, 20",
    "fresh": "module.ROUNDS = 1",
    "processes": "module.WRITERS, module.EVENTS_EACH, module.EVENTS_LONG = 2, 10, 20",
}
ROWS = {
    "latency": ["up", "200 ms", "100 KB SQL", "with a host's masker"],
    "drained": ["http", "async_http", "ours"],
    "fresh": ["ours, spooled", "official, sent by https"],
    "processes": ["ours, its drainer", "official-async"],
}


@pytest.mark.parametrize("name", FEW)
def test_a_benchmark_prints_a_line_for_each_way(name: str) -> None:
    code = f"import {name} as module; {FEW[name]}; module.main()"
    path = os.pathsep.join([str(house.ROOT / "benchmarks" / "emitter"), house.source_path()])

    ended = house.finished([sys.executable, "-c", code], environment={"PYTHONPATH": path}, seconds=120)

    assert ended.returncode == 0, ended.stderr

    assert [row for row in ROWS[name] if row not in ended.stdout] == []


@pytest.mark.parametrize(
    ("airflow", "variable"),
    [
        pytest.param("3.3", "AIRFLOW_3_3", id="3.3"),
        pytest.param("2.11", "AIRFLOW_2_11", id="2.11", marks=pytest.mark.matrix),
    ],
)
def test_the_airflow_benchmark_prints_a_line_for_each_plugin_and_says_what_was_reached(
    airflow: str, variable: str
) -> None:
    words = ["--airflow", airflow, "--python", str(interpreter(variable)), "--kind", "empty"]
    few = ["--rounds", "1", "--down-rounds", "0", "--fresh", "1"]
    script = house.ROOT / "benchmarks" / "airflow" / "compare.py"

    ended = house.finished([sys.executable, script, *words, *few], seconds=300)

    assert ended.returncode == 0, ended.stderr
    lines = [line.split(" | ")[:3] for line in ended.stdout.splitlines() if line.startswith("| up")]
    tasks = ("empty", "empty, fresh interpreter")
    assert lines == [["| up", task, way] for task in tasks for way in ("none", "ours", "provider")]
    assert ended.stdout.lower().count("reached: up, empty: ") == 2
