"""How right an answer is: names made alike, edges matched one to one, counts added up. Pure.

The form of a case and of an answer is described in README.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")
Name = tuple[str, ...]

DIRECT = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
OF_A_COLUMN = (*DIRECT, "CONDITIONAL", "WINDOW")
OF_ALL_ROWS = ("JOIN", "FILTER", "GROUP_BY", "SORT")
KINDS = (*OF_A_COLUMN, *OF_ALL_ROWS)

# What parsers and databases call a column that was given no name.
_NAMELESS = re.compile(r"_?col_?\d+|_c\d+|f\d+_|_\d+|column\d+|expr\$?\d*|unknown.*|\?column\?|.*[^\w.$#@ -].*|")


@dataclass(frozen=True)
class Count:
    """How many of the expected things were found, and how many things were answered."""

    found: int = 0
    expected: int = 0
    answered: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.found + other.found, self.expected + other.expected, self.answered + other.answered)

    @property
    def recall(self) -> float | None:
        """The share of what was expected that was found; None if nothing was."""
        return self.found / self.expected if self.expected else None

    @property
    def precision(self) -> float | None:
        """The share of what was answered that was expected; None if nothing was answered."""
        return self.found / self.answered if self.answered else None


@dataclass(frozen=True)
class Score:
    """One answer's counts, by what was counted."""

    counts: Mapping[str, Count]
    # Columns that have a source, and for how many of them the answer names none at all.
    expected_columns: int
    open_columns: int

    @property
    def is_whole(self) -> bool:
        """True if nothing that was expected is missing."""
        return all(count.found == count.expected for count in self.counts.values())

    @property
    def is_right(self) -> bool:
        """True if nothing that was expected is missing, and nothing was made up."""
        return all(count.found == count.expected == count.answered for count in self.counts.values())


class Edge(NamedTuple):
    """One source column of one output column, or of all rows; as something optional, of any output (None)."""

    output: str | None
    source: Name | None
    column: str
    target: Name | None = None
    kind: str = ""
    is_masking: bool = False


def score(case: Mapping[str, Any], answer: Mapping[str, Any]) -> Score:
    """Return how much of a case's expectation an answer holds, and how much besides."""
    expected, default = case["expected"], case.get("default") or {}
    welcome = _names(expected.get("optional_datasets"), default)
    counts = {
        what: _count(_names(expected[what], default), _names(answer.get(what), default), _is_same, welcome)
        for what in ("inputs", "outputs")
        if expected.get(what) is not None
    }
    wanted, got = _edges(expected, default), _edges(answer, default)
    optional = [_optional(entry, default) for entry in expected.get("optional") or ()]
    if any(edge.kind for edge in wanted):
        counts |= _counts_by_kind(wanted, got, optional)
    elif wanted:
        counts["columns"] = _count_of_columns(wanted, got, optional)
    answered = {(edge.output, edge.target) for edge in got if edge.kind not in OF_ALL_ROWS}
    columns = {(edge.output, edge.target) for edge in wanted if edge.kind not in OF_ALL_ROWS}
    missing = [
        (output, target)
        for output, target in columns
        if not any(output == other and _may_be_same(target, place) for other, place in answered)
    ]
    return Score(counts, len(columns), len(missing))


def added(scores: Iterable[Score]) -> dict[str, Count]:
    """Return the counts of many answers as one."""
    total: dict[str, Count] = {}
    for one in scores:
        for what, count in one.counts.items():
            total[what] = total.get(what, Count()) + count
    return total


def _count_of_columns(wanted: Sequence[Edge], got: Sequence[Edge], optional: Sequence[Edge]) -> Count:
    has_targets = any(edge.target for edge in wanted)
    expected, answered = (
        _once(
            Edge(edge.output, edge.source, edge.column, edge.target if has_targets else None)
            for edge in edges
            if edge.kind not in OF_ALL_ROWS
        )
        for edges in (wanted, got)
    )
    return _count(expected, answered, _is_same_edge, optional)


