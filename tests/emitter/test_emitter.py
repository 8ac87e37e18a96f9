from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import endpoint as endpoints
import riverhead_emitter
from endpoint import Reply
from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.encoding import encoded
from riverhead_emitter.observation import Observation
from riverhead_emitter.plain_values import LARGEST_EVENT, weight_of
from riverhead_emitter.settings import Settings, settings_from
from riverhead_emitter.spool.locks import is_drained_by_another, only_drainer
from riverhead_emitter.spool.places import directory_for, make_private
from riverhead_emitter.spool.reader import segments_in, waiting_in
from riverhead_emitter.spool.segment import record_of
from riverhead_emitter.understand import events_of
from riverhead_emitter.verbs.following import gone

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeEvent = Callable[..., dict[str, Any]]

CANARY = "canary5ecret"
RUN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


class Mute:
    """An object that fails when it is asked for its text."""

    def __str__(self) -> str:
        raise ValueError("no text")


class Sealed(dict[str, Any]):
    """A dict that fails when it is asked for anything."""

    def items(self) -> Any:
        raise ValueError("sealed")

    __iter__ = __len__ = keys = values = items


class Colour(Enum):
    """A member stands for its value."""

    RED = "red"


@dataclass
class Box:
    """A dataclass stands for its fields."""

    held: object


def circle() -> dict[str, Any]:
    value: dict[str, Any] = {"beside": 1}
    value["self"] = value
    value["twice"] = [value, value]
    return value


def records_in(emitter: Emitter) -> list[dict[str, Any]]:
    lines = [line for path in segments_in(emitter.directory) for line in path.read_bytes().splitlines()[9:]]
    return [json.loads(record_of(line + b"\n").body) for line in lines]


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def waiting(emitter: Emitter) -> int:
    return waiting_in(emitter.directory, [sink.address for sink in emitter.settings.sinks])[0]


def drained(emitter: Emitter) -> Drainer:
    drainer = Drainer(emitter.directory, [sender_for(sink) for sink in emitter.settings.sinks], 2.0)
    drainer.drain(10)
    drainer.close()
    return drainer


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        (float("nan"), None),
        (b"\xff\x00", "\ufffd\x00"),
        ("\ud800", "\ufffd"),
        ({1, 2}, [1, 2]),
        (Path("/x"), "/x"),
        ({("a", 1): 2, 3: 4}, {"('a', 1)": 2, "3": 4}),
        (-0.0, 0.0),
        (10**400, 10**400),
        (10**5_000, "a number of 16610 bits"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
        (NOON, "2026-11-21T12:00:00+00:00"),
        (Colour.RED, "red"),
        (Box(Colour.RED), {"held": "red"}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Mute(), "a Mute without a text"),
        (Sealed(a=1), {}),
        (circle(), {"beside": 1, "self": None, "twice": [None, None]}),
    ],
    ids=str.split(
        "nan bytes surrogate set path keys zero big too-big uuid decimal time enum dataclass mapping mute sealed circle"
    ),
)
def test_what_can_be_kept_is_kept(emitter: Emitter, event: MakeEvent, odd: object, kept: object) -> None:
    made = event("odd")
    made["run"]["facets"]["odd"] = {"value": odd}

    assert emitter.emit(made)
    assert emitter.observe(Observation("kind", 1, "run", {"odd": odd}))
    emitter.close()

    ready, observed = records_in(emitter)
    assert ready["event"]["run"]["facets"]["odd"]["value"] == kept
    assert ready["event"]["job"] == made["job"]
    assert observed["payload"]["odd"] == kept


