"""Which kind of write a command is: the one dispatch of all that can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_spark.sinks.databases import change_in_catalog, save
from riverhead_spark.sinks.files import write_files
from riverhead_spark.sinks.kafka import write_kafka
from riverhead_spark.sinks.lakes import write_lake
from riverhead_spark.sinks.lifecycles import change
from riverhead_spark.sinks.rdds import write_rdd
from riverhead_spark.sinks.streams import write_stream
from riverhead_spark.sinks.tables import write_table
from riverhead_spark.sinks.write import Target, Write, changed, filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_spark.plan import Node, Plan

# The first that knows a command answers; each returns None for what is not its own.
_KINDS: tuple[Callable[[Node, Plan], Target | None], ...] = (
    write_lake,
    write_files,
    write_kafka,
    write_table,
    write_stream,
    write_rdd,
    save,
    change_in_catalog,
)


def writes_of(plan: Plan) -> tuple[Write, ...]:
    """Return what the plan writes: one write for each INSERT of a statement, nothing for what writes nothing."""
    root = plan.root
    if root.name == "Union":
        parts = [_write(plan.node(child), plan) for child in root.children]
        return tuple(part for part in parts if part is not None)
    found = _write(root, plan)
    return () if found is None else (found,)


def kept_nowhere(plan: Plan) -> Write | None:
    """Return the write of a plan whose rows go to no dataset at all; they only leave Spark."""
    return next(
        (write for write in writes_of(plan) if write.query is not None and not (write.output or write.why)), None
    )


def _write(command: Node, plan: Plan) -> Write | None:
    found = change(command, plan)
    if found is not None:
        return found
    query, target = command.link("query"), _target(command, plan)
    if query is not None:
        return filled(command, query, target or Target(), plan)
    return None if target is None else changed(command, target)


def _target(command: Node, plan: Plan) -> Target | None:
    for write in _KINDS:
        found = write(command, plan)
        if found is not None:
            return found
    return None
