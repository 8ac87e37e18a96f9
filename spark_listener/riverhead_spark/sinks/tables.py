"""Commands that fill a table of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.sinks.write import Target, change_of, changing, label_of
from riverhead_spark.sources import reads_of, table_facets, table_of

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan
    from riverhead_spark.sources import Table

# The field in which each command keeps the table that it makes from a query.
_MADE = {
    "CreateDataSourceTableAsSelectCommand": "table",
    "CreateHiveTableAsSelectCommand": "tableDesc",
    "OptimizedCreateHiveTableAsSelectCommand": "tableDesc",
    "SaveAsV1TableCommand": "tableDesc",
}
_OF_V2 = frozenset({"AppendData", "OverwriteByExpression", "OverwritePartitionsDynamic"})
# These take rows and keep none.
_KEEPING_NOTHING = frozenset({"NoopTable", "ConsoleTable"})


def write_table(command: Node, plan: Plan) -> Target | None:
    """Return the table that a command makes or fills; None for another command."""
    if command.name in _MADE:
        return into_table(table_of(command.facts(_MADE[command.name])), change_of(command))
    if command.name == "InsertIntoHiveTable":
        return into_table(table_of(command.facts("table")), _overwriting(command))
    if command.name == "InsertIntoDataSourceCommand":
        return _into_relation(command, "logicalRelation", plan, _overwriting(command))
    if command.name in _OF_V2:
        return _into_relation(command, "table", plan, "OVERWRITE" if command.name != "AppendData" else None)
    return None


def into_table(table: Table | None, change: str | None) -> Target:
    """Return this table as a target; it has no output where nobody says where it lies."""
    if table is None:
        return Target()
    label = label_of(table.name)
    if table.dataset is None:
        return Target(label=label, why=f"the catalog does not say where {table.name} lies")
    return Target(Touched(table.dataset, table.columns, {**table_facets(table), **changing(change)}), label)


def _into_relation(command: Node, field: str, plan: Plan, change: str | None) -> Target:
    """Return the relation that a command fills, which is described as one that is read."""
    place = command.link(field)
    if place is None:
        return Target()
    node = plan.node(place)
    facts = node.facts("table") or node.facts("relation")
    if facts.get("class") in _KEEPING_NOTHING:
        return Target(why="")
    found = reads_of(node, plan.described(place)).datasets
    table = table_of(node.facts("catalogTable")) or table_of(facts)
    label = label_of(table.name if table is not None else found[0].dataset.name if found else "")
    if len(found) != 1:
        return Target(label=label)
    return Target(Touched(found[0].dataset, found[0].fields, {**found[0].facets, **changing(change)}), label)


def _overwriting(command: Node) -> str | None:
    return "OVERWRITE" if command.flag("overwrite") else None