@pytest.mark.parametrize(
    "value",
    [
        {"k" * 3_000_000: 1},
        [{"k" * 3_000_000: 1}, {1: 2}],
        {"a": [{"k" * 300_000: at} for at in range(10)]},
        {f"{'k' * 300_000}{at}": at for at in range(10)},
    ],
    ids=["one", "beside a number", "again and again", "many"],
)
def test_names_weigh_too_so_that_one_without_end_is_never_serialised(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    serialise, lengths = json.JSONEncoder.encode, []

    def measured(encoder: json.JSONEncoder, what: object) -> str:
        text = serialise(encoder, what)
        lengths.append(len(text))
        return text

    monkeypatch.setattr(json.JSONEncoder, "encode", measured)

    assert emitter.emit({**event("huge"), "odd": value})

    assert max(lengths) <= LARGEST_EVENT
    assert weight_of({"a": {"b": 1}}, 100) <= 100 < weight_of({"a": {True: "b"}}, 100)


def test_what_was_cut_is_named_in_the_event(emitter: Emitter, event: MakeEvent) -> None:
    made = event("odd")
    made["run"]["facets"]["odd"] = {
        "nan": float("nan"),
        "deep": deep(),
        "self": circle(),
        "big": 10**5_000,
        "x": Mute(),
    }

    assert emitter.emit(made)
    emitter.close()

    named = records_in(emitter)[0]["event"]["run"]["facets"]["riverhead_trimmed"]
    paths = {cut["path"].removeprefix("/run/facets/odd/").partition("/0")[0]: cut["why"] for cut in named["parts"]}
    assert paths == {
        "nan": "not a finite number",
        "deep": "nested too deeply",
        "self/self": "it holds itself",
        "self/twice": "it holds itself",
        "self/twice/1": "it holds itself",
        "big": "a number of too many digits",
        "x": "it has no text (ValueError)",
    }


def test_what_was_cut_from_an_observation_is_named_in_its_events(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: [event("1"), event("2")])
    assert emitter.observe(Observation("kind", 1, "run", {"odd": float("inf")}))
    emitter.close()

    understood = events_of("run", json.dumps(records_in(emitter)[0]).encode())

    named = [made["run"]["facets"]["riverhead_trimmed"]["parts"] for made in understood]
    assert named == [[{"path": "/payload/odd", "why": "not a finite number"}]] * 2


def test_an_event_above_the_limit_is_trimmed_before_it_is_kept(settings: Settings, event: MakeEvent) -> None:
    emitter = Emitter(replace(settings, largest_event_bytes=10_000))
    made = event("large")
    made["job"]["facets"]["sql"] = {"query": "SELECT 1 " * 1_000_000}

    assert emitter.emit(made)
    emitter.close()

    kept = records_in(emitter)[0]["event"]
    assert 9_000 < len(json.dumps(kept, separators=(",", ":"))) <= 10_000
    assert kept["job"]["facets"]["sql"]["query"].startswith("SELECT 1 SELECT 1")
    assert kept["run"]["facets"]["riverhead_trimmed"]["parts"][0]["path"] == "/job/facets/sql/query"


def test_an_observation_far_above_the_limit_is_refused_and_counted(settings: Settings) -> None:
    emitter = Emitter(replace(settings, largest_event_bytes=1_000))

    assert emitter.observe(Observation("kind", 1, "run", {"text": "x" * 15_000}))
    assert not emitter.observe(Observation("kind", 1, "run", {"text": "x" * 17_000}))
    assert not emitter.observe(Observation("kind", 1, "run", {"list": [None] * 9_000}))

    assert emitter.failures.counts == {"keeping an observation": 2}


def test_a_mask_that_is_longer_than_its_secret_takes_no_event_above_the_limit(
    settings: Settings, event: MakeEvent
) -> None:
    made = event("masked")
    made["job"]["facets"]["conf"] = {f"{at}_password": "x" for at in range(140)}
    largest = len(json.dumps(made, separators=(",", ":")))
    emitter = Emitter(replace(settings, largest_event_bytes=largest))

    assert emitter.emit(made)
    emitter.close()

    kept = records_in(emitter)[0]["event"]
    assert len(json.dumps(kept, separators=(",", ":"))) <= largest
    assert kept["run"]["facets"]["riverhead_trimmed"]["parts"][0]["path"] == "/job/facets/conf"


NO_EVENTS: list[Any] = [
    None,
    {},
    {"run": None},
    {"run": {}},
    {"run": {"runId": 1}},
    {"run": {"runId": ""}},
    {"job": {}},
    [],
    1,
    "event",
]


@pytest.mark.parametrize("odd", NO_EVENTS)
def test_what_is_no_event_is_refused_and_counted(emitter: Emitter, odd: Any) -> None:
    assert not emitter.emit(odd)
    assert not emitter.observe(odd)
    assert sum(emitter.failures.counts.values()) == 2


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.binary(max_size=4) | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@given(ANYTHING, st.text(max_size=8))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_an_observation_of_anything_is_kept(emitter: Emitter, payload: Any, run_id: str) -> None:
    before = waiting(emitter)

    assert emitter.observe(Observation("kind", 1, run_id, {"payload": payload}))
    assert waiting(emitter) == before + 1
    emitter.close()


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1"])
def test_what_is_to_be_shown_is_kept_apart_and_elsewhere_only_for_a_sink(
    tmp_path: Path, event: MakeEvent, url: str
) -> None:
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "_RIVERHEAD_SHOWN_IN": str(tmp_path / "shown")}
    emitter = Emitter(settings_from({**values, "OPENLINEAGE_URL": url}))

    assert emitter.emit(event("daily"))
    emitter.close()

    assert len(segments_in(directory_for(tmp_path / "shown", ()))) == 1
    assert len(segments_in(emitter.directory)) == (1 if url else 0)


