"""What a verb is given beside datasets → texts, numbers and mappings as facets have them, or a sentence why not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from riverhead_emitter.host_signals import let_through
from riverhead_emitter.lineage.gaps import MisunderstoodError
from riverhead_emitter.redaction import REDACTION

_LONGEST_TEXT = 1_000
_LARGEST_COUNT = 2**63
CHANGES = ("ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE")


def text(thing: object) -> str:
    """Return the text of a thing, within bounds; one without a text is refused with a sentence."""
    try:
        # Hidden before it is cut: half a secret looks like none.
        return REDACTION.beginning(found, _LONGEST_TEXT) if len(found := str(thing)) > _LONGEST_TEXT else found
    except Exception as error:
        let_through(error)
        raise MisunderstoodError(f"what is of type {type(thing).__name__} has no text") from error


def word(thing: object) -> str | None:
    """Return the text of a thing, or None for None."""
    return None if thing is None else text(thing)


def number(thing: object, what: str = "this") -> float | None:
    """Return a finite number, None for None; what is no number is refused with a sentence about `what` it is."""
    if thing is None:
        return None
    try:
        found = float(thing)  # type: ignore[arg-type]  # whatever can say that it is a number may
    except (TypeError, ValueError, OverflowError) as error:
        raise MisunderstoodError(f"{what} is a number, not {_a_kind_of(thing)}") from error
    if not math.isfinite(found):
        raise MisunderstoodError(f"{what} is a finite number, not {found}")
    return found


def count(thing: object) -> int | None:
    """Return a whole number, None for None; what is none is refused with a sentence."""
    found = number(thing, "a count")
    if found is None:
        return None
    if abs(found) >= _LARGEST_COUNT:
        raise MisunderstoodError("a count is one of things that can be counted")
    return int(found)


def mapping(thing: object, what: str) -> Mapping[Any, Any]:
    """Return a mapping; what is none is refused with a sentence about `what` it is."""
    if isinstance(thing, Mapping):
        return thing
    raise MisunderstoodError(f"{what}, not {_a_kind_of(thing)}")


def change_meant(thing: object) -> str:
    """Return what was done to a dataset, as the specification calls it."""
    found = text(thing).upper()
    if found in CHANGES:
        return found
    raise MisunderstoodError(f"a change is one of {', '.join(CHANGES)}")


def _a_kind_of(thing: object) -> str:
    kind = type(thing).__name__[:100]
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
