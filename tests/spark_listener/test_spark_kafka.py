"""Topics of Kafka as sources and sinks, in batches and in streams."""

from __future__ import annotations

from typing import Any

import pytest

from riverhead_spark.lineage import written_by
from riverhead_spark.plan import Node, Plan, plan_from
from riverhead_spark.sources import reads_of
from riverhead_spark.sources.kafka import with_topics

SERVERS = "broker-2:9092,broker-1:9092"
_ATTRIBUTES = {"1": ["key", "binary"], "2": ["value", "binary"]}


@pytest.mark.parametrize(
    ("options", "topics"),
    [
        ({"subscribe": "orders"}, ["orders"]),
        ({"subscribe": "orders, returns"}, ["orders", "returns"]),
        ({"assign": '{"orders": [0, 1]}'}, ["orders"]),
    ],
)
def test_a_stream_reads_the_topics_that_its_options_name(options: dict[str, str], topics: list[str]) -> None:
    stream = {"class": "KafkaMicroBatchStream", "options": {"kafka.bootstrap.servers": SERVERS, **options}}

    found = reads_of(Node("StreamingDataSourceV2ScanRelation", fields={"stream": stream}), ())

    assert [(each.dataset.namespace, each.dataset.name) for each in found.datasets] == [
        ("kafka://broker-1:9092", topic) for topic in topics
    ]


def test_a_stream_that_keeps_no_options_reads_what_its_scan_was_made_with() -> None:
    fields = {
        "stream": {"class": "KafkaMicroBatchStream"},
        "scan": {"kafka.bootstrap.servers": SERVERS, "subscribe": "orders"},
    }

    found = reads_of(Node("StreamingDataSourceV2Relation", fields=fields), ())

    assert [each.dataset.name for each in found.datasets] == ["orders"]


def test_a_batch_reads_topics_like_a_stream() -> None:
    relation = {"class": "KafkaRelation", "options": {"kafka.bootstrap.servers": SERVERS, "subscribe": "orders"}}

    found = reads_of(Node("LogicalRelation", fields={"relation": relation}), ())

    assert [each.dataset.name for each in found.datasets] == ["orders"]


def test_topics_of_a_pattern_are_named_as_unknown() -> None:
    stream = {"options": {"kafka.bootstrap.servers": SERVERS, "subscribepattern": "orders.*"}}

    found = reads_of(Node("StreamingDataSourceV2ScanRelation", fields={"stream": stream}), ())

    assert found.datasets == ()
    assert [gap.why for gap in found.unresolved] == ["which topics a pattern matches is known to Kafka alone"]


@pytest.mark.parametrize("keeps_options", ["stream", "scan"])
def test_topics_of_a_pattern_are_those_that_a_batch_s_offset_names(keeps_options: str) -> None:
    options = {"kafka.bootstrap.servers": SERVERS, "subscribepattern": "or.*"}
    fields = {"stream": {"options": options}} if keeps_options == "stream" else {"scan": options}
    leaf = Node("StreamingDataSourceV2ScanRelation", fields=fields)

    found = reads_of(with_topics(leaf, '{"orders":{"0":3},"organs":{"0":0,"1":7}}'), ())

    assert [each.dataset.name for each in found.datasets] == ["orders", "organs"]
    assert with_topics(leaf, None) is leaf


@pytest.mark.parametrize("partitions", ["no JSON", "[1]"])
def test_an_assignment_that_cannot_be_read_names_no_topic(partitions: str) -> None:
    options = {"kafka.bootstrap.servers": SERVERS, "assign": partitions}

    assert reads_of(Node("LogicalRelation", fields={"relation": {"options": options}}), ()).datasets == ()


@pytest.mark.parametrize(
    ("command", "field"), [("SaveIntoDataSourceCommand", "options"), ("WriteToMicroBatchDataSource", "writeOptions")]
)
def test_the_columns_of_a_topic_come_from_the_query_that_fills_it(command: str, field: str) -> None:
    told = written_by(_topic_to_topic(command, {field: {"kafka.bootstrap.servers": SERVERS, "topic": "copies"}}))

    assert told is not None
    assert [each.dataset.name for each in told.lineage.outputs] == ["copies"]
    assert told.label == "copies"
    assert {(edge.output.name, edge.source.dataset.name, edge.source.name) for edge in told.lineage.columns} == {
        ("key", "orders", "key"),
        ("value", "orders", "value"),
    }


def test_rows_that_name_their_own_topics_have_no_output_but_a_reason() -> None:
    told = written_by(_topic_to_topic("SaveIntoDataSourceCommand", {"options": {"kafka.bootstrap.servers": SERVERS}}))

    assert told is not None
    assert told.lineage.outputs == ()
    assert [gap.why for gap in told.lineage.unresolved] == ["each row names its own topic"]


def _topic_to_topic(command: str, fields: dict[str, Any]) -> Plan:
    source = {"class": "KafkaRelation", "options": {"kafka.bootstrap.servers": SERVERS, "subscribe": "orders"}}
    nodes = [
        {"n": command, "ch": [1], "f": {"query": {"$": 1}, **fields}},
        {"n": "LogicalRelation", "ch": [], "o": [1, 2], "f": {"relation": source}},
    ]
    return plan_from({"nodes": nodes, "attributes": _ATTRIBUTES, "cut": 0})
