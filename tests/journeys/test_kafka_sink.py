"""Events through the spool to a real Kafka broker, which is killed in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from kafka_broker import Broker
from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.kafka import KafkaSender
from riverhead_emitter.delivery.official import OfficialSender
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.delivery.sender import Delivered, Parcel, Rejected
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import KafkaSink, OfficialSink, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("kafka")) as started:
        yield started


def sink_of(broker: Broker, topic: str, **config: str) -> KafkaSink:
    return KafkaSink(topic, (("bootstrap.servers", broker.servers), *config.items()))


def event(at: int, runs: int) -> dict[str, Any]:
    run = at % runs
    return {
        "eventTime": "2026-11-21T12:00:00Z",
        "eventType": "RUNNING",
        "producer": "https://example.org/tests",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(UUID(int=run))},
        "job": {"namespace": "tests", "name": f"job {run}"},
        "at": at,
    }


def is_drained(drainer: Drainer) -> bool:
    # A machine that is busy may take longer for a new topic than one delivery is given.
    return any(drainer.drain(30) for _ in range(5))


def test_events_survive_a_broker_that_is_killed_and_each_run_stays_in_order(broker: Broker, tmp_path: Path) -> None:
    values = {
        "RIVERHEAD_SPOOL_DIR": str(tmp_path),
        "OPENLINEAGE__TRANSPORT__TYPE": "kafka",
        "OPENLINEAGE__TRANSPORT__TOPIC": "survivors",
        "OPENLINEAGE__TRANSPORT__CONFIG": json.dumps({"bootstrap.servers": broker.servers}),
    }
    settings = settings_from(values)
    emitter = Emitter(settings)
    drainer = Drainer(emitter.directory, [sender_for(sink) for sink in settings.sinks], timeout_seconds=5.0)
    assert all(emitter.emit(event(at, 20)) for at in range(200))
    assert is_drained(drainer)
    broker.kill()
    assert all(emitter.emit(event(at, 20)) for at in range(200, 300))
    assert not drainer.drain(1.0)
    broker.start()
    emitter.close()

    assert is_drained(drainer)
    drainer.close()

    messages = broker.messages("survivors", 300)
    order: dict[str, list[int]] = {}
    for message in messages:
        said = json.loads(message.value)
        order.setdefault(said["run"]["runId"], []).append(said["at"])
        assert message.key == f"run:tests/{said['job']['name']}"
    # What was under way when the broker was killed may have come twice; nothing is missing or out of order.
    firsts = {run: list(dict.fromkeys(ats)) for run, ats in order.items()}
    assert firsts == {str(UUID(int=run)): list(range(run, 300, 20)) for run in range(20)}
    assert len({message.partition for message in messages}) > 1


def test_what_the_broker_finds_too_large_is_rejected_and_the_next_is_taken(broker: Broker) -> None:
    sender = KafkaSender(sink_of(broker, "sizes", **{"message.max.bytes": "5000000"}))
    large, too_large_for_us = b"x" * 2_000_000, b"x" * 6_000_000

    answers = list(sender.send([Parcel("1", large), Parcel("2", too_large_for_us), Parcel("1", b"{}")], 60.0))
    sender.close()

    assert [type(answer) for answer in answers] == [Rejected, Rejected, Delivered]
    assert [message.value for message in broker.messages("sizes", 1)] == [b"{}"]


@pytest.mark.parametrize("own", [{"acks": "1"}, {"acks": "0"}, {"retries": "0", "max.in.flight": "50"}], ids=str)
def test_a_producer_that_may_not_be_idempotent_delivers_in_the_order_of_each_run(
    broker: Broker, own: dict[str, str]
) -> None:
    topic = "plain-" + "-".join(own.values())
    # Who asks for no answer, or for no second try, loses what a partition is sent before it has its leader.
    first = KafkaSender(sink_of(broker, topic))
    assert list(first.send([Parcel(str(run), b'{"at": -1}') for run in range(3)], 60.0)) == [Delivered()] * 3
    first.close()
    sender = KafkaSender(sink_of(broker, topic, **own))

    answers = list(sender.send([Parcel(str(at % 3), b'{"at": %d}' % at) for at in range(60)], 60.0))
    sender.close()

    assert answers == [Delivered()] * 60
    found = [json.loads(message.value)["at"] for message in broker.messages(topic, 63)]
    assert [[at for at in found if at >= 0 and at % 3 == run] for run in range(3)] == [
        list(range(run, 60, 3)) for run in range(3)
    ]


def test_a_broker_that_is_there_can_be_reached(broker: Broker) -> None:
    assert reach(sink_of(broker, "unknown")).level == "ok"


def test_the_official_transport_puts_the_same_events_under_the_same_keys(broker: Broker) -> None:
    sent = [event(at, 3) for at in range(6)]
    root = {"run": {"runId": str(UUID(int=9))}, "job": {"namespace": "tests", "name": "root"}}
    facet = {
        "_producer": "https://example.org",
        "_schemaURL": "https://openlineage.io/spec/facets/1-2-0/P.json",
        **root,
    }
    sent[1]["run"]["facets"] = {"parent": facet}
    sent[2]["run"]["facets"] = {"parent": {**facet, "root": {**root, "job": {"namespace": "tests", "name": "top"}}}}
    given = [Parcel(one["run"]["runId"], json.dumps(one).encode()) for one in sent]
    config = {"type": "kafka", "topic": "theirs", "config": {"bootstrap.servers": broker.servers}}

    for sender in (KafkaSender(sink_of(broker, "ours")), OfficialSender(OfficialSink("kafka", json.dumps(config)))):
        assert list(sender.send(given, 60.0)) == [Delivered()] * 6
        sender.close()

    ours, theirs = ({(m.key, m.partition, m.value) for m in broker.messages(topic, 6)} for topic in ("ours", "theirs"))
    assert {(key, partition) for key, partition, _ in ours} == {(key, partition) for key, partition, _ in theirs}
    assert {key for key, _, _ in ours} == {f"run:tests/{name}" for name in ("job 0", "job 1", "job 2", "root", "top")}
