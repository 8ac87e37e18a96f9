"""Which command changes rows, and how it becomes a query: the one dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_spark.changes.delta import deleted, merged, updated
from riverhead_spark.changes.iceberg import rewritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_spark.plan import Plan

_COMMANDS: dict[str, Callable[[Plan], Plan]] = {
    "MergeIntoCommand": merged,
    "UpdateCommand": updated,
    "DeleteCommand": deleted,
    "ReplaceData": rewritten,
    "WriteDelta": rewritten,
}


def is_change(plan: Plan) -> bool:
    """Return whether the command changes rows; a MERGE that only inserts is a plain append that looks at its table."""
    command, table = plan.root, plan.root.link("table")
    is_insert_only = command.name == "AppendData" and any(table in node.children for node in plan.nodes)
    return command.name in _COMMANDS or (is_insert_only and table is not None)


def as_query(plan: Plan) -> Plan:
    """Return a command that changes rows with the query that finds what it writes; any other plan as it is."""
    change = _COMMANDS.get(plan.root.name)
    return plan if change is None else change(plan)
