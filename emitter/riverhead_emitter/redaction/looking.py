"""Whether and where a word is in a text: plain searches, which cost a host far less than a regular expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_LEAST_WORTH_SORTING = 1_000


def lowered(text: str) -> str:
    """Return the text in lower case, with every character at its place."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def without_repetition(text: str) -> str:
    """Return each piece between quotes once: a record says the same names a thousand times, and is searched often."""
    return "\n".join(set(text.split('"'))) if len(text) > _LEAST_WORTH_SORTING else text


def all_of(words: Iterable[str], text: str) -> Iterator[int]:
    """Return where each of the words begins."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            yield start
            start = text.find(word, start + 1)
