"""The ways in which source columns are used, in words: one line for those that are used alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.drawing.lines import (
    BLUE,
    BOLD,
    CYAN,
    DIM,
    GREEN,
    MAGENTA,
    RED,
    YELLOW,
    Branch,
    Piece,
    width_of,
    width_of_all,
)
from riverhead_emitter.model import ColumnEdge, DatasetEdge, Derivation
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riverhead_emitter.model import Column, Dataset

_WORDS = {
    Derivation.IDENTITY: Piece("copied from", GREEN),
    Derivation.TRANSFORMATION: Piece("computed from", CYAN),
    Derivation.AGGREGATION: Piece("aggregated from", MAGENTA),
    Derivation.CONDITIONAL: Piece("chosen by", YELLOW),
    Derivation.WINDOW: Piece("windowed by", BLUE),
    Derivation.JOIN: Piece("joined on", BLUE),
    Derivation.FILTER: Piece("filtered by", YELLOW),
    Derivation.GROUP_BY: Piece("grouped by", MAGENTA),
    Derivation.SORT: Piece("sorted by", CYAN),
}
_ORDER = {kind: place for place, kind in enumerate(_WORDS)}
_A_NAME = re.compile(r'[\w$."`\[\]]+')
_LONGEST_DATASET, _LONGEST_COLUMN, _LONGEST_EXPRESSION = 70, 40, 300
# So much of an expression is worth a place beside its sources; with less room it gets a line of its own.
_WORTH_SHOWING = 24
_ROOM_FOR_MORE = len(", … 1,000 more (--all)")


class Use(NamedTuple):
    """Source columns that one expression uses in one way."""

    words: Piece
    sources: tuple[tuple[Piece, ...], ...]
    expression: str

    @property
    def text(self) -> Piece:
        """The expression as it is shown."""
        return Piece(self.expression, DIM)


def uses_of(edges: Iterable[ColumnEdge | DatasetEdge]) -> list[Use]:
    """Return the ways in which edges use their sources: values first, then what decides about them."""
    grouped: dict[tuple[Derivation, str], dict[tuple[Piece, ...], None]] = {}
    for edge in edges:
        is_masked = isinstance(edge, ColumnEdge) and edge.is_masking
        sources = grouped.setdefault((edge.how, _expression(edge)), {})
        sources[_source(edge.source, is_masked=is_masked)] = None
    ways = sorted(grouped, key=lambda way: _ORDER[way[0]])
    return [Use(_WORDS[how], tuple(grouped[how, expression]), expression) for how, expression in ways]


def beside(use: Use, room: int) -> tuple[Piece, ...] | None:
    """Return a use with its expression on one line, or None where that is too narrow."""
    pieces = _listing(use.words, use.sources)
    left = room - width_of_all(pieces) - 2
    if left < 0 or (use.expression and left < min(width_of(use.expression), _WORTH_SHOWING)):
        return None
    return (*pieces, Piece("  "), use.text) if use.expression else pieces


def told(use: Use, room: int, *, is_whole: bool) -> list[Branch]:
    """Return a use with its expression, which has a line of its own where there is no room beside the sources."""
    line = beside(use, room)
    if line is not None:
        return [Branch(line)]
    *before, last = below(use, room, is_whole=is_whole)
    return [*before, last._replace(below=(Branch((use.text,)),) if use.expression else ())]


def below(use: Use, room: int, *, is_whole: bool) -> Iterator[Branch]:
    """Yield a use as lines of a tree, without its expression."""
    for pieces in lines_of(use.words, use.sources, room, is_whole=is_whole):
        yield Branch(pieces)


def lines_of(
    words: Piece, listed: Sequence[tuple[Piece, ...]], room: int, *, is_whole: bool
) -> Iterator[tuple[Piece, ...]]:
    """Yield a list in as many lines as it takes, or in one that says how much is not shown."""
    left = list(listed)
    if not is_whole and width_of_all(_listing(words, left)) > room:
        fitting = _fitting(words, left, room - _ROOM_FOR_MORE)
        more = len(left) - fitting
        tail = (Piece(f", … {more:,} more (--all)", DIM),) if more else ()
        yield (*_listing(words, left[:fitting]), *tail)
        return
    while left:
        fitting = _fitting(words, left, room)
        yield _listing(words, left[:fitting])
        left = left[fitting:]


def called(dataset: Dataset) -> str:
    """Return a dataset's name, inert in a terminal; a file's says where it lies."""
    place = f"{dataset.namespace}/" if "://" in dataset.namespace else ""
    return printable(place + dataset.name, _LONGEST_DATASET)


def column_name(name: str) -> str:
    """Return a column's name, inert in a terminal."""
    return printable(name, _LONGEST_COLUMN)


def _expression(edge: ColumnEdge | DatasetEdge) -> str:
    """Return an expression on one line, or nothing where it says no more than the source's name."""
    text = printable(" ".join(edge.expression.split()), _LONGEST_EXPRESSION)
    is_name = _A_NAME.fullmatch(text) and text.rpartition(".")[2].strip('"`[]').lower() == edge.source.name.lower()
    return "" if edge.how is Derivation.IDENTITY or is_name else text


def _source(source: Column, *, is_masked: bool) -> tuple[Piece, ...]:
    name = (Piece(f"{called(source.dataset)}."), Piece(column_name(source.name), BOLD))
    return (*name, Piece(" (masked)", RED)) if is_masked else name


def _listing(words: Piece, listed: Iterable[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    pieces = [words, Piece(" ")]
    for place, name in enumerate(listed):
        pieces += [Piece(", "), *name] if place else name
    return tuple(pieces)


def _fitting(words: Piece, listed: Sequence[tuple[Piece, ...]], room: int) -> int:
    """Return how many of a list fit on a line: one at least."""
    taken = width_of(words.text) + 1
    for place, name in enumerate(listed):
        taken += width_of_all(name) + 2 * (place > 0)
        if taken > room and place:
            return place
    return len(listed)
