"""Where a streaming query writes to: the root of its plan holds the sink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_spark.sinks.files import into_folder
from riverhead_spark.sinks.tables import into_table
from riverhead_spark.sinks.write import Target
from riverhead_spark.sources import table_of

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan

_WRITING = frozenset({"WriteToMicroBatchDataSource", "WriteToMicroBatchDataSourceV1"})
# Its function may run a batch several times, and Spark counts what was read each time.
FOREACH_BATCH = "foreach_batch"
# Sinks that keep nothing, and what becomes of rows there, in the words of the API.
_KEEPING_NOTHING = {
    "ConsoleTable": "console",
    "ForeachBatchSink": FOREACH_BATCH,
    "ForeachWriterTable": "foreach",
    "MemorySink": "memory",
    "NoopTable": "noop",
}


def write_stream(command: Node, plan: Plan) -> Target | None:
    """Return the table or the folder that a stream fills; None for another command."""
    if command.name not in _WRITING:
        return None
    relation = command.link("relation")
    sink = command.facts("sink") or command.facts("table") or plan.node(relation or 0).facts("table")
    label = _KEEPING_NOTHING.get(str(sink.get("class")))
    if label is not None:
        return Target(label=label, why="")
    table = table_of(command.facts("catalogTable")) or table_of(sink)
    if table is not None and table.dataset is not None:
        return into_table(table, None)
    return into_folder(sink.get("location"), None)
