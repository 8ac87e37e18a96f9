"""The benchmarks run, each with few rounds: what they would say is for `make bench`."""

from __future__ import annotations

import os
import sys

import pytest

import house

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