def test_what_cannot_be_kept_to_be_shown_is_sent_all_the_same(tmp_path: Path, event: MakeEvent) -> None:
    (tmp_path / "shown").write_text("no folder")
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "_RIVERHEAD_SHOWN_IN": str(tmp_path / "shown")}
    emitter = Emitter(settings_from({**values, "OPENLINEAGE_URL": "http://127.0.0.1:1"}))

    assert emitter.emit(event("daily"))
    emitter.close()

    assert len(segments_in(emitter.directory)) == 1
    assert emitter.failures.counts == {"keeping what is to be shown": 1}


def test_nothing_is_opened_before_the_first_record(emitter: Emitter, settings: Settings) -> None:
    assert not settings.spool_root.exists()
    emitter.drain(1)
    emitter.close()
    assert not settings.spool_root.exists()


def test_a_disabled_emitter_keeps_nothing(tmp_path: Path, event: MakeEvent) -> None:
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_DISABLED": "true"}))

    assert not emitter.emit(event("no"))
    assert not emitter.observe(Observation("kind", 1, "run", {}))
    assert not (tmp_path / "spool").exists()


def test_an_unwritable_spool_refuses_and_never_raises(tmp_path: Path, event: MakeEvent) -> None:
    (tmp_path / "spool").write_text("a file")
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": "http://m"}))

    assert not emitter.emit(event("no"))
    assert not emitter.emit(event("no"))
    assert emitter.failures.counts == {"keeping a record": 2}
    emitter.drain(0.1)
    emitter.start_drainer()
    emitter.drain_in_background()
    emitter.stop_background(1)


def test_secrets_reach_no_file_of_the_spool(tmp_path: Path, event: MakeEvent) -> None:
    url = f"http://user:{CANARY}@127.0.0.1:1"
    emitter = Emitter(
        settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path), "OPENLINEAGE_URL": url, "OPENLINEAGE_API_KEY": CANARY})
    )
    made = event("secretive")
    made["job"]["facets"]["sql"] = {"query": f"ATTACH 'postgres://u:{CANARY}@h' (PASSWORD '{CANARY}')"}
    made["run"]["facets"]["conf"] = {"db_password": CANARY}

    assert emitter.emit(made)
    emitter.drain(0.2)
    emitter.close()

    for path in tmp_path.rglob("*"):
        assert CANARY not in str(path)
        assert path.is_dir() or CANARY.encode() not in path.read_bytes()


