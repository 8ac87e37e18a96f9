"""Commands that write to a topic of Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter import naming
from riverhead_emitter.model import Touched
from riverhead_spark.sinks.write import Target
from riverhead_spark.sources.kafka import SERVERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_spark.plan import Node, Plan

# Where each command keeps the options by which it writes.
_FIELDS = {
    "AppendData": "writeOptions",
    "SaveIntoDataSourceCommand": "options",
    "WriteToMicroBatchDataSource": "writeOptions",
    "WriteToMicroBatchDataSourceV1": "writeOptions",
}


def write_kafka(command: Node, _plan: Plan) -> Target | None:
    """Return the topic that a command writes to; None for a command that does not write to Kafka."""
    options: Mapping[str, Any] = command.facts(_FIELDS.get(command.name, ""))
    servers, topic = options.get(SERVERS), options.get("topic")
    if not isinstance(servers, str):
        return None
    if not isinstance(topic, str):
        return Target(why="each row names its own topic")
    return Target(Touched(naming.kafka_topic(servers, topic)), topic)
