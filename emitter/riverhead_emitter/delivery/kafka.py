"""Events to a Kafka topic, keyed as the official client keys them; needs the `kafka` extra.

Whoever counts on order within a run has it: no run has two events under way. The producer is idempotent, unless the
sink's own configuration cannot be met by one that is (as with `acks: 1`); then its own retries may repeat an event.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from riverhead_emitter.delivery.reasons import longest_first, told
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.delivery.turns import side_by_side
from riverhead_emitter.extras import how_to_install
from riverhead_emitter.host_log import note
from riverhead_emitter.loading import loading_a_package
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.sender import Parcel
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import KafkaSink

MISSING = f"the kafka transport needs the package confluent-kafka: {how_to_install('kafka')}"
_MOST_UNDER_WAY, _MOST_BYTES_UNDER_WAY = 500, 16 << 20
_LONGEST_POLL_SECONDS = 0.1
_CLOSING_SECONDS = 1.0
# What a sink's configuration may overrule, and what it may contradict: acknowledged by all replicas, and never twice
# by the producer's own retries.
_DEFAULTS = {"linger.ms": "2", "client.id": "riverhead"}
_NEVER_TWICE = {"enable.idempotence": "true"}
_NOT_SECRET = (
    "bootstrap.servers",
    "metadata.broker.list",
    "client.id",
    "protocol",
    "mechanism",
    "linger.ms",
    "enable.",
)


class _UnderWay:
    """An event that the producer has; `answer` comes with its delivery report."""

    __slots__ = ("answer", "deadline", "size")

    def __init__(self, size: int, deadline: float) -> None:
        self.size, self.deadline = size, deadline
        self.answer: Answer | None = None


class KafkaSender:
    """Sends events to one topic."""

    def __init__(self, sink: KafkaSink, redaction: Redaction = REDACTION) -> None:
        self.address = sink.address
        self._redaction = redaction
        self._sink = sink
        self._producer: Any = None
        self._kafka: Any = None
        self._bytes_under_way = 0
        self._secrets = _secrets_of(dict(sink.config))

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Produce each event; many of different runs are under way together."""
        return side_by_side(
            parcels, self._width, lambda parcel: self._begun(parcel, seconds), self._finished, self._abandon
        )

    def close(self) -> None:
        """Let go of the producer; what it has not delivered by now will not arrive later, behind newer events."""
        producer, self._producer = self._producer, None
        self._bytes_under_way = 0
        if producer is not None:
            producer.purge()
            producer.flush(_CLOSING_SECONDS)

    def reach(self, seconds: float) -> None:
        """Ask the brokers what they have; OSError if they do not answer."""
        problem = self._problem_with_producer(seconds)
        if problem:
            raise OSError(problem)
        try:
            # Not for the topic, as a broker may make it when it is asked.
            self._producer.list_topics(timeout=seconds)
        except self._kafka.KafkaException as error:
            raise OSError(self._told(error.args[0].str())) from None

    def _width(self) -> int:
        return _MOST_UNDER_WAY if self._bytes_under_way < _MOST_BYTES_UNDER_WAY else 1

    def _begun(self, parcel: Parcel, seconds: float) -> _UnderWay:
        one = _UnderWay(len(parcel.event), time.monotonic() + seconds)
        problem = self._problem_with_producer(seconds)
        if problem:
            one.answer = NotNow(problem)
            return one
        key = self._sink.message_key or key_of(parcel)
        self._bytes_under_way += one.size
        try:
            self._producer.produce(
                self._sink.topic, parcel.event, key.encode("utf-8", "replace"), on_delivery=self._reporter(one)
            )
        except BufferError:
            one.answer = NotNow("the producer's queue is full")
        except self._kafka.KafkaException as error:
            one.answer = self._answer(error.args[0])
        self._producer.poll(0)
        return one

    def _reporter(self, one: _UnderWay) -> Any:
        def reported(error: Any, _message: Any) -> None:
            one.answer = Delivered() if error is None else self._answer(error)

        return reported

    def _finished(self, one: _UnderWay) -> Answer:
        while one.answer is None and self._producer is not None:
            left = one.deadline - time.monotonic()
            if left <= 0:
                # The producer would go on trying, and deliver it behind what is newer by then.
                self.close()
                break
            self._producer.poll(min(left, _LONGEST_POLL_SECONDS))
        self._bytes_under_way = max(0, self._bytes_under_way - one.size)
        return one.answer or NotNow("no broker acknowledged it in time")

    def _abandon(self, one: _UnderWay) -> None:
        if one.answer is None:
            self.close()

    def _answer(self, error: Any) -> Answer:
        codes = self._kafka.KafkaError
        if error.code() == codes.MSG_SIZE_TOO_LARGE:
            return Rejected(self._told(error.str()))
        if error.code() in {codes._PURGE_QUEUE, codes._PURGE_INFLIGHT}:  # noqa: SLF001 - librdkafka's names of its own errors
            return NotNow("no broker acknowledged it in time")
        return NotNow(self._told(error.str()), is_of_one_record=error.code() == codes.INVALID_RECORD)

    def _problem_with_producer(self, seconds: float) -> str:
        """Make the producer if there is none; say what prevents that."""
        if self._producer is not None:
            return ""
        try:
            with loading_a_package():
                import confluent_kafka
        except ImportError:
            return MISSING
        self._kafka = confluent_kafka
        # It gives up just behind us, so that our own deadline is what counts.
        bound = {"message.timeout.ms": str(int(seconds * 1000) + 500)}
        usual, own = {**_DEFAULTS, **bound, "logger": _Quiet()}, dict(self._sink.config)
        # Which settings an idempotent producer refuses is librdkafka's to say, and differs from one release to another.
        problem = self._made({**usual, **_NEVER_TWICE, **own}) and self._made({**usual, **own})
        return f"the configuration of the Kafka producer is refused: {problem}" if problem else ""

    def _made(self, config: dict[str, Any]) -> str:
        """Make a producer; say what prevents that."""
        try:
            self._producer = self._kafka.Producer(config)
        except (self._kafka.KafkaException, ValueError, TypeError) as error:
            return self._told(error)
        return ""

    def _told(self, said: object) -> str:
        return told(str(said), self._secrets, self._redaction)


class _Quiet:
    """Where librdkafka's own log lines go, which it would write to a host's standard error."""

    def log(self, level: int, message: str, *facts: object) -> None:
        """Keep them for whoever debugs."""
        note(__name__, "librdkafka (%s): %s", level, message % facts if facts else message)


def key_of(parcel: Parcel) -> str:
    """Return the official client's key: what has one root, one parent or one job is in one partition."""
    try:
        event = json.loads(parcel.event)
        if "run" in event:
            return f"run:{_name(_job_of_run(event))}"
        kind = "job" if "job" in event else "dataset"
        return f"{kind}:{_name(event[kind])}"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return f"run:{parcel.run_id}"


def _job_of_run(event: dict[str, Any]) -> Any:
    parent = (event["run"].get("facets") or {}).get("parent")
    if not parent:
        return event["job"]
    job = (parent.get("root") or parent).get("job") or {}
    return job if job.get("namespace") and job.get("name") else event["job"]


def _name(named: Any) -> str:
    return f"{named['namespace']}/{named['name']}"


def _secrets_of(config: dict[str, str]) -> list[str]:
    # By exception: what is not known to be harmless may be a password of some plug-in.
    return longest_first(value for key, value in config.items() if not any(word in key for word in _NOT_SECRET))
