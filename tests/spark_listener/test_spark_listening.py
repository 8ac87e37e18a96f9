"""The life of a listening, with a tap that needs no JVM."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FailureLog
from riverhead_spark import listening as listening_room
from riverhead_spark.executions import Actions
from riverhead_spark.following import Listening
from riverhead_spark.listening import listen, stop
from riverhead_spark.own_run import OwnRun
from riverhead_spark.tap.details import Details

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from riverhead_emitter.emitter import Outbox
    from riverhead_spark.ending import Ending
    from riverhead_spark.tap.poll import Tap

APPLICATION = {"id": "local-1", "name": "app", "spark_version": "4.3.0", "namespace": "ns"}


class FakeTap:
    """A tap that hands out these batches, then the end."""

    def __init__(self, *batches: list[dict[str, Any]]) -> None:
        self._batches = list(batches)
        self.has_left = False

    def poll(self) -> list[dict[str, Any]] | None:
        """Return the next batch."""
        return self._batches.pop(0) if self._batches else None

    def leave(self, seconds: float) -> None:
        """Remember that it was asked to leave."""
        self.has_left = seconds > 0


class WaitingTap(FakeTap):
    """A tap whose application runs until it ends."""

    def __init__(self, *batches: list[dict[str, Any]]) -> None:
        super().__init__(*batches)
        self.end = threading.Event()

    def poll(self) -> list[dict[str, Any]] | None:
        """Return the next batch, or wait for the end."""
        if not self._batches:
            self.end.wait(30)
        return super().poll()

    def leave(self, seconds: float) -> None:
        """Leave the bus, which is the end."""
        super().leave(seconds)
        self.end.set()


@dataclass
class FakeContext:
    """A SparkContext as far as `listen` looks at it by itself."""

    applicationId: str  # noqa: N815 - Spark's name
    appName: str = "app"  # noqa: N815 - Spark's name
    version: str = "4.3.0"
    startTime: int = 1_700_000_000_000  # noqa: N815 - Spark's name

    def sparkUser(self) -> str:  # noqa: N802 - Spark's name
        return "ada"


@pytest.fixture
def starting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., FakeContext]:
    """Return a function that makes a context whose application runs with this conf and hands out these records."""

    def start(application: str, tap: FakeTap, conf: Mapping[str, str] | None = None, **environment: str) -> FakeContext:
        monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path / "spool"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("riverhead_spark.listening.conf_of", lambda _: conf or {})
        monkeypatch.setattr("riverhead_spark.listening.details_of", lambda *_: Details({}, {}))
        monkeypatch.setattr("riverhead_spark.listening.watch_code", lambda *_: None)
        monkeypatch.setattr("riverhead_spark.listening.Tap", lambda *_: tap)
        return FakeContext(application)

    return start


def test_records_reach_the_outbox_as_observations(outbox: Any) -> None:
    record = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}

    _closed(FakeTap([record]), outbox, FailureLog(is_strict=True))

    assert [observation.kind for observation in outbox.observations] == ["spark.execution"] * 2


def test_a_broken_record_does_not_end_the_listening(outbox: Any) -> None:
    good = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}
    failures = FailureLog()

    _closed(FakeTap([{"what": "start"}], [good]), outbox, failures)

    assert len(outbox.observations) == 2, "the start, and the end that it was left with"
    assert failures.counts == {"observing an execution": 1}


@pytest.mark.parametrize(
    "environment",
    [{"OPENLINEAGE__TRANSPORT__TYPE": "kafka"}, {"OPENLINEAGE_URL": "catalog:5000"}],
)
def test_a_transport_that_cannot_be_used_lets_records_wait_and_says_so_once(
    starting: Callable[..., FakeContext],
    environment: dict[str, str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}
    context = starting("local-transport", FakeTap([record]), **environment)

    with caplog.at_level(logging.WARNING, logger="riverhead_spark"):
        listening = listen(context)
        assert listen(context) is listening
    stop(context)

    assert [message for message in caplog.messages if "records wait in the spool" in message] == caplog.messages
    assert len(caplog.messages) == 1
    assert any(b"spark.execution" in path.read_bytes() for path in (tmp_path / "spool").rglob("*") if path.is_file())


def test_what_nobody_reads_in_the_conf_is_said_once_and_the_conf_goes_before_the_environment(
    starting: Callable[..., FakeContext], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    conf = {
        "spark.openlineage.transport.type": "file",
        "spark.openlineage.transport.location": str(tmp_path / "events"),
        "spark.openlineage.debugFacet": "enabled",
        "spark.riverhead.spoolSink": "1",
    }
    environment = {"OPENLINEAGE__TRANSPORT": '{"type": "http", "url": "http://127.0.0.1:1"}'}
    context = starting("local-conf", FakeTap(), conf, **environment)

    with caplog.at_level(logging.WARNING, logger="riverhead_spark"):
        listening = listen(context)
        listen(context)
    stop(context)

    assert [destination_of(listening), len(caplog.messages)] == [[f"file {tmp_path / 'events'}"], 2]
    assert "spark.riverhead.spoolSink" in caplog.messages[0]
    assert "spark.openlineage.debugFacet" in caplog.messages[1]


@pytest.mark.parametrize("environment", [{}, {"RIVERHEAD_SPOOL_EPHEMERAL": "true"}])
def test_the_applications_end_sends_as_long_as_the_host_allows(
    starting: Callable[..., FakeContext], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    drain_at_end = Emitter.drain_at_end

    def asked_for(emitter: Emitter, seconds: float) -> None:
        asked.append(seconds)
        drain_at_end(emitter, 0.01)

    monkeypatch.setattr(Emitter, "drain_at_end", asked_for)
    context = starting("local-end", FakeTap(), OPENLINEAGE_URL="http://127.0.0.1:1", **environment)

    listen(context)
    stop(context)

    assert asked == [2.0]


def test_a_spool_that_ends_with_the_host_is_waited_for(
    starting: Callable[..., FakeContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def slowly(_emitter: Emitter, _seconds: float) -> None:
        threading.Event().wait(0.3)
        sent.append("all")

    monkeypatch.setattr("riverhead_spark.following._FINISH_SECONDS", 0.0)
    monkeypatch.setattr("riverhead_spark.following._DRAIN_SECONDS", 0.01)
    monkeypatch.setattr(Emitter, "drain_at_end", slowly)
    environment = {"OPENLINEAGE_URL": "http://127.0.0.1:1", "RIVERHEAD_SPOOL_EPHEMERAL": "true"}
    context = starting("local-ephemeral", FakeTap(), **environment)

    listen(context)
    stop(context)

    assert sent == ["all"]


def test_a_spool_that_cannot_be_written_costs_records_and_nothing_else(
    starting: Callable[..., FakeContext], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}
    (tmp_path / "spool").write_text("a file where a folder belongs")
    tap = WaitingTap([record])
    context = starting("local-dead-spool", tap)

    with caplog.at_level(logging.WARNING):
        listening = listen(context)
        was_listening = listening.is_listening
        stop(context)

    assert was_listening
    assert tap.has_left
    assert len([message for message in caplog.messages if "has to name a writable directory" in message]) == 1


def test_a_new_application_of_the_same_process_is_listened_to(starting: Callable[..., FakeContext]) -> None:
    ended, running = FakeTap(), WaitingTap()
    first = listen(starting("local-1", ended))

    second = listen(starting("local-2", running))

    assert second is not first
    assert second.is_listening
    stop(FakeContext("local-2"))
    assert running.has_left
    assert not second.is_listening


def test_a_signal_in_the_middle_of_a_call_or_of_a_lock_is_told_by_another_thread(
    starting: Callable[..., FakeContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BusyRun(OwnRun):
        """A run whose lock is held by the thread that was interrupted."""

        def leave(self, ending: Ending | None = None) -> None:
            if threading.current_thread() is threading.main_thread() and ending is not None:
                raise RuntimeError("this would wait for itself")
            super().leave(ending)

    class BusyTap(WaitingTap):
        """A tap that cannot be called by the thread which is in a call already."""

        def leave(self, seconds: float) -> None:
            if threading.current_thread() is threading.main_thread():
                raise RuntimeError("reentrant call")
            super().leave(seconds)

    record = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}
    monkeypatch.setattr("riverhead_spark.listening.OwnRun", BusyRun)
    listening = listen(starting("local-told-to-end", BusyTap([record])))

    listening.terminate()

    assert not listening.is_listening
    kept = b"".join(path.read_bytes() for path in (tmp_path / "spool").rglob("*") if path.is_file())
    assert b"told to end by SIGTERM" in kept
    assert b"is_left" in kept


class HungTap(WaitingTap):
    """A tap whose JVM answers no more."""

    def leave(self, seconds: float) -> None:  # noqa: ARG002 - the JVM never gets to know
        """Wait, as every call into it does."""
        self.end.wait(30)


def test_a_program_that_leaves_a_jvm_that_hangs_has_its_own_end(
    starting: Callable[..., FakeContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverhead_spark.following._FINISH_SECONDS", 0.1)
    monkeypatch.setattr("riverhead_spark.following._FLUSH_SECONDS", 0.1)
    record = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}
    tap = HungTap([record])
    listening = listen(starting("local-left", tap))

    listening._exit()

    tap.end.set()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "spool").rglob("*") if path.is_file())
    last = [line for line in kept.splitlines() if b'"will":null' in line]
    assert [b'"phase":"end"' in line for line in last] == [True, True]
    assert b"is_left" in kept


def test_a_jvm_that_hangs_is_waited_for_a_moment_only(
    starting: Callable[..., FakeContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverhead_spark.following._FINISH_SECONDS", 0.1)
    monkeypatch.setattr("riverhead_spark.following._FLUSH_SECONDS", 0.1)
    tap = HungTap()
    listening = listen(starting("local-hung", tap))
    began = time.monotonic()

    listening.close()

    assert time.monotonic() - began < 2
    assert listening.is_listening
    tap.end.set()


def test_an_application_that_ended_is_forgotten(starting: Callable[..., FakeContext]) -> None:
    ended = weakref.ref(listen(starting("local-ended", FakeTap())))
    context = starting("local-next", WaitingTap())

    listen(context)
    stop(context)

    for thread in threading.enumerate():
        if thread.name in {"riverhead-spark", "riverhead-leave"}:
            thread.join(10)
    gc.collect()
    assert ended() is None


def test_stopping_one_application_leaves_another_alone(starting: Callable[..., FakeContext]) -> None:
    context = starting("local-mine", WaitingTap())
    listening = listen(context)

    stop(FakeContext("local-other"))

    assert listening.is_listening
    stop(context)


@pytest.mark.parametrize(
    ("conf", "environment"),
    [
        ({}, {"RIVERHEAD_DISABLED": "true"}),
        ({"spark.openlineage.disabled": "true"}, {}),
        ({"spark.riverhead.disabled": "1"}, {}),
    ],
)
def test_what_is_switched_off_puts_nothing_into_the_jvm(
    starting: Callable[..., FakeContext],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    conf: dict[str, str],
    environment: dict[str, str],
) -> None:
    made: list[object] = []
    context = starting("local-off", FakeTap(), conf, **environment)
    monkeypatch.setattr("riverhead_spark.listening.Tap", made.append)

    assert not listen(context).is_listening
    assert [made, caplog.messages] == [[], []]


def test_a_jvm_without_a_compiler_is_complained_of_once_and_the_job_goes_on(
    starting: Callable[..., FakeContext], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_compiler(_: object) -> None:
        raise TypeError("'JavaPackage' object is not callable")

    context = starting("local-without-janino", FakeTap())
    monkeypatch.setattr("riverhead_spark.listening.Tap", no_compiler)

    with caplog.at_level(logging.WARNING):
        first, second = listen(context), listen(context)

    assert first is second
    assert not first.is_listening
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "attaching to Spark failed; the pipeline is not affected" in caplog.text


def test_the_server_of_a_local_connect_session_is_listened_to_and_of_another_ones_the_client(
    starting: Callable[..., FakeContext], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = SimpleNamespace(_session_id="session-1", _execute_and_fetch_as_iterator=lambda _request: iter(()))
    session = type("SparkSession", (), {"__module__": "pyspark.sql.connect.session", "client": client})()
    pyspark, home = ModuleType("pyspark"), ModuleType("pyspark.core.context")
    pyspark.__version__ = "4.3.0"  # type: ignore[attr-defined]  # a stand-in
    home.SparkContext = type("SparkContext", (), {"_active_spark_context": None})  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "pyspark", pyspark)
    monkeypatch.setitem(sys.modules, "pyspark.core.context", home)
    context = starting("local-connect", WaitingTap())

    listening_room._say_what_a_client_knows.cache_clear()
    remote = listen(session)
    is_remote_heard = [remote.is_listening, listen(session) is remote]
    stop(session)
    home.SparkContext._active_spark_context = context
    local = listen(session)

    assert is_remote_heard == [True, True]
    assert caplog.text.count("a Spark Connect client knows names and no columns") == 1
    assert [remote.is_listening, local.is_listening, local is remote] == [False, True, False]
    stop(session)
    assert not local.is_listening


def test_a_fork_while_another_thread_begins_to_listen_does_not_hang() -> None:
    with listening_room._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if listening_room._lock.acquire(timeout=10) else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_is_under_way_at_the_end_is_ended(outbox: Any) -> None:
    start = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}

    _closed(FakeTap([start]), outbox, FailureLog(is_strict=True))

    assert [observation.payload["phase"] for observation in outbox.observations] == ["start", "end"]


def test_what_is_no_session_is_not_listened_to_and_nothing_is_raised() -> None:
    assert not listen(object()).is_listening


def destination_of(listening: Listening) -> list[str]:
    outbox: Outbox | None = listening._outbox
    assert isinstance(outbox, Emitter)
    return list(outbox.settings.destination)


def _closed(tap: FakeTap, outbox: Any, failures: FailureLog) -> None:
    listening = Listening(cast("Tap", tap), outbox, Actions(APPLICATION), failures)
    listening.close()
