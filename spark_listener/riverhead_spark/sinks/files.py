"""Commands that write files into a folder, which may be a table's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.sinks.tables import into_table
from riverhead_spark.sinks.write import Target, overwritten
from riverhead_spark.sources import folder

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan


def write_files(command: Node, _plan: Plan) -> Target | None:
    """Return the folder, or the table in it, that a command fills with files; None for another command."""
    if command.name != "InsertIntoHadoopFsRelationCommand":
        return None
    is_overwritten = command.text("mode") == "Overwrite"
    table = command.table("catalogTable")
    if table is not None and table.location is not None:
        return into_table(table, is_overwritten=is_overwritten)
    path = command.text("outputPath")
    if path is None:
        return Target()
    dataset = folder(path)
    segments = dataset.name.strip("/").split("/")
    facets = overwritten(is_overwritten=is_overwritten)
    return Target(Touched(dataset, (), facets), "_".join(segments[-2:]))
