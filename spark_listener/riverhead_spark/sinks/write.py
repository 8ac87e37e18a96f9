"""A write, as every kind of command says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_emitter.model import Field, Touched

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan


@dataclass(frozen=True, slots=True)
class Target:
    """Where a command writes to, where that is understood, and the part of a job's name that it gives."""

    output: Touched | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """A command that writes: its output where that is understood, and the output's columns by attribute id.

    Without a query it changes the dataset itself: makes, alters, empties or drops it.
    """

    command: str
    query: int | None
    output: Touched | None = None
    columns: tuple[tuple[str, int], ...] = ()
    label: str = ""


def filled(command: Node, query: int, target: Target, plan: Plan) -> Write:
    """Return the write of a query's rows into this target."""
    columns = _columns(plan, command, query)
    output = target.output
    if output is not None:
        types = {attribute.id: attribute.type for attribute in plan.described(query)}
        fields = tuple(Field(name, types.get(id_, "")) for name, id_ in columns)
        output = Touched(output.dataset, _together(output.fields, fields), output.facets)
    return Write(command.name, query, output, columns, target.label)


def _together(known: tuple[Field, ...], written: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return a table's own fields, and those that the write adds to them."""
    names = {field.name.lower() for field in known}
    return known + tuple(field for field in written if field.name.lower() not in names)


def overwritten(*, is_overwritten: bool) -> dict[str, object]:
    """Return the facet of an output that replaces what was there."""
    return {"lifecycleStateChange": lifecycle_state_change("OVERWRITE")} if is_overwritten else {}


def _columns(plan: Plan, command: Node, query: int) -> tuple[tuple[str, int], ...]:
    """Pair the target's columns with what fills them; by position, as Spark itself does."""
    attributes = plan.described(query)
    names = command.texts("outputColumnNames")
    if len(names) != len(attributes):
        names = tuple(attribute.name for attribute in attributes)
    return tuple(zip(names, (attribute.id for attribute in attributes), strict=True))
