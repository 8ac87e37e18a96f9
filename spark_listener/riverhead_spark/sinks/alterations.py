"""A table's columns after a command that changes which it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Field
from riverhead_spark.sources import field_of

if TYPE_CHECKING:
    from riverhead_spark.plan import Node


def altered(command: Node, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the columns that a table has after a command, given those it had; a nested one is left to its column."""
    if "columns" in command.fields:
        return _declared(command, "columns")
    dropped = set(command.texts("dropped"))
    old, new = command.texts("renamed") or ("", "")
    kept = tuple(
        Field(new, field.type) if field.name == old else field for field in fields if field.name not in dropped
    )
    return kept + tuple(field for field in _declared(command, "added") if "." not in field.name)


def _declared(command: Node, name: str) -> tuple[Field, ...]:
    declared = command.fields.get(name)
    pairs = [each for each in declared if isinstance(each, list)] if isinstance(declared, list) else []
    return tuple(field_of(str(name), str(kind)) for name, kind in pairs)
