"""Which kind of write a command is: the one dispatch of all that can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_spark.sinks.files import write_files
from riverhead_spark.sinks.lakes import write_lake
from riverhead_spark.sinks.tables import write_table
from riverhead_spark.sinks.write import Target, Write, filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_spark.plan import Node, Plan

# The first that knows a command answers; each returns None for what is not its own.
_KINDS: tuple[Callable[[Node, Plan], Target | None], ...] = (write_lake, write_files, write_table)


def writes_of(plan: Plan) -> tuple[Write, ...]:
    """Return what the plan writes: nothing for a query or a command that writes nothing."""
    command = plan.root
    query = command.link("query")
    target = _target(command, plan)
    if query is not None:
        return (filled(command, query, target or Target(), plan),)
    return () if target is None else (Write(command.name, None, target.output, label=target.label),)


def _target(command: Node, plan: Plan) -> Target | None:
    for write in _KINDS:
        found = write(command, plan)
        if found is not None:
            return found
    return None
