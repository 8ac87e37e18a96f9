"""Commands that fill a table of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.sinks.write import Target, overwritten
from riverhead_spark.sources import folder, table_facets

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan, Table

# The field in which each command keeps the table it makes.
_MADE_TABLES = {"CreateDataSourceTableAsSelectCommand": "table", "SaveAsV1TableCommand": "tableDesc"}
_OF_V2 = frozenset({"AppendData", "OverwriteByExpression", "OverwritePartitionsDynamic"})
# These run the command that writes; they themselves know only the name of what they make.
_MAKING_V2 = frozenset({"CreateTableAsSelect", "ReplaceTableAsSelect"})
_OVERWRITING = frozenset({"OverwriteByExpression", "OverwritePartitionsDynamic"})


def write_table(command: Node, plan: Plan) -> Target | None:
    """Return the table that a command makes or fills; None for another command."""
    if command.name in _MADE_TABLES:
        table = command.table(_MADE_TABLES[command.name])
        return into_table(table, is_overwritten=command.text("mode") == "Overwrite")
    if command.name in _OF_V2:
        place = command.link("table")
        table = plan.node(place).table("table") if place is not None else None
        return into_table(table, is_overwritten=command.name in _OVERWRITING)
    if command.name in _MAKING_V2:
        made = command.link("name")
        return Target(label=_label((plan.node(made).text("identifier") if made is not None else None) or ""))
    return None


def into_table(table: Table | None, *, is_overwritten: bool) -> Target:
    """Return this table as a target; it has no dataset where it has no location."""
    if table is None:
        return Target()
    label = _label(table.name)
    if table.location is None:
        return Target(label=label)
    facets = {**table_facets(table), **overwritten(is_overwritten=is_overwritten)}
    return Target(Touched(folder(table.location), (), facets), label)


def _label(table: str) -> str:
    return "_".join(table.split(".")[-2:])
