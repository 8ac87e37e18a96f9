"""Expressions of a dumped plan: attributes by id, and calls by name; no meaning is given to any of them here."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias


class Call(NamedTuple):
    """An expression that is neither an attribute nor a literal.

    `subquery` is the place of a plan; `references` stand where the tap cut a call off; `sql` is the text of an
    operator's own expression where that is small. `field` is the one that is taken of a structure, `names` are the
    fields of what is made, and `filled` those of them that the second child and the following ones fill.
    """

    name: str
    children: tuple[Expression, ...] = ()
    id: int | None = None
    subquery: int | None = None
    references: tuple[int, ...] | None = None
    sql: str = ""
    field: str = ""
    names: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    is_implicit: bool = False
    """True of a cast that nobody wrote: the analyser makes types fit by it."""


# The id of an attribute, a call, or None for a literal, which says nothing of where data comes from.
Expression: TypeAlias = int | Call | None


def expression_from(raw: Any) -> Expression:
    """Return a dumped expression; what is none says nothing, as a literal."""
    if isinstance(raw, int) or raw is None:
        return raw
    if not isinstance(raw, dict) or not isinstance(raw.get("e"), str):
        return None
    references = raw.get("refs")
    return Call(
        raw["e"],
        # The record may be too large, and cut here.
        tuple(map(expression_from, raw.get("k") or ())),
        raw.get("id"),
        raw.get("plan"),
        None if references is None else tuple(references),
        raw.get("s", ""),
        raw.get("field", ""),
        tuple(raw.get("names", ())),
        tuple(raw.get("with", ())),
        raw.get("implicit", False),
    )
