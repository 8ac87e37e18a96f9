"""Topics of Kafka, which are named by a few options of the reader or the writer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter import naming
from riverhead_emitter.model import Touched, Unresolved
from riverhead_spark.sources.reading import SOURCES, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.model import Field
    from riverhead_spark.plan import Node

# Where a leaf keeps the options by which it reads.
_FIELDS = {"LogicalRelation": "relation", **SOURCES}
SERVERS = "kafka.bootstrap.servers"


def read_kafka(node: Node, fields: tuple[Field, ...]) -> Reading | None:
    """Return the topics that a leaf reads; None for a leaf that does not read Kafka."""
    options = _options(node)
    servers = options.get(SERVERS)
    if not isinstance(servers, str):
        return None
    if "subscribepattern" in options:
        return Reading(unresolved=(Unresolved(node.name, "which topics a pattern matches is known to Kafka alone"),))
    topics = (naming.kafka_topic(servers, topic) for topic in _topics(options))
    return Reading(tuple(Touched(topic, fields) for topic in topics))


def with_topics(node: Node, offset: object) -> Node:
    """Return a leaf with the topics that a batch read, which its offset names, in the place of a pattern."""
    options, topics = _options(node), _assigned(offset)
    if SERVERS not in options or "subscribepattern" not in options or not topics:
        return node
    read = {SERVERS: options[SERVERS], "subscribe": ",".join(topics)}
    return replace(node, fields={**node.fields, _FIELDS[node.name]: {"options": read}})


def _options(node: Node) -> Mapping[str, Any]:
    if node.name == "DataSourceV2Relation":
        return node.facts("options")
    options = node.facts(_FIELDS.get(node.name, "")).get("options")
    # A stream of the second kind keeps no options, the scan that made it does.
    return options if isinstance(options, dict) else node.facts("scan")


def _topics(options: Mapping[str, Any]) -> list[str]:
    subscribed = [topic.strip() for topic in str(options.get("subscribe", "")).split(",")]
    return list(dict.fromkeys(topic for topic in (*subscribed, *_assigned(options.get("assign"))) if topic))


def _assigned(partitions: object) -> list[str]:
    """Return the topics of `{"topic": [0, 1]}`, or of an offset, `{"topic": {"0": 12}}`."""
    try:
        assigned = json.loads(partitions) if isinstance(partitions, str) else {}
    except ValueError:
        return []
    return list(assigned) if isinstance(assigned, dict) else []
