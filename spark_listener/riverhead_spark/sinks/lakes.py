"""Commands that fill, change or remove a table of a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter import naming
from riverhead_emitter.model import Touched
from riverhead_spark.sinks.alterations import altered
from riverhead_spark.sinks.write import Target, change_of, changing, label_of
from riverhead_spark.sources.lakes import DELTA, ICEBERG, Lake, lake_facets, lake_of, name_in_sql
from riverhead_spark.sources.reading import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from riverhead_spark.plan import Node, Plan

# The fields in which commands keep the relation that they fill or change.
_RELATIONS = ("table", "target", "child", "sourceTable")
# What becomes of the dataset, for commands that say so by themselves; a plain append says nothing.
_CHANGES = {
    "AddColumns": "ALTER",
    "AlterColumn": "ALTER",
    "AlterColumns": "ALTER",
    "AddPartitionField": "ALTER",
    "CreateOrReplaceBranch": "ALTER",
    "CreateOrReplaceTag": "ALTER",
    "DropBranch": "ALTER",
    "DropIdentifierFields": "ALTER",
    "DropPartitionField": "ALTER",
    "DropTag": "ALTER",
    "ReplacePartitionField": "ALTER",
    "SetIdentifierFields": "ALTER",
    "SetWriteDistributionAndOrdering": "ALTER",
    "CreateTable": "CREATE",
    "CreateTableAsSelect": "CREATE",
    "DropColumns": "ALTER",
    "DropTable": "DROP",
    "OverwriteByExpression": "OVERWRITE",
    "OverwritePartitionsDynamic": "OVERWRITE",
    "DeltaDynamicPartitionOverwriteCommand": "OVERWRITE",
    "RenameColumn": "ALTER",
    "ReplaceColumns": "ALTER",
    "ReplaceTable": "OVERWRITE",
    "ReplaceTableAsSelect": "OVERWRITE",
    "RestoreTableCommand": "OVERWRITE",
    "SetTableProperties": "ALTER",
    "TruncateTable": "TRUNCATE",
    "UnsetTableProperties": "ALTER",
}
_SAVING, _MAKING = "SaveIntoDataSourceCommand", "CreateDeltaTableCommand"
_FILLING = frozenset({"AppendData", "ReplaceData", "WriteDelta", _MAKING, _SAVING})
_OF_ROWS = frozenset(
    {
        "DeleteFromTable",
        "DeleteCommand",
        "MergeIntoCommand",
        "OptimizeTableCommand",
        "UpdateCommand",
        "VacuumTableCommand",
    }
)
# Their columns are those of the query, whatever the table had before.
_REPLACING = frozenset({"CreateTableAsSelect", "OverwriteByExpression", "ReplaceTableAsSelect"})


def write_lake(command: Node, plan: Plan) -> Target | None:
    """Return the table of a lake that a command fills or changes; None for another command or table."""
    if command.name not in _CHANGES and command.name not in _FILLING and command.name not in _OF_ROWS:
        return None
    place = _leaf(command, plan)
    lake = lake_of(plan.node(place)) or lake_of(command) or _saved(command) or _made(command) or _named(command, plan)
    if lake is None:
        return None
    fields = () if command.name in _REPLACING else altered(command, fields_of(plan.described(place)))
    change = change_of(command) if command.name in {_MAKING, _SAVING} else _CHANGES.get(command.name)
    return Target(
        Touched(lake.dataset, fields, {**lake.facets, **changing(change)}), label_of(lake.name or lake.dataset.name)
    )


def _leaf(command: Node, plan: Plan) -> int:
    """Return the place of the relation that a command is about, below the names that were given to it."""
    links = (command.link(name) for name in _RELATIONS)
    place = next((link for link in links if link is not None), command.children[0] if command.children else -1)
    while plan.node(place).name in {"SubqueryAlias", "View"} and plan.node(place).children:
        place = plan.node(place).children[0]
    return place


def _saved(command: Node) -> Lake | None:
    path = command.facts("lake").get("path")
    return _at(path, DELTA, "", {}) if command.name == _SAVING and isinstance(path, str) else None


def _made(command: Node) -> Lake | None:
    made = command.facts("table")
    location, name = made.get("location"), made.get("table")
    return _at(location, DELTA, name_in_sql(DELTA, name, {}), {}) if command.name == _MAKING and location else None


def _named(command: Node, plan: Plan) -> Lake | None:
    """Return a table that is only named, because it is made or dropped, where its folder follows from its name."""
    link = command.link("name")
    identifier = plan.node(_leaf(command, plan) if link is None else link)
    # Iceberg's own commands spell the table out, its catalog first.
    spelt = ".".join(command.texts("names")[1:])
    name, facts = spelt or identifier.text("identifier"), (command if spelt else identifier).facts("inCatalog")
    if name is None or not (spelt or identifier.name == "ResolvedIdentifier"):
        return None
    place, warehouse = command.facts("place"), facts.get("warehouse")
    if facts.get("type") == "hadoop" and isinstance(warehouse, str):
        return _at("/".join((warehouse.rstrip("/"), *name.split("."))), ICEBERG, name, facts)
    location = place.get("location")
    if place.get("provider") == DELTA and isinstance(location, str):
        catalog = facts.get("catalog")
        return _at(location, DELTA, name_in_sql(DELTA, f"{catalog}.{name}" if catalog else name, facts), facts)
    return None


def _at(path: str, kind: str, name: str, facts: Mapping[str, Any]) -> Lake:
    return Lake(kind, naming.location(path), name, lake_facets(kind, path, name, facts))
