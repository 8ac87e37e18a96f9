"""What lineage costs an Airflow task: no plugin, Riverhead, and the official provider; `make bench-airflow` prints it.

    python benchmarks/airflow/compare.py [--airflow 3.3] [--rounds 20] [--down-rounds 5] [--fresh 5] [--no-provider]

Tasks are run as the LocalExecutor runs them, by a fork of a process that is loaded as a scheduler is, and then by a
fresh interpreter each. Each plugin has a scheduler of its own. They are asked in turn for the same task, so that the
machine's noise is in all of them alike.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import report
from asking import KINDS, ROOT, Forking, Fresh, Place
from report import NONE, OURS, PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

sys.path.insert(0, str(ROOT / "benchmarks" / "emitter"))
from backend import backend, refused_url

STATES = ("up", "refused", "hanging")
# The first ones find files that nobody has read yet.
_WARM_UP = 1


def main() -> None:
    """Print the tables."""
    options = _options()
    ways = [NONE, OURS] if options.no_provider else [NONE, OURS, PROVIDER]
    load = f"load of the machine {os.getloadavg()[0]:.1f}"
    machine = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, {load}"
    rounds = f"{options.rounds} rounds, {options.down_rounds} where the backend is down, {options.fresh} of fresh ones"
    print(f"\nAirflow {options.airflow}, {rounds}, {machine}")
    report.heading()
    with tempfile.TemporaryDirectory(prefix="riverhead-bench-") as folder:
        python = options.python or ROOT / ".venv" / f"airflow-{options.airflow}" / "bin" / "python"
        place = Place(options.airflow, str(python), Path(folder))
        try:
            _forked(place, options, ways)
            if options.fresh:
                _fresh(place, options, ways)
        finally:
            place.end_what_is_left()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--airflow", default="3.3", choices=["3.3", "2.11"])
    parser.add_argument("--python", help="the interpreter of that Airflow, if it is not in .venv")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--down-rounds", type=int, default=5)
    parser.add_argument("--fresh", type=int, default=5)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--no-provider", action="store_true")
    return parser.parse_args()


def _forked(place: Place, options: argparse.Namespace, ways: Sequence[str]) -> None:
    found: dict[tuple[str, str], report.Costs] = {}
    for state in STATES:
        rounds = options.rounds if state == "up" else options.down_rounds
        if not rounds:
            continue
        # Where the backend is down the provider takes its time for every event, whatever the task.
        kinds = (options.kind or KINDS) if state == "up" else ("empty",)
        with _backend(state) as url:
            workers = {way: Forking(place, way, url, place.home(f"{state}-{way}")) for way in ways}
            try:
                for kind in kinds:
                    costs = _rounds(workers, kind, rounds)
                    report.task(state, kind, costs)
                    found[state, kind] = costs
            finally:
                for worker in workers.values():
                    worker.close()
    print()
    for (state, kind), costs in found.items():
        report.reached(state, kind, costs)


def _fresh(place: Place, options: argparse.Namespace, ways: Sequence[str]) -> None:
    print()
    with _backend("up") as url:
        workers = {way: Fresh(place, way, url, place.home(f"fresh-{way}")) for way in ways}
        report.task("up", "empty, fresh interpreter", _rounds(workers, "empty", options.fresh))


def _rounds(workers: Mapping[str, Forking | Fresh], kind: str, rounds: int) -> report.Costs:
    found: dict[str, list[Mapping[str, float]]] = {way: [] for way in workers}
    for turn in range(_WARM_UP + rounds):
        for way in _turned(list(workers), turn):
            found[way].append(workers[way].cost(kind))
    heard = {way: costs[-1]["heard"] for way, costs in found.items()}
    if any(bool(listeners) != (way != NONE) for way, listeners in heard.items()):
        raise SystemExit(f"not one plugin is in sight where it should be: {heard}")
    return {way: costs[-rounds:] for way, costs in found.items()}


def _turned(ways: list[str], turn: int) -> list[str]:
    """Nobody goes twice in a row, with what the processors still know of it, and everybody goes behind everybody."""
    first = turn % len(ways)
    return ways[first:] + ways[:first]


@contextlib.contextmanager
def _backend(state: str) -> Iterator[str]:
    if state == "refused":
        yield refused_url()
        return
    with backend("at-once" if state == "up" else "never") as served:
        yield served.url
        if state == "up" and not served.events():
            raise SystemExit("no event arrived")


if __name__ == "__main__":
    main()
