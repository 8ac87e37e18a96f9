"""A write, as every kind of command says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_spark.sources import field_of, with_source

if TYPE_CHECKING:
    from riverhead_emitter.model import Field, Touched
    from riverhead_spark.plan import Node, Plan

NOT_UNDERSTOOD = "where this command writes to is not understood yet"
_CHANGES = {"Overwrite": "OVERWRITE", "ErrorIfExists": "CREATE", "Ignore": "CREATE"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a command writes to, and the part of a job's name that it gives.

    Without an output, `why` says what is not known; it is empty where the rows go to no dataset at all.
    """

    output: Touched | None = None
    label: str = ""
    why: str = NOT_UNDERSTOOD


@dataclass(frozen=True, slots=True)
class Write:
    """A command that writes or changes a dataset; its columns are told by the ids of the attributes that fill them.

    Without a query it changes a dataset as a whole. `reads` are datasets that it takes data from without a query.
    """

    command: str
    query: int | None
    output: Touched | None = None
    columns: tuple[tuple[str, int], ...] = ()
    label: str = ""
    why: str = ""
    reads: tuple[Touched, ...] = ()


def filled(command: Node, query: int, target: Target, plan: Plan) -> Write:
    """Return the write of a query's rows into this target; a target's own fields are its schema."""
    columns = _columns(plan, command, query)
    output = target.output
    if output is not None:
        output = with_source(replace(output, fields=_together(output.fields, _fields(columns, plan, query))))
    why = "" if output is not None else target.why
    return Write(command.name, query, output, columns, target.label, why)


def changed(command: Node, target: Target, reads: tuple[Touched, ...] = ()) -> Write:
    """Return the change of a dataset that no query fills."""
    output = None if target.output is None else with_source(target.output)
    return Write(command.name, None, output, (), target.label, "" if output is not None else target.why, reads)


def changing(change: str | None) -> dict[str, object]:
    """Return the facet of an output that is made, changed or replaced."""
    return {"lifecycleStateChange": lifecycle_state_change(change)} if change else {}


def change_of(command: Node) -> str | None:
    """Return what a mode of saving (`Overwrite`, `ErrorIfExists`) does to what it fills."""
    return _CHANGES.get(command.text("mode") or "")


def label_of(name: str) -> str:
    """Return the part of a job's name that a table's or a path's name gives."""
    return "_".join(name.strip("/").replace("/", ".").split(".")[-2:])


def _together(known: tuple[Field, ...], written: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return a table's own fields, and those that the write adds to them."""
    names = {field.name.lower() for field in known}
    return known + tuple(field for field in written if field.name.lower() not in names)


def _fields(columns: tuple[tuple[str, int], ...], plan: Plan, query: int) -> tuple[Field, ...]:
    types = {attribute.id: attribute.type for attribute in plan.described(query)}
    return tuple(field_of(name, types.get(id_, "")) for name, id_ in columns)


def _columns(plan: Plan, command: Node, query: int) -> tuple[tuple[str, int], ...]:
    """Pair the target's columns with what fills them; by position, as Spark itself does."""
    attributes = plan.described(query)
    names = command.texts("outputColumnNames") or command.texts("userSpecifiedColumns")
    if len(names) != len(attributes):
        names = tuple(attribute.name for attribute in attributes)
    return tuple(zip(names, (attribute.id for attribute in attributes), strict=True))
