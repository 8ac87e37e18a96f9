"""Commands that write files into a folder, which may be a table's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.sinks.tables import into_table
from riverhead_spark.sinks.write import Target, change_of, changing
from riverhead_spark.sources import folder, format_facets, table_of

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan

_INTO_DIRECTORIES = frozenset({"InsertIntoDataSourceDirCommand", "InsertIntoHiveDirCommand"})


def write_files(command: Node, _plan: Plan) -> Target | None:
    """Return the folder, or the table in it, that a command fills with files; None for another command."""
    if command.name in _INTO_DIRECTORIES:
        change = "OVERWRITE" if command.flag("overwrite") else None
        return into_folder(command.facts("storage").get("location"), change)
    if command.name != "InsertIntoHadoopFsRelationCommand":
        return None
    change = "OVERWRITE" if change_of(command) == "OVERWRITE" else None
    table = table_of(command.facts("catalogTable"))
    if table is not None and table.dataset is not None:
        return into_table(table, change)
    return into_folder(command.text("outputPath"), change, command.text("fileFormat"))


def into_folder(path: object, change: str | None, form: str | None = None) -> Target:
    """Return this folder as a target."""
    if not isinstance(path, str):
        return Target()
    dataset = folder(path)
    label = "_".join(dataset.name.strip("/").split("/")[-2:])
    return Target(Touched(dataset, (), {**format_facets(form), **changing(change)}), label)
