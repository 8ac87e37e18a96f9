"""The comparison's tables, as Markdown that a document can take over, and what was not reached, plainly."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NONE, OURS, AGENT = "none", "ours", "agent"
# What each figure may be at most: a share of what the official agent adds, or milliseconds.
_SHARE, _BYTES_SHARE = 0.25, 0.5
_BUS_MS = {"500 columns": 10.0}
_BUS_OTHERWISE_MS = 1.0
_START_MS = {"ours, first": 800.0, "ours, cached": 300.0}
EXPLAINED = """\
Wall and bus are medians, CPU is a mean. What a way adds is its figure less that of none. The bus is the CPU of the
threads that hand events to the listener; none has others there. Python is the driver's own, and ours understands and
sends in it."""


@dataclass(frozen=True)
class Figures:
    """What one job cost in one way, in milliseconds, events and bytes."""

    wall: float
    jvm: float
    python: float
    bus: float
    events: float
    size: float


def figures(costs: Sequence[Mapping[str, Any]]) -> Figures:
    """Return what a job cost, from all of its rounds."""

    def of(name: str) -> list[float]:
        return [float(cost[name]) for cost in costs]

    return Figures(
        wall=statistics.median(of("wall_seconds")) * 1000,
        # A tick of this clock is ten milliseconds.
        jvm=statistics.fmean(of("jvm_seconds")) * 1000,
        python=statistics.fmean(of("python_seconds")) * 1000,
        bus=statistics.median(of("bus_seconds")) * 1000,
        events=statistics.median(of("events")),
        size=statistics.median(of("bytes")),
    )


def heading() -> None:
    """Print the head of the table of jobs."""
    print(f"\n{EXPLAINED}\n")
    print(
        "| job | way | wall ms | JVM CPU ms | Python CPU ms | bus ms | events | KB |\n|---|---|" + "---:|" * 6,
        flush=True,
    )


def job(name: str, ways: Mapping[str, Figures]) -> None:
    """Print a job's line of each way."""
    bare = ways[NONE]
    for way, cost in ways.items():
        added = [_added(getattr(cost, what), getattr(bare, what), way) for what in ("wall", "jvm", "python", "bus")]
        print(f"| {name} | {way} | {' | '.join(added)} | {cost.events:.0f} | {cost.size / 1000:.1f} |", flush=True)


def reached(found: Mapping[str, Mapping[str, Figures]]) -> None:
    """Say of every job what was reached and what was not."""
    print()
    for name, ways in found.items():
        _goals(name, ways)


def _added(figure: float, bare: float, way: str) -> str:
    return f"{figure:.1f}" if way == NONE else f"{figure:.1f} ({figure - bare:+.1f})"


def _goals(job: str, ways: Mapping[str, Figures]) -> None:
    bare, ours = ways[NONE], ways[OURS]
    _goal(f"{job}: bus, ms", ours.bus - bare.bus, _BUS_MS.get(job, _BUS_OTHERWISE_MS))
    if AGENT not in ways:
        return
    agent = ways[AGENT]
    _goal(f"{job}: wall added, ms", ours.wall - bare.wall, (agent.wall - bare.wall) * _SHARE)
    _goal(f"{job}: JVM CPU added, ms", ours.jvm - bare.jvm, (agent.jvm - bare.jvm) * _SHARE)
    _goal(f"{job}: KB", ours.size / 1000, agent.size / 1000 * _BYTES_SHARE)


def starts(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print what attaching costs a driver's start until its first query is done."""
    print("\n| start | wall ms | JVM CPU ms | Python CPU ms | in listen(), ms |\n|---|---:|---:|---:|---:|")
    bare = {name: _median(found[NONE], name) for name in ("wall", "jvm", "python")}
    for way, each in found.items():
        cells = [_added(_median(each, name), bare[name], way) for name in bare]
        print(f"| {way} | {' | '.join(cells)} | {_median(each, 'attach'):.0f} |")
    print()
    for way, most in _START_MS.items():
        if way in found:
            _goal(f"start-up, {way}: added, ms", _median(found[way], "wall") - bare["wall"], most)


def _median(each: Sequence[Mapping[str, Any]], name: str) -> float:
    return statistics.median(float(one[name]) for one in each) * 1000


def _goal(what: str, measured: float, most: float) -> None:
    print(f"{'reached' if measured <= most else 'NOT REACHED'}: {what} {measured:,.4g}, to be at most {most:,.4g}")
