"""How a driver takes values, beside the SQL and never in it; and how it gives them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLES = ("qmark", "numeric", "named", "format", "pyformat")


def paramstyle_of(connection: object) -> str:
    """Return the style that a connection's driver says it takes; an empty text where it does not say.

    A driver's module says so, and its connection's class lives there or in a module below it.
    """
    for kind in type(connection).__mro__:
        parts = kind.__module__.split(".")
        for length in range(len(parts), 0, -1):
            style = getattr(sys.modules.get(".".join(parts[:length])), "paramstyle", None)
            if style in STYLES:
                return str(style)
    return ""


def marks(count: int, style: str) -> list[str]:
    """Return what stands in the SQL for so many values."""
    written = {"qmark": "?", "numeric": ":{}", "named": ":p{}", "format": "%s", "pyformat": "%(p{})s"}[style]
    return [written.format(number) for number in range(1, count + 1)]


def bound(values: Sequence[str], style: str) -> Any:
    """Return the values as the driver wants to have them beside SQL with these marks."""
    if style in {"named", "pyformat"}:
        return {f"p{number}": value for number, value in enumerate(values, 1)}
    return tuple(values)


def texts(row: Any, width: int) -> tuple[str | None, ...]:
    """Return the values of a row, whatever a driver makes of rows; raise if it is not as wide as asked for."""
    values = row.values() if isinstance(row, Mapping) else row
    read = tuple(None if value is None else _text(value) for value in values)
    if len(read) != width:
        raise ValueError(f"a row has {len(read)} values and not {width}")
    return read


def _text(value: object) -> str:
    # Some drivers give what MySQL's own tables hold as bytes.
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else str(value)
