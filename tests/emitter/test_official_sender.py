"""Transports of the official client, by their own configuration: the same events, and no receipt that is none."""

from __future__ import annotations

import copy
import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from openlineage.client.facet_v2 import parent_run
from openlineage.client.serde import Serde

from endpoint import Endpoint, Reply, refusing
from riverhead_emitter.delivery.official import MISSING, OfficialSender
from riverhead_emitter.delivery.official_events import event_of
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel, Rejected
from riverhead_emitter.settings import OfficialSink

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary5ecret"
FACET = {"_producer": "https://example.org", "_schemaURL": "https://example.org/facet.json"}
JOB: dict[str, Any] = {"namespace": "n", "name": "j"}
PARENT = {**FACET, "run": {"runId": "01890a5d-ac96-774b-bcce-b302099a8058"}, "job": JOB}
BASE = {"eventTime": "2026-11-21T12:00:00Z", "producer": "https://example.org", "schemaURL": "https://example.org/2"}
RUN_EVENT: dict[str, Any] = {
    **BASE,
    "eventType": "COMPLETE",
    "run": {
        "runId": "01890a5d-ac96-774b-bcce-b302099a8057",
        "facets": {"unheard_of": {**FACET, "deep": [{"a": 1}]}, "parent": PARENT},
    },
    "job": {**JOB, "facets": {"jobType": {**FACET, "integration": "SPARK", "processingType": "BATCH", "odd": True}}},
    "inputs": [{"namespace": "n", "name": "i", "inputFacets": {"odd": {**FACET, "rows": 5}}}],
    "outputs": [{"namespace": "n", "name": "o", "facets": {"schema": {**FACET, "fields": [{"name": "ä"}]}}}],
}
EVENTS = [
    RUN_EVENT,
    {**BASE, "job": JOB, "inputs": [{"namespace": "n", "name": "i"}]},
    {**BASE, "dataset": {"namespace": "n", "name": "d", "facets": {"odd": {**FACET, "x": 1}}}},
]


def http(url: str, **more: Any) -> OfficialSink:
    config = {"type": "http", "url": url, "retry": {"total": 0, "connect": 0, "read": 0, "status": 0}, **more}
    return OfficialSink("http", json.dumps(config))


def answers_to(sink: OfficialSink, *events: Any, seconds: float = 10.0) -> list[Answer]:
    sender = OfficialSender(sink)
    try:
        parcels = [Parcel(f"run {at}", json.dumps(event).encode()) for at, event in enumerate(events)]
        return list(sender.send(parcels, seconds))
    finally:
        sender.close()


def without_nothing(value: Any) -> Any:
    """Leave out empty lists and mappings, which the official classes add."""
    if isinstance(value, dict):
        inner = {key: without_nothing(one) for key, one in value.items()}
        return {key: one for key, one in inner.items() if one not in ({}, [], None)}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def test_the_http_transport_delivers_the_same_events(endpoint: Endpoint) -> None:
    sink = http(endpoint.url, auth={"type": "api_key", "apiKey": CANARY}, compression="gzip")

    assert answers_to(sink, *EVENTS) == [Delivered()] * 3

    assert [without_nothing(event) for event in endpoint.events()] == EVENTS
    assert endpoint.requests[0].headers["Authorization"] == f"Bearer {CANARY}"
    assert CANARY not in sink.address


def test_the_file_transport_delivers_the_same_events(tmp_path: Path) -> None:
    path = tmp_path / "events"
    config = {"type": "file", "log_file_path": str(path), "append": True}

    assert answers_to(OfficialSink("file", json.dumps(config)), *EVENTS) == [Delivered()] * 3

    assert [without_nothing(json.loads(line)) for line in path.read_text().splitlines()] == EVENTS


def test_the_transforming_transport_finds_what_it_asks_an_event_for(endpoint: Endpoint) -> None:
    transformer = "openlineage.client.transport.transform.JobNamespaceReplaceTransformer"
    inner = {"type": "async_http", "url": endpoint.url}
    config = {
        "type": "transform",
        "transport": inner,
        "transformer_class": transformer,
        "transformer_properties": {"new_job_namespace": "changed"},
    }
    event = copy.deepcopy(RUN_EVENT)
    event["run"]["facets"]["parent"]["root"] = {"run": PARENT["run"], "job": JOB}

    assert answers_to(OfficialSink("transform", json.dumps(config)), event) == [Delivered()]

    (sent,) = endpoint.events()
    assert sent["job"]["namespace"] == "changed"
    assert sent["run"]["facets"]["parent"]["root"]["job"]["name"] == "j"


def test_transports_find_the_attributes_that_they_ask_facets_for() -> None:
    official = event_of(RUN_EVENT)

    assert isinstance(official.run.facets["parent"], parent_run.ParentRunFacet)
    assert official.job.facets["jobType"].integration == "SPARK"
    assert not hasattr(official.job.facets["jobType"], "jobType")
    assert without_nothing(Serde.to_dict(official)) == RUN_EVENT