def _counts_by_kind(wanted: Sequence[Edge], got: Sequence[Edge], optional: Sequence[Edge]) -> dict[str, Count]:
    counts = {}
    for kind in KINDS:
        expected, answered = (
            _once(edge._replace(target=None, is_masking=False) for edge in edges if edge.kind == kind)
            for edges in (wanted, got)
        )
        if expected or answered:
            counts[kind] = _count(expected, answered, _is_same_edge, optional)
    hidden, shown = (
        _once(edge._replace(kind="", target=None) for edge in edges if edge.is_masking) for edges in (wanted, got)
    )
    if hidden or shown:
        counts["masking"] = _count(hidden, shown, _is_same_edge)
    return counts


def _count(wanted: Sequence[T], got: Sequence[T], is_same: Callable[[T, T], bool], optional: Sequence[T] = ()) -> Count:
    left, found = list(got), 0
    for one in wanted:
        at = next((at for at, other in enumerate(left) if is_same(one, other)), None)
        if at is not None:
            left.pop(at)
            found += 1
    extra = [other for other in left if not any(is_same(one, other) for one in optional)]
    return Count(found, len(wanted), found + len(extra))


def _optional(entry: Sequence[str], default: Mapping[str, Any]) -> Edge:
    # Two forms: output, dataset, column; and dataset, column, kind, which is meant of any output.
    if entry[-1] in KINDS:
        return Edge(None, _name(entry[0], default), _bare(entry[1]), kind=entry[2])
    return Edge(_output(entry[0]), _name(entry[1], default), _bare(entry[2]))


def _edges(answer: Mapping[str, Any], default: Mapping[str, Any]) -> list[Edge]:
    edges = []
    for column in answer.get("columns") or ():
        target = _name(column.get("table"), default)
        for source in column.get("from") or ():
            table, name, kind, is_masking = (*source, "", "")[:4]
            output = "" if kind in OF_ALL_ROWS else _output(column["out"])
            edges.append(Edge(output, _name(table, default), _bare(name), target, kind or "", bool(is_masking)))
    edges += [
        Edge("", _name(table, default), _bare(name), None, kind) for table, name, kind in answer.get("dataset") or ()
    ]
    return edges


def _names(names: Iterable[str] | None, default: Mapping[str, Any]) -> list[Name]:
    return _once(name for name in (_name(name, default) for name in names or ()) if name)


def _name(text: str | None, default: Mapping[str, Any]) -> Name | None:
    if not text:
        return None
    bare = _bare(text)
    if "/" in bare or bare.startswith("@"):
        # A pattern stands for the files of its folder.
        return (re.sub(r"/[^/]*\*[^/]*$", "", bare.strip("'")).rstrip("/"),)
    parts = [part for part in bare.split(".") if part and part != "<default>"]
    missing = (default.get("db"), default.get("schema"))[: max(0, 3 - len(parts))]
    # A database without a schema cannot complete a name of one part.
    known = missing if all(missing) else [part for part in missing[1:] if part]
    return tuple(_bare(part) for part in (*known, *parts)) or None


def _bare(text: object) -> str:
    return re.sub(r'["`\[\]]', "", str(text).strip()).lower()


def _output(text: object) -> str:
    bare = _bare(text)
    return "" if _NAMELESS.fullmatch(bare) else bare


def _is_same(one: Name | None, other: Name | None) -> bool:
    if one is None or other is None:
        return one is other
    length = min(len(one), len(other))
    return one[-length:] == other[-length:]


def _may_be_same(one: Name | None, other: Name | None) -> bool:
    return one is None or other is None or _is_same(one, other)


def _is_same_edge(one: Edge, other: Edge) -> bool:
    return (
        one.output in (None, other.output)
        and one.kind == other.kind
        and _is_same_column(one.column, other.column)
        and _is_same(one.source, other.source)
        and _may_be_same(one.target, other.target)
    )


def _is_same_column(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _once(things: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(things))
