"""The writer: one event that cannot be projected harms nobody else, and is not lost."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from riverhead_catalog.marquez import ingest
from riverhead_catalog.projection import project
from riverhead_catalog.store import applying, shapes, writer
from riverhead_catalog.store.writer import Writer
from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine
    from starlette.testclient import TestClient

    from riverhead_catalog.projection import Projected
    from tests.catalog.conftest import Build, Post

_FAILURES = [OverflowError("too large"), KeyError("x"), RecursionError(), IntegrityError("x", {}, ValueError())]


def _failing(whole: Callable[..., Any], failure: Exception, marker: str) -> Callable[..., Any]:
    """Fail for whatever mentions `marker`; everything else goes the usual way."""

    def planted(*arguments: Any) -> Any:
        if marker in repr(arguments):
            raise failure
        return whole(*arguments)

    return planted


def _names(client: TestClient) -> list[str]:
    return [job["name"] for job in client.get("/api/v1/jobs").json()["jobs"]]


@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: type(failure).__name__)
def test_an_event_that_cannot_be_applied_is_kept_as_it_came_and_stops_nobody(
    client: TestClient, build: Build, post: Post, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(applying, "shape_id", _failing(shapes.shape_id, failure, "poison"))
    poison = build.copying("bad", "raw.x", "poison.y", run="r2")

    post(build.copying("one", "raw.x", "clean.y"), poison, build.copying("two", "raw.x", "clean.y", run="r3"))

    assert _names(client) == ["one", "two"]
    assert poison in client.get("/api/v1/events/lineage").json()["events"]
    assert client.get("/healthz").json() == {"status": "ok", "eventsNotProjected": 1}


def test_what_could_not_be_projected_is_in_the_log_once_with_its_traceback_and_without_secrets(
    build: Build, post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failure = KeyError("postgres://me:geheim1@db")
    monkeypatch.setattr(applying, "shape_id", _failing(shapes.shape_id, failure, "poison"))

    post(build.copying("bad", "raw.x", "poison.y"))

    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "could not be projected" in record.getMessage()
    assert "in planted" in record.getMessage()
    assert "geheim1" not in caplog.text


def test_an_event_that_cannot_be_understood_is_kept_as_it_came(
    client: TestClient, build: Build, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "project", _failing(project, KeyError("x"), "poison"))
    poison = build.copying("bad", "raw.x", "poison.y", run="r2")

    post(build.copying("one", "raw.x", "clean.y"), poison)

    assert _names(client) == ["one"]
    assert poison in client.get("/api/v1/events/lineage").json()["events"]
    assert client.get("/healthz").json()["eventsNotProjected"] == 1


def test_an_event_that_could_not_be_projected_is_tried_again_when_it_comes_again(
    client: TestClient, build: Build, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = build.copying("load", "raw.x", "clean.y")
    with monkeypatch.context() as planted:
        planted.setattr(applying, "shape_id", _failing(shapes.shape_id, KeyError("x"), "clean"))
        post(event, event)
    assert client.get("/healthz").json()["eventsNotProjected"] == 1

    post(event)

    assert _names(client) == ["load"]
    assert client.get("/healthz").json()["eventsNotProjected"] == 0
    assert client.get("/api/v1/events/lineage").json()["totalCount"] == 1


def test_neighbours_of_an_event_that_cannot_be_applied_are_written_in_the_same_batch(
    engine: Engine, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "shape_id", _failing(shapes.shape_id, KeyError("x"), "poison"))
    writing = Writer(engine)
    writing.start()
    names = ["clean", "poison", "mart"]
    answers = [writing.write(project(build.copying(name, "raw.x", f"{name}.y", run=name))) for name in names]
    writing.stop()

    assert [answer.exception(20) for answer in answers] == [None, None, None]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM jobs ORDER BY name").scalars().all() == ["clean", "mart"]
        marked = connection.exec_driver_sql("SELECT problem FROM events WHERE problem IS NOT NULL").scalars().all()
    assert marked == ["KeyError: 'x'"]


def test_a_store_that_cannot_be_written_is_no_fault_of_the_event(
    client: TestClient, build: Build, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OperationalError("INSERT", {}, ValueError("database or disk is full"))
    event = build.event("load")
    with monkeypatch.context() as planted:
        planted.setattr(writer, "apply", _failing(applying.apply, full, "load"))
        answer = client.post("/api/v1/lineage", json=event)

    assert (answer.status_code, "disk is full" in answer.json()["message"]) == (503, True)
    post(event)
    assert _names(client) == ["load"]


def test_a_writer_that_has_ended_says_so(engine: Engine, build: Build) -> None:
    writing = Writer(engine)
    writing.start()
    writing.stop()

    with pytest.raises(Unavailable, match="start `riverhead serve` again"):
        writing.write(project(build.event("load"))).result(5)


def test_a_sender_that_leaves_takes_nothing_back_and_ends_no_writer(
    engine: Engine, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()

    def late(connection: Connection, said: Projected) -> None:
        assert may_write.wait(20)
        applying.apply(connection, said)

    monkeypatch.setattr(writer, "apply", late)
    writing = Writer(engine)
    writing.start()
    left = writing.write(project(build.event("left", run="r1")))

    assert not left.cancel()
    may_write.set()
    assert left.exception(20) is None
    assert writing.write(project(build.event("next", run="r2"))).exception(20) is None
    writing.stop()
