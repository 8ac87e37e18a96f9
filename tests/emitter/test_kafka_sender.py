"""Kafka without a broker: what is said, how long it takes, and what never gets out. With one: tests/journeys."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.kafka import MISSING, KafkaSender, key_of
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.delivery.sender import NotNow, Parcel
from riverhead_emitter.settings import KafkaSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.emitter import Emitter

CANARY = "canary5ecret"
NOBODY = ("bootstrap.servers", "127.0.0.1:1")
JOB = {"namespace": "n", "name": "j"}


def answer_to(sink: KafkaSink, seconds: float = 0.3) -> NotNow:
    sender = KafkaSender(sink)
    (answer,) = sender.send([Parcel("run", b"{}")], seconds)
    sender.close()
    assert isinstance(answer, NotNow)
    return answer


def key(event: object) -> str:
    return key_of(Parcel("id", json.dumps(event).encode()))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"run": {}, "job": JOB}, "run:n/j"),
        ({"run": {"facets": {"parent": {"job": {"namespace": "p", "name": "q"}}}}, "job": JOB}, "run:p/q"),
        (
            {
                "run": {"facets": {"parent": {"job": JOB, "root": {"job": {"namespace": "r", "name": "s"}}}}},
                "job": JOB,
            },
            "run:r/s",
        ),
        ({"run": {"facets": {"parent": {"job": {"namespace": "p"}}}}, "job": JOB}, "run:n/j"),
        ({"job": JOB}, "job:n/j"),
        ({"dataset": {"namespace": "d", "name": "t"}}, "dataset:d/t"),
        ({}, "run:id"),
        ([], "run:id"),
        ({"run": 1, "job": 2}, "run:id"),
    ],
)
def test_what_belongs_together_has_one_key(event: object, expected: str) -> None:
    assert key(event) == expected


@given(st.binary(max_size=60))
@settings(max_examples=30)
def test_any_bytes_have_a_key(event: bytes) -> None:
    assert key_of(Parcel("id", event)).startswith(("run:", "job:", "dataset:"))


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    sink = KafkaSink("topic", (NOBODY,))

    assert answer_to(sink).reason == MISSING
    assert MISSING in reach(sink).text


def test_a_setting_that_librdkafka_does_not_know_is_named_without_its_secrets() -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")
    config = (NOBODY, ("no.such.setting", "1"), ("sasl.mechanism", "PLAIN"), ("sasl.password", CANARY))

    assert "no.such.setting" in answer_to(KafkaSink("topic", config)).reason
    odd = KafkaSink("topic", (NOBODY, ("security.protocol", "odd"), ("sasl.jaas.config", f'password="{CANARY}"')))
    assert CANARY not in answer_to(odd).reason + odd.address


@pytest.mark.parametrize(
    "own",
    [
        ("acks", "1"),
        ("request.required.acks", "0"),
        ("retries", "0"),
        ("message.send.max.retries", "0"),
        ("max.in.flight.requests.per.connection", "10"),
        ("max.in.flight", "10"),
        ("queuing.strategy", "lifo"),
        ("queue.buffering.backpressure.threshold", "2"),
    ],
    ids=lambda own: own[0],
)
def test_what_a_configuration_says_goes_before_what_is_usual_here(own: tuple[str, str]) -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")

    assert answer_to(KafkaSink("topic", (NOBODY, own)), 0.01).reason == "no broker acknowledged it in time"


def test_a_configuration_that_contradicts_itself_is_told_so() -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")
    config = (NOBODY, ("acks", "1"), ("enable.idempotence", "true"))

    assert "`acks` must be set to `all`" in answer_to(KafkaSink("topic", config)).reason


class FullNowAndThen:
    """A producer whose queue has no room for every seventh event, and which reports the others when it is polled."""

    def __init__(self, _config: object) -> None:
        self.taken: list[str] = []
        self._asked = 0
        self._reports: list[Callable[[None, None], None]] = []

    def produce(self, _topic: str, event: bytes, _key: bytes, *, on_delivery: Callable[[None, None], None]) -> None:
        self._asked += 1
        if self._asked % 7 == 0:
            raise BufferError
        self.taken.append(json.loads(event)["job"]["name"])
        self._reports.append(on_delivery)

    def poll(self, seconds: float) -> None:
        while seconds and self._reports:
            self._reports.pop(0)(None, None)

    def purge(self) -> None:
        pytest.fail("what was produced is waited for")

    def flush(self, _seconds: float) -> None:
        """Nothing is left."""


def test_what_the_broker_took_beside_what_had_no_room_does_not_come_again(
    emitter: Emitter, event: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = FullNowAndThen({})
    monkeypatch.setattr("confluent_kafka.Producer", lambda _config: producer)
    for at in range(60):
        emitter.emit(event(f"{at}", str(UUID(int=at % 12))))
    drainer = Drainer(emitter.directory, [KafkaSender(KafkaSink("t", (NOBODY,)))])
    while not drainer.drain(5):
        pass

    assert sorted(producer.taken, key=int) == [f"{at}" for at in range(60)]


@pytest.mark.fault
def test_brokers_that_are_not_there_or_never_answer_cost_the_time_given(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []
        threading.Thread(target=_accepted, args=(silent, held), daemon=True).start()
        for servers in ("127.0.0.1:1", f"127.0.0.1:{silent.getsockname()[1]}"):
            sink = KafkaSink("topic", (("bootstrap.servers", servers), ("sasl.password", CANARY)))
            began = time.monotonic()
            assert "in time" in answer_to(sink).reason
            assert reach(sink).level == "problem"
            assert time.monotonic() - began < 8
        silent.shutdown(socket.SHUT_RDWR)
        for one in held:
            one.close()

    printed = capfd.readouterr()
    assert printed.out + printed.err == ""


@pytest.mark.fault
def test_what_was_not_delivered_in_time_is_not_delivered_later() -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        sender = KafkaSender(KafkaSink("topic", (("bootstrap.servers", f"127.0.0.1:{server.getsockname()[1]}"),)))
        answers = list(sender.send([Parcel(str(at), b"{}") for at in range(50)], 0.3))
        assert {type(answer) for answer in answers} == {NotNow}

        # A broker that comes now meets nobody who still has something for it.
        server.listen()
        server.settimeout(1.5)
        with pytest.raises(TimeoutError):
            server.accept()
    sender.close()


def _accepted(server: socket.socket, held: list[socket.socket]) -> None:
    try:
        while True:
            held.append(server.accept()[0])
    except OSError:
        return