def test_a_parent_that_the_official_class_would_change_stays_as_it_is() -> None:
    event = copy.deepcopy(RUN_EVENT)
    event["run"]["facets"]["parent"]["odd"] = 1

    assert without_nothing(Serde.to_dict(event_of(event))) == event


@pytest.mark.parametrize(
    "event",
    [
        *({}, [], {**RUN_EVENT, "eventType": "DANCE"}, {**RUN_EVENT, "eventTime": "yesterday"}),
        *({**RUN_EVENT, "run": {"runId": "7"}}, {**RUN_EVENT, "inputs": [{"name": "x"}]}),
    ],
)
def test_what_the_official_classes_cannot_say_is_rejected(endpoint: Endpoint, event: Any) -> None:
    (answer,) = answers_to(http(endpoint.url), event)

    assert isinstance(answer, Rejected)
    assert endpoint.requests == []


@pytest.mark.parametrize(
    ("status", "kind", "is_of_one"),
    [(400, Rejected, False), (422, Rejected, False), (401, NotNow, False), (429, NotNow, False), (503, NotNow, True)],
)
def test_a_status_in_an_exception_is_understood(
    endpoint: Endpoint, status: int, kind: type[Answer], is_of_one: bool
) -> None:
    endpoint.replies = lambda _number, _body: Reply(status)

    (answer,) = answers_to(http(endpoint.url), RUN_EVENT)

    assert isinstance(answer, kind)
    assert isinstance(answer, NotNow | Rejected)
    assert str(status) in answer.reason
    assert getattr(answer, "is_of_one_record", False) == is_of_one


def test_a_server_that_refuses_makes_events_wait_and_no_secret_is_told() -> None:
    with refusing() as url:
        sink = http(url.replace("//", f"//user:{CANARY}@"), auth={"type": "api_key", "apiKey": CANARY})
        (answer,) = answers_to(sink, RUN_EVENT)

    assert isinstance(answer, NotNow)
    assert not answer.is_of_one_record
    assert CANARY not in answer.reason


@pytest.mark.fault
def test_a_transport_that_hangs_is_left_alone_until_it_ends(endpoint: Endpoint) -> None:
    endpoint.replies = lambda number, _: Reply(manner="never") if number == 0 else Reply()
    sender = OfficialSender(http(endpoint.url, timeout=30))
    parcels = [Parcel(str(at), json.dumps(RUN_EVENT).encode()) for at in range(2)]
    began = time.monotonic()

    (first,) = sender.send(parcels[:1], 0.3)
    assert endpoint.wait_for(1)
    (second,) = sender.send(parcels[1:], 0.3)

    assert [type(answer) for answer in (first, second)] == [NotNow, NotNow]
    assert time.monotonic() - began < 10
    assert len(endpoint.requests) == 1
    endpoint.is_over.set()
    assert [type(answer) for answer in sender.send(parcels, 20.0)] == [Delivered, Delivered]
    sender.close()


@pytest.mark.fault
def test_a_failure_that_is_only_logged_is_no_receipt_and_reaches_no_log_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")
    producer = {"bootstrap.servers": "127.0.0.1:1", "message.timeout.ms": "200", "log_level": "0"}
    config = {"type": "kafka", "topic": "t", "config": producer}

    (answer,) = answers_to(OfficialSink("kafka", json.dumps(config)), RUN_EVENT)

    assert isinstance(answer, NotNow)
    assert [record for record in caplog.records if record.name.startswith("openlineage")] == []
    assert logging.getLogger("openlineage").propagate
    assert logging.getLogger("openlineage").handlers == []


@pytest.mark.parametrize(
    "config",
    [
        {"type": "amazon_datazone_api", "domainId": CANARY},
        {"type": "no.such.Transport", "password": CANARY},
        {"type": "http"},
        {"type": "json.JSONDecoder", "password": CANARY},
    ],
    ids=lambda config: config["type"],
)
def test_a_transport_that_cannot_be_made_makes_events_wait(config: dict[str, str]) -> None:
    sink = OfficialSink(config["type"], json.dumps(config))

    (answer,) = answers_to(sink, RUN_EVENT)

    assert isinstance(answer, NotNow)
    assert CANARY not in answer.reason
    finding = reach(sink)
    assert finding.level == "problem"
    assert CANARY not in finding.text


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "openlineage"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openlineage", None)

    (answer,) = answers_to(http("http://127.0.0.1:1"), RUN_EVENT)

    assert answer == NotNow(MISSING)


def test_the_official_switch_loses_nothing(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")

    (answer,) = answers_to(http(endpoint.url), RUN_EVENT)

    assert isinstance(answer, NotNow)
    assert "OPENLINEAGE_DISABLED" in answer.reason
