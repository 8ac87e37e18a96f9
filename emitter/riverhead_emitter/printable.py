"""A text from anywhere → what a terminal, a log or a sentence may show: on one line, inert, and not endless."""

from __future__ import annotations


def printable(text: str, longest: int = 80) -> str:
    """Return a text with an escape in place of each character that a terminal would obey."""
    beginning = text[:longest]
    if not beginning.isprintable():
        beginning = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in beginning)
    return beginning if len(text) <= longest else f"{beginning}…"


def quoted(value: object, longest: int = 60) -> str:
    """Return a value that holds no secret as a sentence repeats it: in quotes, and in ASCII."""
    return ascii(str(value)[:longest])


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number of things in words that agree with it."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
