"""Texts and numbers as facets have them, whatever somebody handed over for one."""

from __future__ import annotations

import math

from riverhead_emitter.lineage.datasets import MisunderstoodError

_LONGEST_TEXT = 1_000
_LARGEST_COUNT = 2**63


def text(thing: object) -> str:
    """Return the text of a thing, within bounds; one without a text is refused with a sentence."""
    try:
        return str(thing)[:_LONGEST_TEXT]
    except Exception as error:
        raise MisunderstoodError(f"what is of type {type(thing).__name__} has no text") from error


def word(thing: object) -> str | None:
    """Return the text of a thing, or None for None."""
    return None if thing is None else text(thing)


def number(thing: object) -> float | None:
    """Return a finite number, None for None; what is no number is refused with a sentence."""
    if thing is None:
        return None
    try:
        found = float(thing)  # type: ignore[arg-type]  # whatever can say that it is a number may
    except (TypeError, ValueError, OverflowError) as error:
        raise MisunderstoodError(f"this is a number, and not of type {type(thing).__name__}") from error
    if not math.isfinite(found):
        raise MisunderstoodError("this is a finite number")
    return found


def count(thing: object) -> int | None:
    """Return a whole number, None for None; what is none is refused with a sentence."""
    found = number(thing)
    if found is None:
        return None
    if abs(found) >= _LARGEST_COUNT:
        raise MisunderstoodError("this is a count of things that can be counted")
    return int(found)
