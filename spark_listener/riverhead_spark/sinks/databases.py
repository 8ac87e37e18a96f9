"""Commands that fill a database behind JDBC, and those that save into a source that the plan knows by options only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.sinks.alterations import altered
from riverhead_spark.sinks.files import into_folder
from riverhead_spark.sinks.write import Target, change_of, changing, label_of
from riverhead_spark.sources import catalog_facets, database_table, fields_of

if TYPE_CHECKING:
    from riverhead_emitter.model import Field
    from riverhead_spark.plan import Node, Plan

# What a command does to a table of a catalog, and the field that names it.
_IN_CATALOGS = {
    "AddColumns": ("table", "ALTER"),
    "AlterColumn": ("table", "ALTER"),
    "AlterColumns": ("table", "ALTER"),
    "CreateTable": ("name", "CREATE"),
    "CreateTableAsSelect": ("name", "CREATE"),
    "DropColumns": ("table", "ALTER"),
    "RenameColumn": ("table", "ALTER"),
    "ReplaceColumns": ("table", "ALTER"),
    "ReplaceTable": ("name", "OVERWRITE"),
    "ReplaceTableAsSelect": ("name", "OVERWRITE"),
    "TruncateTable": ("table", "TRUNCATE"),
}
_UNQUOTED = str.maketrans("", "", '"`[]')
_KEEPING_NOTHING = frozenset({"ConsoleSinkProvider"})


def save(command: Node, _plan: Plan) -> Target | None:
    """Return where a source is asked to save to; None for another command."""
    if command.name != "SaveIntoDataSourceCommand":
        return None
    options, provider = command.facts("options"), command.text("dataSource") or "a source"
    change = change_of(command)
    if provider in _KEEPING_NOTHING:
        return Target(why="")
    table = database_table(options)
    if table is not None:
        return Target(Touched(table, (), changing(change)), label_of(options["dbtable"].translate(_UNQUOTED)))
    if options.get("path"):
        return into_folder(options["path"], change)
    return Target(why=f"where {provider} writes to is not understood yet")


def change_in_catalog(command: Node, plan: Plan) -> Target | None:
    """Return the table that a command makes or changes in a catalog of its own; None for another command."""
    field, change = _IN_CATALOGS.get(command.name, ("", ""))
    place = command.link(field)
    if place is None:
        return None
    fields = altered(command, fields_of(plan.described(place)))
    target = in_catalog(plan.node(place), change, fields)
    return target if target.output is not None or command.link("query") is not None else None


def in_catalog(name: Node, change: str | None, fields: tuple[Field, ...] = ()) -> Target:
    """Return a table by the catalog and the identifier that name it; the catalog may not say where it lies."""
    identifier, facts = name.text("identifier") or "", name.facts("catalog")
    table = database_table({"url": facts.get("url"), "dbtable": _quoted(identifier)})
    if not identifier:
        return Target()
    if table is None:
        # Such a command runs another one, which knows the table that it has made.
        return Target(label=label_of(identifier), why=f"the catalog does not say where {identifier} lies")
    facets = {**catalog_facets(str(facts.get("catalog")), facts), **changing(change)}
    return Target(Touched(table, fields, facets), label_of(identifier))


def _quoted(identifier: str) -> str:
    """Return a name as a database keeps it: a catalog's identifiers are exact."""
    return ".".join(part if part[:1] in '`"' else f'"{part}"' for part in identifier.split("."))
