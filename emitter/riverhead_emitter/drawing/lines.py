"""A tree of short texts → lines for a terminal: never wider than it is, coloured where somebody looks at them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BOLD, DIM, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN = "1", "2", "31", "32", "33", "34", "35", "36"
INDENT = 3


class Piece(NamedTuple):
    """Some text of a line, and how it looks."""

    text: str
    style: str = ""


class Branch(NamedTuple):
    """A line, and the lines that hang below it."""

    pieces: tuple[Piece, ...]
    below: tuple[Branch, ...] = ()


def drawn(tree: Branch, width: int, *, is_coloured: bool) -> Iterator[str]:
    """Yield a tree line by line."""
    yield _line(tree.pieces, width, is_coloured=is_coloured)
    yield from _below(tree, "", width, is_coloured=is_coloured)


def width_of(text: str) -> int:
    """Return how many places of a terminal's line a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(letter) else 1 + _is_wide(letter) for letter in text)


def width_of_all(pieces: Iterable[Piece]) -> int:
    """Return how many places some pieces take."""
    return sum(width_of(piece.text) for piece in pieces)


def _below(tree: Branch, indent: str, width: int, *, is_coloured: bool) -> Iterator[str]:
    last = len(tree.below) - 1
    for place, branch in enumerate(tree.below):
        arm = Piece(f"{indent}{'└─' if place == last else '├─'} ", DIM)
        yield _line((arm, *branch.pieces), width, is_coloured=is_coloured)
        yield from _below(branch, indent + ("   " if place == last else "│  "), width, is_coloured=is_coloured)


def _line(pieces: Iterable[Piece], width: int, *, is_coloured: bool) -> str:
    shown = list(pieces)
    if width_of_all(shown) > width:
        shown = list(_cut(shown, width - 1))
    return "".join(
        f"\x1b[{piece.style}m{piece.text}\x1b[0m" if is_coloured and piece.style else piece.text for piece in shown
    ).rstrip()


def _cut(pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
    for piece in pieces:
        if width_of(piece.text) > width:
            yield Piece(_beginning(piece.text, width) + "…", piece.style)
            return
        width -= width_of(piece.text)
        yield piece


def _beginning(text: str, width: int) -> str:
    taken = 0
    for place, letter in enumerate(text):
        taken += width_of(letter)
        if taken > width:
            return text[:place]
    return text


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in {"W", "F"}
