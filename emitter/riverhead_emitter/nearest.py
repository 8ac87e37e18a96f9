"""The known name that somebody may have meant who wrote another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Iterable

# Nobody's name is longer, and comparing is quadratic.
_LONGEST = 80


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that is most like this one, or None if none is."""
    with loading():
        import difflib  # a cost that only a mistake has

    return next(iter(difflib.get_close_matches(name[:_LONGEST], sorted(known), n=1, cutoff=cutoff)), None)
