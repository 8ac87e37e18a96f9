"""What lineage costs a DAG of thirty tasks on a real scheduler of Airflow 3, from its run's start to its end.

    python benchmarks/airflow/whole.py [--rounds 3] [--runs 3] [--no-provider]

Each plugin in turn has a scheduler of its own, whose first run is not counted: DAG runs are as long as the scheduler's
loop takes to notice their tasks, so a round has several of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from asking import HERE, ROOT, Place
from report import NONE, OURS, PROVIDER

sys.path.insert(0, str(ROOT / "benchmarks" / "emitter"))
sys.path.insert(0, str(ROOT / "tools"))
from backend import backend

import airflow_stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAG = "bench_thirty"
_MOST_PERCENT = 5.0
_SECONDS = """
    select (julianday(end_date) - julianday(start_date)) * 86400 from dag_run where dag_id = ? order by id
"""
_OF_TASKS = "select sum(duration) from task_instance where dag_id = ? group by run_id order by min(start_date)"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", help="the interpreter of an Airflow 3, if it is not in .venv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-provider", action="store_true")
    options = parser.parse_args()
    ways = [NONE, OURS] if options.no_provider else [NONE, OURS, PROVIDER]
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    print(f"\nThirty tasks, four at once, {options.rounds} rounds of {options.runs} runs, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(prefix="riverhead-bench-") as folder, backend("at-once") as served:
        python = options.python or ROOT / ".venv" / "airflow-3.3" / "bin" / "python"
        place = Place("3.3", str(python), Path(folder))
        for turn in range(options.rounds):
            for way in ways[turn % len(ways) :] + ways[: turn % len(ways)]:
                found[way] += _runs(place, way, served.url, options.runs)
                place.end_what_is_left()
    _print(found)


def _runs(place: Place, way: str, url: str, runs: int) -> list[tuple[float, float]]:
    """Return how long each run took, and all of its tasks together."""
    home, dags = place.folder / "whole", place.folder / "dags-of-whole"
    shutil.rmtree(dags, ignore_errors=True)
    dags.mkdir()
    shutil.copy(HERE / "dags" / "thirty.py", dags)
    environment = {
        name: text
        for name, text in place.environment(home, way, url).items()
        if name.startswith(("AIRFLOW__OPENLINEAGE", "PYTHONPATH"))
    }
    environment["PYTHONPATH"] += os.pathsep + os.pathsep.join([str(HERE), str(HERE / "site")])
    environment |= {"AIRFLOW__CORE__PARALLELISM": "4", "BENCH_WAY": way}
    with airflow_stack.airflow(Path(place.python), home, dags, environment) as stack:
        for _ in range(1 + runs):
            if stack.run(_DAG) != "success":
                raise SystemExit("a run failed")
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        wholes, parts = ([row[0] for row in database.execute(asked, [_DAG])] for asked in (_SECONDS, _OF_TASKS))
        return list(zip(wholes, parts, strict=True))[-runs:]


def _print(found: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    print("\n| plugin | run, s | fastest … slowest | to none | its tasks together, s |\n|---|---:|---:|---:|---:|")
    bare = statistics.median(whole for whole, _ in found[NONE])
    for way, runs in found.items():
        wholes = sorted(whole for whole, _ in runs)
        middle = statistics.median(wholes)
        cells = [f"{middle:.1f}", f"{wholes[0]:.1f} … {wholes[-1]:.1f}", f"{middle / bare * 100 - 100:+.1f} %"]
        print(f"| {way} | {' | '.join(cells)} | {statistics.median(part for _, part in runs):.1f} |")
    more = statistics.median(whole for whole, _ in found[OURS]) / bare * 100 - 100
    said = "reached" if more <= _MOST_PERCENT else "NOT REACHED"
    print(f"\n{said}: a DAG of thirty tasks takes {more:+.1f} %, to be at most {_MOST_PERCENT:g} %")


if __name__ == "__main__":
    main()
