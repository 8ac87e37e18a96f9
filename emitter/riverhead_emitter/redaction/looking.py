"""Whether and where a word is in a text: plain searches, which cost a host far less than a regular expression.

A host tells of the same columns again and again, so what was once told in the clear, and has no sign of a secret in
it, is not searched again.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# Where one of these is missing, the signs that it is a part of need not be searched.
_PARTS_OF_SIGNS = ("-", "/", "?", "&", "=", "gh", "ia", "ke", "pi")
_BITS = tuple((part, 1 << number) for number, part in enumerate(_PARTS_OF_SIGNS))
_LEAST_WORTH_SORTING = 1_000
_FAMILIAR: set[str] = set()
_MOST_FAMILIAR, _LONGEST_FAMILIAR = 5_000, 400


def lowered(text: str) -> str:
    """Return the text in lower case, with every character at its place."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def unfamiliar_in(text: str) -> set[str]:
    """Return each piece between braces and lines' ends once, but for those in which there is nothing to look for."""
    if len(text) <= _LEAST_WORTH_SORTING:
        return {text}
    # The letter stays: behind a backslash that is itself escaped, it begins a word.
    parted = text.replace("\\n", "{n") if "\\" in text else text
    return set(parted.split("{")) - _FAMILIAR


def signs_in(pieces: Iterable[str], signs: tuple[str, ...]) -> list[str]:
    """Return which signs are in these pieces, in whatever case."""
    low = lowered("\n".join(pieces))
    if len(low) > _LEAST_WORTH_SORTING:
        # SQL has the same words again and again.
        low = f"{' '.join(set(low.split()))} "
    absent = sum([bit for part, bit in _BITS if part not in low])
    return [sign for sign, word, parts in _described(signs) if not parts & absent and word in low]


@cache
def _described(signs: tuple[str, ...]) -> tuple[tuple[str, str, int], ...]:
    """Return each sign with what of it is within one word, and with the bits of its parts."""
    return tuple((sign, _first_word(sign), sum(bit for part, bit in _BITS if part in sign)) for sign in signs)


def _first_word(sign: str) -> str:
    """Return what of a sign is within one word, with the space behind it if that is a part of it."""
    first, space, more = sign.partition(" ")
    return first if more else first + space


def note_familiar(pieces: Iterable[str], found: Collection[str]) -> None:
    """Remember pieces of a text that nothing was hidden in, except where one of the signs is that were found in it."""
    if found:
        pieces = [piece for piece in pieces if not any(sign in piece.lower() for sign in found)]
    remember(_FAMILIAR, pieces)


@lru_cache(maxsize=16)
def familiar_to(rule: object) -> set[str]:  # noqa: ARG001 - each rule has its own
    """Return the texts that a rule, which always says the same, once left as they are."""
    return set()


def remember(familiar: set[str], texts: Iterable[str]) -> None:
    """Add the short ones of these texts; where they became too many, all begins anew."""
    if len(familiar) > _MOST_FAMILIAR:
        familiar.clear()
    familiar.update([text for text in texts if len(text) <= _LONGEST_FAMILIAR])


def all_of(words: Iterable[str], text: str) -> Iterator[int]:
    """Return where each of the words begins."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            yield start
            start = text.find(word, start + 1)
