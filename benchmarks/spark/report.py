"""The comparison's tables, as Markdown that a document can take over, and what was not reached, plainly."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NONE, OURS, AGENT = "none", "ours", "agent"
# What each figure may be at most: a share of what the official agent adds, or milliseconds.
_SHARE, _BYTES_SHARE = 0.25, 0.5
_TAP_MS = {"500 columns": 10.0}
_TAP_OTHERWISE_MS = 1.0
_START_MS = {"ours, first": 800.0, "ours, cached": 300.0}
EXPLAINED = """\
Each figure is with the listener on the bus, and behind it what it adds: the median, with the quarters, of its
differences from the same job of the same JVM without it. CPU is all of it until the driver's next job, and the JVM's,
whose clock has ticks of ten milliseconds, is the mean without the highest and lowest fifth; what its compilers use
stands by itself. Tap is the time that our listener's code works on an execution; bus is the CPU of the threads that
hand events to listeners, Spark's own work there included. Python is the driver's own, and ours understands and sends
in it."""
_COLUMNS = ["job", "way", "wall ms", "JVM CPU ms", "compilers ms", "Python CPU ms", "tap ms", "bus ms", "events", "KB"]
_SIDES = 0.2

Pair: TypeAlias = "tuple[Mapping[str, Any], Mapping[str, Any]]"


@dataclass(frozen=True)
class Figures:
    """What one job cost in one way: milliseconds, each with what was added, then events and bytes."""

    wall: Added
    jvm: Added
    compilers: Added
    python: Added
    tap: float
    bus: float
    events: float
    size: float


@dataclass(frozen=True)
class Added:
    """A figure, and what of it there would not have been without a listener."""

    whole: float
    added: float
    quarters: tuple[float, float] | None = None

    def __str__(self) -> str:
        """Show both."""
        quarters = f", {self.quarters[0]:+.0f} … {self.quarters[1]:+.0f}" if self.quarters else ""
        return f"{self.whole:.1f} ({self.added:+.1f}{quarters})"


def figures(pairs: Sequence[Pair]) -> Figures:
    """Return what a job cost, from all of its rounds, each with the listener and without."""

    def of(name: str) -> list[float]:
        return [float(cost[name]) * 1000 for cost, _ in pairs]

    def added(name: str, middle: Callable[[Sequence[float]], float]) -> Added:
        more = [(float(cost[name]) - float(bare[name])) * 1000 for cost, bare in pairs]
        low, _, high = statistics.quantiles(more, n=4)
        return Added(middle(of(name)), middle(more), (low, high))

    return Figures(
        wall=added("wall_seconds", statistics.median),
        jvm=added("jvm_seconds", _middle),
        compilers=added("compilers_seconds", _middle),
        python=added("python_seconds", statistics.median),
        tap=statistics.median(of("tap_seconds")),
        bus=statistics.median(of("bus_seconds")),
        events=statistics.median(of("events")) / 1000,
        size=statistics.median(of("bytes")) / 1000,
    )


def _middle(found: Sequence[float]) -> float:
    aside = int(len(found) * _SIDES)
    return statistics.fmean(sorted(found)[aside : len(found) - aside])


def heading() -> None:
    """Print the head of the table of jobs."""
    print(f"\n{EXPLAINED}\n\n| {' | '.join(_COLUMNS)} |\n|---|---|{'---:|' * (len(_COLUMNS) - 2)}", flush=True)


def job(name: str, ways: Mapping[str, Figures]) -> None:
    """Print a job's line of each way."""
    for way, cost in ways.items():
        cells = [*map(str, (cost.wall, cost.jvm, cost.compilers, cost.python)), f"{cost.tap:.2f}", f"{cost.bus:.1f}"]
        print(f"| {name} | {way} | {' | '.join(cells)} | {cost.events:.0f} | {cost.size / 1000:.1f} |", flush=True)


def reached(found: Mapping[str, Mapping[str, Figures]]) -> None:
    """Say of every job what was reached and what was not."""
    print()
    for name, ways in found.items():
        _goals(name, ways)


def _goals(job: str, ways: Mapping[str, Figures]) -> None:
    ours = ways[OURS]
    _goal(f"{job}: tap, ms", ours.tap, _TAP_MS.get(job, _TAP_OTHERWISE_MS))
    if AGENT not in ways:
        return
    agent = ways[AGENT]
    _goal(f"{job}: wall added, ms", ours.wall.added, agent.wall.added * _SHARE)
    _goal(f"{job}: JVM CPU added, ms", ours.jvm.added, agent.jvm.added * _SHARE)
    _goal(f"{job}: KB", ours.size / 1000, agent.size / 1000 * _BYTES_SHARE)


def starts(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print what attaching costs a driver's start until its first query is done.

    What is added is looked for where it is paid: how long a JVM takes to start is twice as different.
    """
    print(
        "\n| start | wall ms | JVM CPU ms | Python CPU ms | from session to first query's end, ms | in listen(), ms |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    bare = {name: _median(found[NONE], name) for name in ("wall", "jvm", "python", "first")}
    for way, each in found.items():
        cells = [str(Added(_median(each, name), _median(each, name) - bare[name])) for name in bare]
        print(f"| {way} | {' | '.join(cells)} | {_median(each, 'attach'):.0f} |")
    print()
    for way, most in _START_MS.items():
        if way in found:
            _goal(f"start-up, {way}: added, ms", _median(found[way], "first") - bare["first"], most)
            _goal(f"start-up, {way}: in listen(), ms", _median(found[way], "attach"), most)


def _median(each: Sequence[Mapping[str, Any]], name: str) -> float:
    return statistics.median(float(one[name]) for one in each) * 1000


def _goal(what: str, measured: float, most: float) -> None:
    print(f"{'reached' if measured <= most else 'NOT REACHED'}: {what} {measured:,.4g}, to be at most {most:,.4g}")
