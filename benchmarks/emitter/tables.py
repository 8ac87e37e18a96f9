"""Printing what was measured: what it was measured with, one line per case, and plainly what was not reached."""

from __future__ import annotations

import os
import platform
import statistics
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def title(text: str, rounds: str) -> None:
    """Print a table's name, and with what it was measured."""
    made_with = f"Python {platform.python_version()}, openlineage-python {version('openlineage-python')}"
    print(f"\n{text}\n  {rounds}; {made_with}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}")


def rows(heads: Sequence[str], cells: Sequence[Sequence[object]]) -> None:
    """Print columns, as wide as they need."""
    texts = [[str(cell) for cell in row] for row in (heads, *cells)]
    widths = [max(len(row[at]) for row in texts) for at in range(len(heads))]
    for row in texts:
        print(
            "  " + "  ".join(text.rjust(width) if at else text.ljust(width) for at, (text, width) in _zip(row, widths))
        )


def _zip(row: list[str], widths: list[int]) -> enumerate[tuple[str, int]]:
    return enumerate(zip(row, widths, strict=True))


def goal(what: str, measured: float, most: float, unit: str, *, at_least: bool = False) -> None:
    """Say whether a figure was reached."""
    is_reached = measured >= most if at_least else measured <= most
    relation = "≥" if at_least else "≤"
    print(f"  {'reached' if is_reached else 'NOT REACHED'}: {what} {measured:.3g} {unit}, to be {relation} {most:g}")


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds with three digits that say something."""
    return f"{seconds * 1000:,.3f}" if seconds < 0.01 else f"{seconds * 1000:,.1f}"  # noqa: PLR2004 - ten of them


def times(ratio: float) -> str:
    """Return a ratio as one says it."""
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×"  # noqa: PLR2004 - below it a digit says something


def interleaved(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    between: Callable[[], object] = lambda: None,
    in_a_row: int = 1,
) -> dict[str, list[float]]:
    """Call each in turn, so often in a row and in so many rounds, and return how long each call took, in that order.

    The machine's noise is in all of them alike. `between` two ways, untimed, whatever one of them left to a thread of
    this process may come to its end.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            for _ in range(in_a_row):
                began = time.perf_counter()
                call()
                taken[name].append(time.perf_counter() - began)
            between()
    return taken


def median(times: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(times)


def at_percent(times: Sequence[float], percent: float) -> float:
    """Return the value below which so many percent of these times lie."""
    return sorted(times)[min(len(times) - 1, int(len(times) * percent / 100))]
