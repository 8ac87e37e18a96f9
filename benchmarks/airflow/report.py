"""The comparison's tables, as Markdown that a document can take over, and what was not reached, plainly."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NONE, OURS, PROVIDER = "none", "ours", "provider"
DELAY_MS, SLOT_MS = 10.0, 50.0
# Here the operator's own code loads the official provider, as its documentation tells its author to.
OF_THEIR_OWN = ("protocol",)
EXPLAINED = """\
Milliseconds. Delay is the time in the hooks before a task's own work (on_starting, on_task_instance_running), after is
the time in those behind it (on_task_instance_success, before_stopping); in brackets the CPU of it. Slot is from asking
for the task until the last of its processes ends, and "slot added" the median of its difference from none in the same
round, with the quarter below and above it. CPU is the task's, its supervisor's and their children's."""
_COLUMNS = ["backend", "task", "plugin", "delay p50", "delay p95", "after p50", "slot p50", "slot added", "CPU added"]

Costs: TypeAlias = "Mapping[str, Sequence[Mapping[str, float]]]"


def heading() -> None:
    """Print the table's head."""
    print(f"\n{EXPLAINED}\n\n| {' | '.join(_COLUMNS)} |\n|---|---|---|{'---:|' * (len(_COLUMNS) - 3)}", flush=True)


def task(state: str, kind: str, costs: Costs) -> None:
    """Print a task's line of each plugin, and how many of its rounds there were."""
    for way, each in costs.items():
        delay, after = _of(each, "before"), _of(each, "after")
        added = _added(each, costs[NONE], "slot")
        cells = [
            f"{statistics.median(delay):.1f} ({statistics.median(_of(each, 'before_cpu')):.1f})",
            f"{_at(delay, 0.95):.1f}",
            f"{statistics.median(after):.1f} ({statistics.median(_of(each, 'after_cpu')):.1f})",
            f"{statistics.median(_of(each, 'slot')):.0f}",
            f"{statistics.median(added):+.0f} ({_at(added, 0.25):+.0f} … {_at(added, 0.75):+.0f})",
            f"{statistics.median(_added(each, costs[NONE], 'cpu')):+.0f}",
        ]
        print(f"| {state} | {kind} | {way} | {' | '.join(cells)} |", flush=True)


def reached(state: str, kind: str, costs: Costs) -> None:
    """Say of a task in a forked worker what was reached and what was not."""
    ours = costs[OURS]
    _goal(f"{state}, {kind}: delay, p95 of {len(ours)}, ms", _at(_of(ours, "before"), 0.95), DELAY_MS)
    if kind in OF_THEIR_OWN:
        return
    slot = statistics.median(_added(ours, costs[NONE], "slot"))
    _goal(f"{state}, {kind}: slot added, median of {len(ours)}, ms", slot, SLOT_MS)


def _of(each: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [cost[name] * 1000 for cost in each]


def _added(each: Sequence[Mapping[str, float]], bare: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [mine - other for mine, other in zip(_of(each, name), _of(bare, name), strict=True)]


def _at(found: Sequence[float], share: float) -> float:
    """Return the value below which that share of them lies."""
    return sorted(found)[min(len(found) - 1, int(len(found) * share))]


def _goal(what: str, measured: float, most: float) -> None:
    print(f"{'reached' if measured <= most else 'NOT REACHED'}: {what} {measured:,.3g}, to be at most {most:g}")