def test_an_emitter_works_on_both_sides_of_a_fork(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    assert emitter.emit(event("before"))
    child = os.fork()
    if child == 0:
        os._exit(0 if emitter.emit(event("child")) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert emitter.emit(event("after"))

    drained(emitter)

    assert endpoint.names() == ["before", "child", "after"]


def test_threads_share_an_emitter(emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent) -> None:
    made = [event(f"job {at}") for at in range(8)]
    threads = [threading.Thread(target=lambda one=one: [emitter.emit(one) for _ in range(25)]) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    drained(emitter)

    assert sorted(endpoint.names()) == sorted([f"job {at}" for at in range(8)] * 25)


def test_a_signals_handler_may_emit_while_a_record_is_written(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, write = [event("outer"), event("inner")], os.write
    previous = signal.signal(signal.SIGUSR1, lambda *_: emitter.emit(made[1]))

    def interrupted(fd: int, line: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        os.kill(os.getpid(), signal.SIGUSR1)
        return write(fd, line)

    emitter.emit(event("first"))
    monkeypatch.setattr(os, "write", interrupted)
    assert emitter.emit(made[0])
    signal.signal(signal.SIGUSR1, previous)

    drained(emitter)

    assert sorted(endpoint.names()) == ["first", "inner", "outer"]


def test_a_partial_write_is_taken_back(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    assert emitter.emit(event("1"))
    refused = event("2")
    monkeypatch.setattr(os, "write", lambda fd, line: write(fd, line[:40]))
    assert not emitter.emit(refused)
    monkeypatch.setattr(os, "write", write)
    assert emitter.emit(event("3"))

    assert drained(emitter).tally.dead == 0
    assert endpoint.names() == ["1", "3"]


def test_a_partial_write_that_cannot_be_taken_back_costs_no_other_record(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_fd: int, _size: int) -> None:
        raise OSError(5, "broken disk")

    write = os.write
    refused = event("2")
    assert emitter.emit(event("1"))
    monkeypatch.setattr(os, "write", lambda fd, line: write(fd, line[:40]))
    monkeypatch.setattr(os, "ftruncate", broken)
    assert not emitter.emit(refused)
    monkeypatch.undo()
    assert emitter.emit(event("3"))

    drained(emitter)

    assert endpoint.names() == ["1", "3"]


def test_draining_respects_its_bound_when_the_server_hangs(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    endpoint.replies = lambda _number, _body: Reply(manner="never")
    emitter.emit(event("late"))
    began = time.monotonic()

    emitter.drain(0.1)

    assert time.monotonic() - began < 0.4
    assert waiting(emitter) == 1


def test_draining_respects_its_bound_when_names_are_looked_up_for_ever(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: is_over.wait(10) and [])
    emitter.emit(event("late"))
    began = time.monotonic()

    emitter.drain(0.1)

    assert time.monotonic() - began < 0.4
    is_over.set()


def test_draining_leaves_it_to_a_drainer_that_is_at_work(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter.emit(event("theirs"))
    with only_drainer(emitter.directory):
        emitter.drain(2)

    assert endpoint.requests == []


def test_draining_ends_the_drainer_in_the_background_and_sends_the_rest(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    emitter.drain_in_background()
    emitter.drain_in_background()
    emitter.emit(event("first"))
    assert endpoint.wait_for(1)
    emitter.emit(event("last"))

    emitter.drain(5)

    assert endpoint.names() == ["first", "last"]
    assert not is_drained_by_another(emitter.directory)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_a_process_that_ended_is_gone_even_before_somebody_takes_note() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    is_gone = gone(process.pid)
    assert not is_gone()

    process.stdin.close()
    # WNOWAIT leaves the zombie where it is.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert is_gone()
    process.wait()
    assert gone(process.pid)()


HOST = """
import os, sys
from riverhead_emitter import Emitter, settings_from
emitter = Emitter(settings_from(os.environ))
emitter.start_drainer()
event = {"run": {"runId": "r"}, "job": {"name": "from the host"}}
print(emitter.emit(event), flush=True)
sys.stdin.readline()
event["job"]["name"] = "last words"
emitter.emit(event)
os._exit(0)
"""


@pytest.mark.fault
def test_a_started_drainer_delivers_and_ends_after_its_host(emitter: Emitter, endpoint: endpoints.Endpoint) -> None:
    environment = {
        **os.environ,
        "RIVERHEAD_SPOOL_DIR": str(emitter.settings.spool_root),
        "OPENLINEAGE_URL": endpoint.url,
    }
    host = subprocess.Popen(
        [sys.executable, "-c", HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    try:
        assert host.stdin is not None
        assert host.stdout is not None
        assert host.stdout.readline() == b"True\n"
        assert endpoint.wait_for(1)
        assert is_drained_by_another(emitter.directory)
        host.stdin.write(b"\n")
        host.stdin.flush()
        assert endpoint.wait_for(2)
        deadline = time.monotonic() + 20
        while is_drained_by_another(emitter.directory) and time.monotonic() < deadline:
            host.poll()
    finally:
        end(host)
        host.stdin.close()  # type: ignore[union-attr]  # it was opened as a pipe  # both were asked for
        host.stdout.close()  # type: ignore[union-attr]  # it was opened as a pipe

    assert endpoint.names() == ["from the host", "last words"]
    assert not is_drained_by_another(emitter.directory)
    assert segments_in(emitter.directory) == []


TASK = """
import os
from riverhead_emitter import Emitter, settings_from
emitter = Emitter(settings_from(os.environ))
emitter.emit({"run": {"runId": "r"}, "job": {"name": "from a task"}})
emitter.start_drainer(idle_seconds=1)
os._exit(0)
"""


@pytest.mark.fault
def test_a_drainer_that_a_task_leaves_behind_delivers_and_ends_by_itself(
    emitter: Emitter, endpoint: endpoints.Endpoint
) -> None:
    environment = {
        **os.environ,
        "RIVERHEAD_SPOOL_DIR": str(emitter.settings.spool_root),
        "OPENLINEAGE_URL": endpoint.url,
        "RIVERHEAD_SPOOL_DRI": "a misspelt setting stops no drainer",
    }
    subprocess.run([sys.executable, "-c", TASK], env=environment, check=True, timeout=20)

    assert endpoint.wait_for(1)
    assert is_drained_by_another(emitter.directory)
    deadline = time.monotonic() + 20
    while is_drained_by_another(emitter.directory) and time.monotonic() < deadline:
        threading.Event().wait(0.05)

    assert not is_drained_by_another(emitter.directory)
    assert endpoint.names() == ["from a task"]
    assert segments_in(emitter.directory) == []


def test_no_task_starts_a_drainer_where_one_is_at_work_and_a_long_lived_host_does(
    emitter: Emitter, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(subprocess, "run", lambda *facts, **_: started.append(facts))
    make_private(emitter.directory)
    with only_drainer(emitter.directory):
        emitter.start_drainer(idle_seconds=60)
        assert started == []
        emitter.start_drainer()
        assert len(started) == 1
    Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(settings.spool_root)})).start_drainer()

    assert len(started) == 1


def test_the_front_door_opens_only_what_is_asked_for() -> None:
    code = "import sys, riverhead_emitter; print([m for m in sys.modules if m.startswith('riverhead_emitter.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"[]"
    assert {name: getattr(riverhead_emitter, name) is not None for name in riverhead_emitter.__all__}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cast("Any", importlib.import_module("riverhead_emitter")).nothing  # noqa: B018 - asking is the point


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (os.fsdecode(b"/data/\xe9t\xe9.csv"), "/data/\ufffdt\ufffd.csv"),
        ("whole: \U0001f600", "whole: \U0001f600"),
        ("\\ud800 is only text", "\\ud800 is only text"),
    ],
)
def test_half_a_character_becomes_the_sign_for_one_that_is_not_known(text: str, kept: str) -> None:
    assert json.loads(encoded({"text": text})) == {"text": kept}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not list a process's descriptors")
def test_an_emitter_that_is_thrown_away_keeps_no_descriptor(tmp_path: Path, event: MakeEvent) -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    settings = settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path)})
    before = opened()
    for _ in range(3):
        emitter = Emitter(settings)
        assert emitter.emit(event("START"))
        assert opened() == before + 1
        del emitter

    assert opened() == before


class TooLong(Exception):  # noqa: N818 - a host names it as it likes
    """A host's own time-out."""


def test_a_time_out_of_the_host_that_comes_while_an_event_is_read_reaches_the_host(
    emitter: Emitter, event: MakeEvent
) -> None:
    class Slow(dict[str, Any]):
        """Its reading takes so long that the host's alarm rings."""

        def items(self) -> Any:
            signal.raise_signal(signal.SIGUSR1)

        __iter__ = __len__ = keys = values = items

    def ring(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(TooLong):
            emitter.emit({**event("START"), "run": {"runId": RUN_ID, "facets": Slow()}})
    finally:
        signal.signal(signal.SIGUSR1, before)
