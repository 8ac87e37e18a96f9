from __future__ import annotations

import importlib.metadata
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import endpoint as endpoints
from riverhead.command import main
from riverhead_emitter.checks import Finding
from riverhead_emitter.delivery.breaker import note_down
from riverhead_emitter.delivery.letters import bury
from riverhead_emitter.delivery.quarantine import path_for, set_apart
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FAILURES, FailureLog
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.cap import DROPPED
from riverhead_emitter.spool.locks import is_drained_by_another, only_drainer
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.verbs import following as following_room
from riverhead_emitter.verbs.doctor import findings_of
from riverhead_emitter.verbs.following import Followers
from unconfigured import unconfigure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeEvent = Callable[..., dict[str, Any]]

CANARY = "canary5ecret"


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unconfigure(monkeypatch, home=tmp_path / "home", temporary=tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path / "spool"))


@pytest.fixture
def only_the_emitters_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other rooms' checks have tests of their own."""
    monkeypatch.setattr("riverhead_emitter.verbs.doctor._rooms", lambda _environment: [])


def keep(event: dict[str, Any]) -> Emitter:
    """Keep one event as a host with this environment does."""
    emitter = Emitter(settings_from(os.environ))
    assert emitter.emit(event)
    emitter.close()
    return emitter


def test_drain_sends_what_waits_and_says_so(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    keep(event("one"))

    assert main(["drain", "--once"]) == 0

    assert endpoint.names() == ["one"]
    assert "sent 1 event; 0 records wait; 0 refused; 0 runs are set apart" in capsys.readouterr().out


def test_drain_that_leaves_something_behind_says_why(
    event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    emitter = keep(event("one"))

    assert main(["drain"]) == 1
    with only_drainer(emitter.directory):
        assert main(["drain"]) == 1

    said = capsys.readouterr()
    assert "sent 0 events; 1 record waits" in said.out
    assert "the last refusal: ConnectionRefusedError" in said.err
    assert "another drainer is at work" in said.err


def test_drain_needs_somewhere_to_send_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drain"]) == 2
    assert "nothing says where to send records; set OPENLINEAGE_URL" in capsys.readouterr().err


def test_drain_sends_what_waited_for_a_place_to_go_to(
    endpoint: endpoints.Endpoint, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(event("in the spool"))
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", "")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "air"))
    keep(event("from airflow"))
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path / "spool"))

    assert main(["drain", "--waiting-to", endpoint.url]) == 0

    assert sorted(endpoint.names()) == ["from airflow", "in the spool"]


def test_a_place_that_somebody_else_took_first_stops_no_draining(
    endpoint: endpoints.Endpoint, event: MakeEvent, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(event("mine"))
    (tmp_path / f"riverhead-{os.getuid()}" / str(os.getuid())).mkdir(parents=True)
    (tmp_path / f"riverhead-{os.getuid()}" / str(os.getuid()) / "waiting").write_text("not a directory")

    assert main(["drain", "--waiting-to", endpoint.url]) == 0

    assert endpoint.names() == ["mine"]
    assert "has to name a writable directory" in capsys.readouterr().err


def test_an_unusable_spool_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spool").write_text("a file")
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")

    assert main(["drain"]) == 1
    assert capsys.readouterr().err.startswith("riverhead: cannot write records to ")


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_names_a_backend_that_is_down_and_no_secret(
    event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://user:{CANARY}@127.0.0.1:1")
    monkeypatch.setenv("OPENLINEAGE_API_KEY", CANARY)
    keep(event("one"))

    assert main(["doctor"]) == 1

    said = capsys.readouterr()
    assert "PROBLEM http://127.0.0.1:1/api/v1/lineage cannot be reached" in said.out
    assert "ok      1 record (" in said.out
    assert "OPENLINEAGE_API_KEY" in said.out
    assert CANARY not in said.out + said.err


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_is_content_when_all_is_well(
    endpoint: endpoints.Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)

    assert main(["doctor"]) == 0
    assert "PROBLEM" not in capsys.readouterr().out


def test_doctor_says_what_windows_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = findings_of({})
    next(findings)
    with monkeypatch.context() as patched:
        patched.setattr("sys.platform", "win32")
        finding = next(findings)

    assert finding.level == "problem"
    assert finding.text.startswith("Windows is not supported for draining")


@pytest.mark.usefixtures("only_the_emitters_checks")
@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("RIVERHEAD_SPOOL_DRI", "x", "unknown setting RIVERHEAD_SPOOL_DRI; did you mean RIVERHEAD_SPOOL_DIR?"),
        ("OPENLINEAGE_URLL", CANARY, "unknown setting OPENLINEAGE_URLL; did you mean OPENLINEAGE_URL?"),
        ("OPENLINEAGE_URL", f"ftp://{CANARY}", "OPENLINEAGE_URL must start with"),
        ("RIVERHEAD_SPOOL_DIR", "/dev/null", "has to name a writable directory"),
    ],
)
def test_doctor_names_what_is_wrong(
    key: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(key, value)

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert any(line.startswith("PROBLEM") and sentence in line for line in said.splitlines())
    assert CANARY not in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_counts_dead_letters_failures_and_segments_it_cannot_read(
    event: MakeEvent, capsys: pytest.CaptureFixture[str]
) -> None:
    emitter = keep(event("one"))
    (emitter.directory / "dead.ndjson").write_text("{}\n{}\n")
    (emitter.directory / "0.seg").write_text("riverhead-spool 2\n")
    emitter.emit({})

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "2 dead letters" in said
    assert "1 segment cannot be read by this version" in said
    assert "1 failure inside hosts, the last: " in said


@pytest.mark.usefixtures("only_the_emitters_checks")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "1795381200.851 783 observing a task: ValueError: no",
            "2026-11-22T21:00:00Z, in process 783: observing a task: ",
        ),
        ("something else altogether", "something else altogether (all: "),
        ("nan 783 observing", "at no known time, in process 783: observing (all: "),
    ],
)
def test_doctor_says_when_a_host_failed_as_a_person_reads_it(
    line: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = directory_for(tmp_path / "spool", []).parent / FAILURES
    log.parent.mkdir(parents=True)
    log.write_text(f"{line}\n")

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert f"1 failure inside hosts, the last: {told}" in said
    assert f"(all: {log}; delete that file once its cause is mended)" in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_a_mended_failure_is_gone_with_its_file_and_the_next_one_is_told_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = directory_for(tmp_path / "spool", []).parent / FAILURES
    host = FailureLog(log)
    host.record("observing a task", ValueError("first"))
    assert main(["doctor"]) == 1
    log.unlink()

    assert main(["doctor"]) == 0
    host.record("observing a task", ValueError("second"))
    capsys.readouterr()

    assert main(["doctor"]) == 1
    assert "1 failure inside hosts, the last: " in capsys.readouterr().out


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_says_that_the_disk_is_full_and_still_what_waits(
    event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    emitter = keep(event("one"))
    usage = shutil.disk_usage(emitter.directory)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert f"PROBLEM the disk of {emitter.directory} is full: what hosts tell is not kept" in said
    assert "1 record (" in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_shows_what_waits_for_places_that_only_a_hosts_own_configuration_names(
    event: MakeEvent, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://user:{CANARY}@127.0.0.1:1/x/"
    host = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": url}))
    host.emit(event("one"))
    host.close()

    main(["doctor"])

    said = capsys.readouterr().out
    assert "1 record (" in said
    assert f"waits for http://127.0.0.1:1/x/api/v1/lineage in {host.directory}; no drainer is at work" in said
    assert CANARY not in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_counts_nothing_that_was_delivered_to_somebody_it_does_not_know(
    endpoint: endpoints.Endpoint, event: MakeEvent, capsys: pytest.CaptureFixture[str]
) -> None:
    emitter = Emitter(settings_from(os.environ))
    emitter.emit(event("delivered"))
    assert main(["drain", "--waiting-to", endpoint.url]) == 0
    emitter.emit(event("waits"))

    main(["doctor"])

    assert "ok      1 record (" in capsys.readouterr().out
    emitter.close()


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_says_which_file_it_read_and_what_a_sink_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENLINEAGE_CONFIG", "/nowhere/openlineage.yml")
    monkeypatch.setattr("riverhead_emitter.verbs.examination.reach", lambda *_: Finding("ok", "reached"))
    monkeypatch.setattr("importlib.metadata.version", _not_installed)
    transports = [{"type": "datadog", "apiKey": CANARY}, {"type": "console"}]
    left_out = [{"type": "dataset", "regex": "tmp_\x1b"}]
    content = {"transport": {"type": "composite", "transports": transports}, "filters": left_out}
    (tmp_path / "openlineage.yml").write_text(json.dumps(content))

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert f"ok      {tmp_path}/openlineage.yml is read, and goes before the environment" in said
    assert "PROBLEM OPENLINEAGE_CONFIG names a file that cannot be read" in said
    assert "PROBLEM openlineage-python is not installed; pip install '.[official]' in a checkout" in said
    assert "note    left out: dataset ~ tmp_\\x1b" in said
    assert CANARY not in said


def _not_installed(package: str) -> str:
    raise importlib.metadata.PackageNotFoundError(package)


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_names_what_is_down_in_quarantine_or_was_dropped(
    event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    emitter = keep(event("one"))
    note_down(emitter.directory, "HTTP 503 away", 60.0)
    sink = emitter.settings.sinks[0].address
    set_apart(path_for(emitter.directory, sink, "r"), sink, "r", b"x\n", "HTTP 500")
    (emitter.directory / DROPPED).write_text('{"records": 7, "bytes": 70, "segments": 1, "since": 1.0, "last": 2.0}')

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "PROBLEM nothing is taken there, for 0 s now: HTTP 503 away; records wait" in said
    assert "note    1 run in quarantine is tried again: see `riverhead spool list`" in said
    assert f"PROBLEM 7 records were dropped from {emitter.directory}, which was full, the last " in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_creates_nothing_and_goes_on_behind_a_mistake_to_what_waits(
    event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert not (tmp_path / "spool").exists()
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    keep(event("one"))
    capsys.readouterr()
    monkeypatch.setenv("OPENLINEAGE_URL", "nonsense")

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "PROBLEM OPENLINEAGE_URL must start with" in said
    assert "1 record (" in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_names_what_nobody_reads_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RIVERHEAD_SPOOL_DIR")
    (tmp_path / "openlineage.yml").write_text(
        json.dumps({"transprot": {}, "transport": {"url": f"http://u:{CANARY}@m", "enpdoint": CANARY}})
    )

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "configuration found: none" not in said
    assert f"note    unknown key transprot at the top of {tmp_path}/openlineage.yml; did you mean transport?" in said
    assert "note    unknown key enpdoint in transport of " in said
    assert "did you mean endpoint?" in said
    assert "has a url and no type, so it is not used; add `type: http`" in said
    assert CANARY not in said


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_doctor_says_which_of_two_settings_keeps_a_file_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.yml").write_text("{}")
    monkeypatch.setenv("OPENLINEAGE_CONFIG", str(tmp_path / "mine.yml"))
    monkeypatch.setenv("RIVERHEAD_READ_CONFIG_FILE", "false")

    assert main(["doctor"]) == 1
    assert "RIVERHEAD_READ_CONFIG_FILE says to read none; unset one of the two" in capsys.readouterr().out


def test_help_of_a_verb_is_had_in_both_ways_and_version_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["help", "drain"])
    assert "usage: riverhead drain" in capsys.readouterr().out
    assert main(["help", "drian"]) == 2
    assert main(["version"]) == 2
    said = capsys.readouterr().err
    assert "did you mean drain?" in said
    assert "did you mean `riverhead --version`?" in said


def test_an_unknown_verb_is_named_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drian"]) == 2
    assert "unknown verb 'drian'; did you mean drain?" in capsys.readouterr().err
    assert main(["qqqqqq"]) == 2
    assert "see `riverhead --help`" in capsys.readouterr().err


def test_an_unknown_key_of_ours_stops_a_verb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIVERHEAD_TIMEOUT_SECOND", "1")

    assert main(["drain"]) == 2
    assert "did you mean RIVERHEAD_TIMEOUT_SECONDS?" in capsys.readouterr().err


def test_an_unknown_key_of_ours_stops_no_job(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from importlib.metadata import EntryPoint

    starting = EntryPoint("run", "riverhead_spark.verbs.run", "riverhead.verbs")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [starting])
    monkeypatch.setenv("RIVERHEAD_TIMEOUT_SECOND", "1")

    assert main(["run"]) == 2
    assert "say what to run" in capsys.readouterr().err


def test_a_verb_whose_room_is_not_installed_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from importlib.metadata import EntryPoint

    absent = EntryPoint("absent", "no_such_room.verbs.absent", "riverhead.verbs")
    present = EntryPoint("drain", "riverhead_emitter.verbs.drain", "riverhead.verbs")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [absent, present])

    assert main(["--help"]) == 0
    assert "drain      Send what waits" in capsys.readouterr().out
    assert main(["absent"]) == 1
    assert "`absent` needs no_such_room, which is not installed here" in capsys.readouterr().err


def test_without_a_verb_the_command_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["--version"]) == 0
    said = capsys.readouterr().out
    assert "usage: riverhead VERB" in said
    assert "riverhead 0." in said


def following(url: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "riverhead", "drain", "--follow", *options]
    return subprocess.Popen(command, env={**os.environ, "OPENLINEAGE_URL": url}, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Its exit code and complaints, killed if it does not end by itself."""
    try:
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    return process.returncode, said


@pytest.mark.fault
def test_a_follower_delivers_until_it_is_told_to_stop(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    keep(event("first"))
    follower = following(endpoint.url)
    assert endpoint.wait_for(1)
    keep(event("second"))
    assert endpoint.wait_for(2)
    follower.send_signal(signal.SIGTERM)

    assert ended(follower) == (
        0,
        f"riverhead: sending what comes to {endpoint.url}/api/v1/lineage\n"
        "riverhead: ended; sent 2 events; 0 records wait; 0 refused; 0 runs are set apart\n".encode(),
    )
    assert endpoint.names() == ["first", "second"]


@pytest.mark.fault
def test_a_follower_says_when_a_sink_goes_down_and_is_back_and_how_much_was_refused_but_not_each_record(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    is_up = threading.Event()

    def replies(_number: int, body: bytes) -> endpoints.Reply:
        if not is_up.is_set():
            return endpoints.Reply(401, body=b"away")
        return endpoints.Reply(422, body=b"never") if b"bad" in body else endpoints.Reply()

    endpoint.replies = replies
    for number in range(6):
        keep(event(f"bad {number}"))
    keep(event("good"))
    follower = following(endpoint.url)
    said: list[str] = []
    too_long = threading.Timer(20, follower.kill)
    too_long.start()
    assert follower.stderr is not None
    for line in iter(follower.stderr.readline, b""):
        said.append(line.decode())
        if "takes nothing" in said[-1]:
            is_up.set()
        if "takes records again" in said[-1]:
            follower.send_signal(signal.SIGTERM)

    too_long.cancel()
    assert ended(follower)[0] == 0
    text = "".join(said)
    sink = f"{endpoint.url}/api/v1/lineage"
    assert text.count(f"riverhead: {sink} takes nothing any more: HTTP 401 away; its records wait") == 1
    assert text.count(f"riverhead: {sink} takes records again, after ") == 1
    assert text.count("became a dead letter") == 3
    assert "riverhead: ended; sent 1 event; 0 records wait; 6 refused; 0 runs are set apart\n" in text
    assert text.endswith("riverhead: `riverhead spool list` shows what was refused or set apart\n")


def test_a_follower_of_two_sinks_says_which_one_is_down_and_when_it_is_back_once_per_change(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(following_room, "_said", said.put)
    monkeypatch.setenv("RIVERHEAD_REDACT_PATTERNS", "badge-[0-9]+")
    http = {"type": "http", "url": endpoint.url.replace("//", f"//user:{CANARY}@")}
    file = {"type": "file", "log_file_path": str(tmp_path / "events"), "append": True}
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT", json.dumps({"type": "composite", "transports": [file, http]}))
    endpoint.replies = lambda number, _: (
        endpoints.Reply(401, body=b"no badge-4711") if number < 2 else endpoints.Reply()
    )
    keep(event("one"))
    settings = settings_from(os.environ)
    followers = Followers(settings, settings.sinks, None)
    directory = directory_for(settings.spool_root, settings.destination)
    thread = threading.Thread(target=followers.run, args=([directory], None), kwargs={"may_grow": False})
    thread.start()
    lines = [said.get(timeout=20) for _ in range(3)]
    followers.stop.set()
    thread.join(20)

    assert (
        lines[1] == f"{endpoint.url}/api/v1/lineage takes nothing any more: HTTP 401 no ***; its records wait, and "
        "are tried again"
    )
    assert lines[2].startswith(f"{endpoint.url}/api/v1/lineage takes records again, after ")
    assert said.get(timeout=20).startswith("ended; sent 2 events; 0 records wait")
    assert said.empty()
    assert len(endpoint.requests) == 3


@pytest.mark.usefixtures("only_the_emitters_checks")
def test_every_verb_hides_what_the_settings_of_whoever_asks_hide(
    event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "OPENLINEAGE__TRANSPORT", json.dumps({"type": "file", "log_file_path": f"{tmp_path}/badge-4711/x"})
    )
    emitter = keep(event("badge-4711"))
    bury(emitter.directory, "a", b"x badge-4711\n", "no badge-4711")
    note_down(emitter.directory, "no badge-4711")
    (emitter.directory.parent / FAILURES).write_text("1.0 1 emitting: no badge-4711\n")
    monkeypatch.setenv("RIVERHEAD_REDACT_PATTERNS", "no badge-[0-9]+|write to .*badge-[0-9]+")

    for words in (["spool", "status"], ["doctor"], ["spool", "list"], ["spool", "list", "--json"], ["drain"]):
        assert main(words) in {0, 1}
        said = "".join(capsys.readouterr())
        assert said
        assert "no badge" not in said
        assert "write to" not in said


def test_drain_that_was_refused_something_counts_it_and_says_where_to_look(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    endpoint.replies = lambda _number, body: endpoints.Reply(422 if b"bad" in body else 201)
    for name in ("good", "bad"):
        keep(event(name))

    assert main(["drain", "--once"]) == 1
    said = capsys.readouterr()
    assert main(["drain", "--once"]) == 0

    assert said.out == "sent 1 event; 0 records wait; 1 refused; 0 runs are set apart\n"
    assert "`riverhead spool list` shows what was refused" in said.err


def test_drain_says_that_time_is_over_and_not_that_somebody_refused(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    keep(event("one"))

    assert main(["drain", "--seconds", "0.000000001"]) == 1
    assert "stopped after 1e-09 s" in capsys.readouterr().err


def test_drain_and_doctor_name_what_was_kept_before_anything_was_configured(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("riverhead_emitter.verbs.doctor._rooms", lambda _environment: [])
    keep(event("early"))
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    sentence = "1 record was kept before anything was configured; `riverhead drain --waiting-to URL` sends"

    assert main(["drain"]) == 0
    assert sentence in capsys.readouterr().err
    assert main(["doctor"]) == 1
    assert f"PROBLEM {sentence}" in capsys.readouterr().out
    assert main(["drain", "--waiting-to", endpoint.url]) == 0
    capsys.readouterr()
    assert main(["drain"]) == 0
    assert "before anything was configured" not in capsys.readouterr().err


def test_drain_that_finds_nothing_says_where_it_looked_and_where_something_waits(
    event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = f"http://user:{CANARY}@other:5000"
    host = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": elsewhere}))
    host.emit(event("one"))
    host.close()
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    own = directory_for(tmp_path / "spool", ["http http://127.0.0.1:1/api/v1/lineage"])

    assert main(["drain"]) == 0

    said = capsys.readouterr().err
    assert f"nothing waited in {own}" in said
    assert "airflow.cfg" in said
    assert "`riverhead doctor`" in said
    assert f"1 record waits in {host.directory} for http://other:5000/api/v1/lineage" in said
    assert CANARY not in said


def test_drain_that_sent_something_does_not_say_where_else_to_look(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    keep(event("one"))

    assert main(["drain"]) == 0

    assert capsys.readouterr().err == ""


def test_drain_without_a_place_to_send_to_says_that_hosts_configuration_is_not_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["drain"]) == 2

    said = capsys.readouterr().err
    assert "airflow.cfg" in said
    assert "`riverhead doctor`" in said


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1"])
def test_drain_says_that_lineage_is_switched_off(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIVERHEAD_DISABLED", "true")
    monkeypatch.setenv("OPENLINEAGE_URL", url)

    assert main(["drain"]) == (0 if url else 2)
    assert ("disabled here" if url else "switched off here") in capsys.readouterr().err


@pytest.mark.fault
def test_sidecars_and_drainers_of_hosts_take_over_when_another_ends_and_those_of_tasks_do_not_wait(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    emitter = keep(event("first"))
    with only_drainer(emitter.directory):
        of_a_host = following(endpoint.url, "--with-pid", str(os.getpid()))
        code, said = ended(following(endpoint.url, "--idle-seconds", "60"))
        assert (code, b"another drainer is at work in " in said) == (0, True)
        assert of_a_host.poll() is None
        assert endpoint.requests == []
    assert endpoint.wait_for(1)
    sidecar = following(endpoint.url)
    of_a_host.kill()
    ended(of_a_host)
    keep(event("second"))
    assert endpoint.wait_for(2)
    sidecar.send_signal(signal.SIGTERM)

    assert ended(sidecar)[0] == 0
    # One that is killed before it could acknowledge leaves the record to be sent again.
    assert list(dict.fromkeys(endpoint.names())) == ["first", "second"]


@pytest.mark.fault
def test_a_follower_of_what_waits_finds_spools_that_come_after_it(
    endpoint: endpoints.Endpoint, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(event("before"))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "air"))
    follower = following("", "--waiting-to", endpoint.url, "--with-pid", str(os.getpid()))
    assert endpoint.wait_for(1)
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", "")
    keep(event("after"))
    assert endpoint.wait_for(2)
    follower.send_signal(signal.SIGTERM)

    assert ended(follower) == (0, b"")
    assert endpoint.names() == ["before", "after"]


@pytest.mark.fault
def test_a_stopped_drainer_holds_up_no_host_and_is_replaced_when_killed(
    endpoint: endpoints.Endpoint, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    keep(event("first"))
    follower = following(endpoint.url)
    assert endpoint.wait_for(1)
    follower.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    emitter = keep(event("second"))
    emitter.drain(1)
    assert time.monotonic() - began < 0.5
    assert is_drained_by_another(emitter.directory)

    follower.send_signal(signal.SIGKILL)
    assert ended(follower)[0] == -signal.SIGKILL

    assert main(["drain"]) == 0
    assert endpoint.names()[-1] == "second"
