"""Commands that make, change or end a table or a view, with the schema that it has then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_emitter.model import Touched
from riverhead_spark.sinks.databases import in_catalog
from riverhead_spark.sinks.tables import into_table
from riverhead_spark.sinks.write import Target, Write, changed, filled
from riverhead_spark.sources import field_of, folder, table_facets, table_of, with_source

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan
    from riverhead_spark.sources import Table

# What a command does to the table in one of its fields.
_CHANGES = {
    "AlterTableAddPartitionCommand": ("tableName", "ALTER"),
    "AlterTableDropPartitionCommand": ("tableName", "ALTER"),
    "AlterTableRenamePartitionCommand": ("tableName", "ALTER"),
    "AlterTableSerDePropertiesCommand": ("tableName", "ALTER"),
    "AlterTableSetPropertiesCommand": ("tableName", "ALTER"),
    "AlterTableUnsetPropertiesCommand": ("tableName", "ALTER"),
    "CreateDataSourceTableCommand": ("table", "CREATE"),
    "CreateTableCommand": ("table", "CREATE"),
    "DropTableCommand": ("tableName", "DROP"),
    "TruncateTableCommand": ("tableName", "TRUNCATE"),
}
_VIEWS = {"CreateViewCommand": ("plan", "CREATE"), "AlterViewAsCommand": ("query", "ALTER")}
_TEMPORARY = frozenset({"LocalTempView", "GlobalTempView"})


def change(command: Node, plan: Plan) -> Write | None:
    """Return what a command changes; None for another command, and for what touches no dataset."""
    if command.name in _VIEWS:
        return _view(command, plan)
    if command.name == "LoadDataCommand":
        return _loaded(command)
    if command.name == "AlterTableRenameCommand":
        return _renamed(command)
    target = _target(command, plan)
    return None if target is None else changed(command, target)


def _target(command: Node, plan: Plan) -> Target | None:
    match command.name:
        case "AlterTableAddColumnsCommand" | "AlterTableChangeColumnCommand":
            return _altered(command)
        case "AlterTableSetLocationCommand":
            return _moved(command)
        case "CreateTableLikeCommand":
            return _alike(command)
        case "DropTable":
            return _dropped(command, plan)
    if command.name not in _CHANGES:
        return None
    field, what = _CHANGES[command.name]
    return _of(table_of(command.facts(field)), what)


def _of(table: Table | None, what: str | None) -> Target | None:
    """Return the change of a table; nothing for a temporary view, or for what does not exist."""
    if table is None or table.kind in {None, "TEMPORARY"}:
        return None
    if table.options.get("url"):
        # Spark's name for a table of a database comes and goes; the table itself stays as it is.
        return None if what == "DROP" else into_table(table, None)
    return into_table(table, what)


def _altered(command: Node) -> Target | None:
    table = table_of(command.facts("table") or command.facts("tableName"))
    if table is None:
        return None
    columns = {field.name: field for field in table.columns}
    # The look-up may have been before the change or after it.
    for column in [*command.pairs("colsToAdd"), *command.pairs("newColumn")]:
        columns[column[0]] = field_of(*column)
    return _of(replace(table, columns=tuple(columns.values())), "ALTER")


def _moved(command: Node) -> Target | None:
    table = table_of(command.facts("tableName"))
    if table is None or command.texts("partitionSpec"):
        return _of(table, "ALTER")
    return _of(replace(table, location=command.text("location") or table.location), "ALTER")


def _alike(command: Node) -> Target | None:
    made, like = table_of(command.facts("targetTable")), table_of(command.facts("sourceTable"))
    if made is None or like is None:
        return None
    given = command.facts("fileFormat").get("location")
    location = given if isinstance(given, str) else made.location or _beside(like, made)
    provider = made.provider or like.provider
    return _of(replace(made, kind="MANAGED", location=location, columns=like.columns, provider=provider), "CREATE")


def _dropped(command: Node, plan: Plan) -> Target | None:
    name = plan.node(command.children[0]) if command.children else command
    table = table_of(name.facts("session"))
    if table is not None:
        return _of(table, "DROP")
    found = in_catalog(name, "DROP") if name.text("identifier") else None
    return found if found is not None and found.output is not None else None


def _renamed(command: Node) -> Write | None:
    old, new = table_of(command.facts("oldName")), table_of(command.facts("newName"))
    if old is None or new is None or "TEMPORARY" in {old.kind, new.kind}:
        return None
    # Which of both names the catalog knows depends on when it was asked.
    known = old if old.kind is not None else new
    if known.kind is None:
        return None
    before, after = (replace(known, name=each.name, location=_called(known, each.name)) for each in (old, new))
    if before.dataset is None or after.dataset is None:
        return None
    facet = lifecycle_state_change("RENAME", before.dataset if before.dataset != after.dataset else before.symlink)
    facets = {**table_facets(after), "lifecycleStateChange": facet}
    return changed(command, Target(Touched(after.dataset, after.columns, facets), into_table(after, None).label))


def _called(table: Table, name: str) -> str | None:
    """Return where a table of this name lies: the folder of a managed one has its name."""
    if table.kind != "MANAGED" or table.location is None:
        return table.location
    return f"{table.location.rstrip('/').rpartition('/')[0]}/{name.rpartition('.')[2]}"


def _beside(table: Table, other: Table) -> str | None:
    """Return where a new table of the same database lies."""
    same = table.name.rpartition(".")[0] == other.name.rpartition(".")[0]
    return _called(table, other.name) if same and table.kind == "MANAGED" else None


def _view(command: Node, plan: Plan) -> Write | None:
    field, what = _VIEWS[command.name]
    query, table = command.link(field), table_of(command.facts("name"))
    is_temporary = command.text("viewType") in _TEMPORARY or (table is not None and table.kind == "TEMPORARY")
    if query is None or table is None or is_temporary:
        return None
    view = replace(table, kind="VIEW", columns=())
    return filled(command, query, into_table(view, what), plan)


def _loaded(command: Node) -> Write | None:
    target = _of(table_of(command.facts("table")), "OVERWRITE" if command.flag("isOverwrite") else None)
    path = command.text("path")
    reads = (with_source(Touched(folder(path))),) if path else ()
    return None if target is None else changed(command, target, reads)
