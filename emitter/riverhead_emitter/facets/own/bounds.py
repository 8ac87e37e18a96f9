"""How much a facet names: a host may have millions of what a facet lists, so that it counts all and names the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LISTED = 1_000

Value = TypeVar("Value")


def first(values: Iterable[Value], most: int = MOST_LISTED) -> tuple[list[Value], int]:
    """Return the first of these, and how many there are in all."""
    named: list[Value] = []
    count = 0
    for value in values:
        if count < most:
            named.append(value)
        count += 1
    return named, count
