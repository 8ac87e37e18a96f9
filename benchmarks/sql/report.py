"""The comparison's tables, as Markdown that a document can take over."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring import KINDS, Count, Score, added

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asking import Answer, Contender

EXPLAINED = """\
R is recall, P precision. All right: texts with nothing missing and nothing made up.
Failed: an error is named, or nothing at all is found. Late: ended after too long a time.
Columns open: the answer names no source for them. Silent: something is missing, and the answer does not say so.
Start: CPU in milliseconds until the first text is answered."""


@dataclass(frozen=True)
class Judged:
    """A case, what a contender said of it, and how right that is."""

    case: Mapping[str, Any]
    answer: Answer
    score: Score

    @property
    def is_failure(self) -> bool:
        """True if an error is named, or nothing at all was found where there is something."""
        found = any(self.answer.result.get(what) for what in ("inputs", "outputs", "columns"))
        return self.answer.is_failure or not (found or self.score.is_whole)

    @property
    def is_silent(self) -> bool:
        """True if something is missing and the answer does not say that anything is."""
        return not self.score.is_whole and not self.answer.is_failure and not self.answer.result.get("unresolved")


def accuracy(title: str, contenders: Sequence[Contender], judged: Mapping[str, Sequence[Judged]]) -> None:
    """Print how right and how fast each contender was."""
    heads = (
        *("", "inputs R / P", "outputs R / P", "columns R / P", "all right", "failed", "late"),
        *("columns open", "silent", "median", "p95", "most", "start"),
    )
    rows([_accuracy_of(contender, judged[contender.name]) for contender in contenders], heads, title)
    print(f"\n{EXPLAINED}")


def kinds(title: str, contenders: Sequence[Contender], judged: Mapping[str, Sequence[Judged]]) -> None:
    """Print how right each contender was about each kind of edge."""
    counts = {name: added(one.score for one in all_of_it) for name, all_of_it in judged.items()}
    rows(
        [
            [kind, *(_rates(counts[contender.name].get(kind, Count())) for contender in contenders)]
            for kind in (*KINDS, "masking")
        ],
        ("", *(contender.name for contender in contenders)),
        title,
    )


def worst(title: str, contenders: Sequence[Contender], judged: Mapping[str, Sequence[Judged]]) -> None:
    """Print how long each of the hardest texts took each contender, and what came of it."""
    by_text = zip(*(judged[contender.name] for contender in contenders), strict=True)
    rows(
        [[all_of_it[0].case["id"], *map(_outcome, all_of_it)] for all_of_it in by_text],
        ("", *(contender.name for contender in contenders)),
        title,
    )


def rows(cells: Sequence[Sequence[str]], heads: Sequence[str], title: str) -> None:
    """Print a table, its columns as wide as they need."""
    widths = [max(len(row[at]) for row in (heads, *cells)) for at in range(len(heads))]
    print(f"\n{title}\n")
    for row in (heads, ["-" * width for width in widths], *cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")


def _accuracy_of(contender: Contender, judged: Sequence[Judged]) -> list[str]:
    counts = added(one.score for one in judged)
    times = sorted(one.answer.cpu_ms for one in judged)
    columns = sum(one.score.expected_columns for one in judged)
    return [
        f"{contender.name} {contender.version}",
        *(_rates(counts.get(what, Count())) for what in ("inputs", "outputs", "columns")),
        _share(sum(one.score.is_right for one in judged), len(judged)),
        _share(sum(one.is_failure for one in judged), len(judged)),
        str(sum(one.answer.is_late for one in judged)),
        _share(sum(one.score.open_columns for one in judged), columns),
        _share(sum(one.is_silent for one in judged), len(judged)),
        f"{statistics.median(times):.2f}",
        f"{times[min(len(times) - 1, int(len(times) * 0.95))]:.2f}",
        f"{times[-1]:.1f}",
        f"{contender.start_ms:.0f}",
    ]


def _outcome(one: Judged) -> str:
    if one.answer.is_late:
        return f"more than {one.answer.cpu_ms:,.0f}"
    inputs, columns = one.score.counts["inputs"], one.score.counts.get("columns", Count())
    what = ""
    if inputs.found < inputs.expected:
        what = f" ({inputs.found} of {inputs.expected} inputs)"
    elif columns.found < columns.expected:
        what = f" ({columns.found} of {columns.expected} edges)"
    return f"{one.answer.cpu_ms:,.0f}{what}"


def _rates(count: Count) -> str:
    return " / ".join("–" if rate is None else f"{100 * rate:.1f}" for rate in (count.recall, count.precision))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"
