"""Whether and where a word is in a text: plain searches, which cost a host far less than a regular expression.

A host tells of the same columns again and again, so what was once told in the clear, and has no sign of a secret in
it, is not searched again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_LEAST_WORTH_SORTING = 1_000
_FAMILIAR: set[str] = set()
_MOST_FAMILIAR, _LONGEST_FAMILIAR = 5_000, 400


def lowered(text: str) -> str:
    """Return the text in lower case, with every character at its place."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def unfamiliar_in(text: str) -> set[str]:
    """Return each piece between braces once, but for those in which there is nothing to look for."""
    return set(text.split("{")) - _FAMILIAR if len(text) > _LEAST_WORTH_SORTING else {text}


def signs_in(pieces: Iterable[str], signs: Iterable[str]) -> list[str]:
    """Return which signs are in these pieces, in whatever case."""
    low = lowered("\n".join(pieces))
    return [sign for sign in signs if sign in low]


def note_familiar(pieces: Iterable[str], found: Collection[str]) -> None:
    """Remember pieces of a text that nothing was hidden in, except where one of the signs is that were found in it."""
    if len(_FAMILIAR) > _MOST_FAMILIAR:
        _FAMILIAR.clear()
    short = [piece for piece in pieces if len(piece) <= _LONGEST_FAMILIAR]
    _FAMILIAR.update([piece for piece in short if not any(sign in piece.lower() for sign in found)] if found else short)


def all_of(words: Iterable[str], text: str) -> Iterator[int]:
    """Return where each of the words begins."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            yield start
            start = text.find(word, start + 1)
