"""What lineage costs a Spark job: nothing attached, Riverhead, and the official agent; `make bench-spark` prints it.

    python benchmarks/spark/compare.py [--spark 4.0] [--rounds 14] [--sets 2] [--starts 5] [--no-agent]

Each way is a driver of its own with a JVM of its own. They are asked in turn for the same job, so that the machine's
noise is in all of them alike. As one JVM compiles itself to be a tenth faster than the next one, which is more than any
listener costs, each does every job twice: once with its listener on the bus and once without.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import report
from asking import Asked
from jobs import SHARES
from report import AGENT, NONE, OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from report import Pair

# The first ones find a JVM that has compiled nothing yet.
_WARM_UP = 3
_FEWEST = 3


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spark", default="4.0", choices=["3.5", "4.0", "4.3"])
    parser.add_argument("--rounds", type=int, default=14)
    parser.add_argument("--sets", type=int, default=2)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--job", action="append", choices=list(SHARES))
    parser.add_argument("--no-agent", action="store_true")
    options = parser.parse_args()
    ways = [OURS] if options.no_agent else [OURS, AGENT]
    machine = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    rounds = f"{options.rounds} rounds of the small write in each and fewer of the others"
    print(f"\nSpark {options.spark}, {options.sets} sets of drivers, {rounds}, {machine}")
    with tempfile.TemporaryDirectory(prefix="riverhead-bench-") as folder:
        report.heading()
        report.reached(_jobs(Path(folder), options, ways))
        if options.starts:
            report.starts(_starts(Path(folder), options, [NONE, *ways]))


def _jobs(folder: Path, options: argparse.Namespace, ways: Sequence[str]) -> Mapping[str, Mapping[str, report.Figures]]:
    pairs: dict[str, dict[str, list[Pair]]] = {}
    for number in range(options.sets):
        for job, each in _set(folder / f"set-{number}", options, ways):
            known = pairs.setdefault(job, {way: [] for way in ways})
            for way in ways:
                known[way] += each[way]
    found = {job: {way: report.figures(each[way]) for way in ways} for job, each in pairs.items()}
    for job, figures in found.items():
        report.job(job, figures)
    return found


def _set(
    folder: Path, options: argparse.Namespace, ways: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, list[Pair]]]]:
    drivers = {way: Asked(way, options.spark, folder / way, folder.parent / "state") for way in ways}
    try:
        for job in options.job or SHARES:
            yield job, _rounds(drivers, job, options.rounds)
    finally:
        for driver in drivers.values():
            driver.close()


def _rounds(drivers: Mapping[str, Asked], job: str, most: int) -> Mapping[str, list[Pair]]:
    rounds = max(_FEWEST, round(most * SHARES[job]))
    found: dict[str, list[tuple[bool, Mapping[str, Any]]]] = {way: [] for way in drivers}
    for turn in range(min(_WARM_UP, rounds) + rounds):
        # Nobody is always the one who finds what the other left behind.
        for is_listening in (turn % 2 == 0, turn % 2 == 1):
            for way in _turned(list(drivers), turn):
                found[way].append((is_listening, drivers[way].cost(job, is_listening=is_listening)))
    return {way: _pairs(each, drivers[way].clocks())[-rounds:] for way, each in found.items()}


def _pairs(each: Sequence[tuple[bool, Mapping[str, Any]]], last: Mapping[str, float]) -> list[Pair]:
    """Pair each job with the same without a listener, after adding to each the CPU until the driver's next.

    For what a job leaves behind is done when it is over.
    """
    after = [*(cost["clocks"] for _, cost in each[1:]), last]
    whole = [
        (is_listening, {**cost, **{name: later[name] - earlier for name, earlier in cost["clocks"].items()}})
        for (is_listening, cost), later in zip(each, after, strict=True)
    ]
    with_, without = ([cost for is_on, cost in whole if is_on is wanted] for wanted in (True, False))
    return list(zip(with_, without, strict=True))


def _turned(ways: list[str], turn: int) -> list[str]:
    """Nobody goes twice in a row, with what the processors still know of it, and everybody goes behind everybody."""
    first = turn % len(ways)
    return ways[first:] + ways[:first]


def _starts(
    folder: Path, options: argparse.Namespace, ways: Sequence[str]
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Start each way so often, ours with and without what an earlier process kept."""
    named = [name for way in ways for name in (["ours, first", "ours, cached"] if way == OURS else [way])]
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in named}
    for turn in range(options.starts):
        for name in _turned(named, turn):
            state = folder / ("state" if "cached" in name else f"state-{turn}")
            driver = Asked(name.partition(",")[0], options.spark, folder / f"{name}-{turn}", state)
            found[name].append(driver.started)
            driver.close()
    return found


if __name__ == "__main__":
    main()
