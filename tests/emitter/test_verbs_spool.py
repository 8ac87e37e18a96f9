from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

import endpoint as endpoints
from riverhead.command import main
from riverhead_emitter.delivery.breaker import note_down
from riverhead_emitter.delivery.letters import bury
from riverhead_emitter.delivery.quarantine import apart_in, path_for, set_apart
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.cap import DROPPED, dropped_in
from riverhead_emitter.spool.reader import waiting_in
from unconfigured import unconfigure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeEvent = Callable[..., dict[str, Any]]
    Capture = pytest.CaptureFixture[str]

RUN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
CANARY = "canary5ecret"


@pytest.fixture
def emitter(tmp_path: Path, endpoint: endpoints.Endpoint, monkeypatch: pytest.MonkeyPatch) -> Emitter:
    """Return the emitter of the environment that the verbs find."""
    unconfigure(monkeypatch, home=tmp_path / "home", temporary=tmp_path)
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    return Emitter(settings_from(os.environ))


def address(emitter: Emitter) -> str:
    return emitter.settings.sinks[0].address


def line_of(event: dict[str, Any], run_id: str = RUN_ID) -> bytes:
    return segment.line_of(segment.Record(1, run_id, json.dumps({"kind": "event", "event": event}).encode()))


def refuse(emitter: Emitter, event: MakeEvent, capsys: Capture) -> str:
    """Have one event refused for ever, by the endpoint; return the id that the verb prints for it."""
    emitter.emit(event("refused"))
    emitter.close()
    main(["drain"])
    capsys.readouterr()
    main(["spool", "list"])
    return capsys.readouterr().out.split()[0]


def test_an_empty_spool_is_said_to_be_so(emitter: Emitter, capsys: Capture) -> None:
    assert not emitter.directory.exists()
    assert main(["spool", "status"]) == 0
    assert main(["spool", "list"]) == 0
    assert main(["spool", "replay"]) == 0
    assert main(["spool", "purge"]) == 0
    [looked, unread, *others] = capsys.readouterr().out.splitlines()
    assert looked.startswith(f"no spool of this user holds anything (looked in {emitter.directory.parent.parent}, ")
    assert "airflow.cfg" in unread
    assert others == [
        "put back 0 dead letters and 0 runs in quarantine; the next drainer sends them",
        "there is nothing to throw away",
    ]


def test_status_says_how_a_destination_stands(emitter: Emitter, event: MakeEvent, capsys: Capture) -> None:
    emitter.emit(event("one"))
    emitter.emit(event("two"))
    bury(emitter.directory, address(emitter), line_of(event("dead")), "HTTP 422 no")
    set_apart(
        path_for(emitter.directory, address(emitter), "r"), address(emitter), "r", line_of(event("x"), "r"), "HTTP 500"
    )
    (emitter.directory / DROPPED).write_text('{"records": 7, "bytes": 70, "segments": 1, "since": 1.0, "last": 2.0}')
    note_down(emitter.directory, f"refused\x1b[2J token={CANARY}", 100.0)

    assert main(["spool", "status"]) == 0
    said = capsys.readouterr().out
    assert main(["spool", "status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    for part in (
        f"{emitter.directory.name}  for {emitter.settings.sinks[0].address.removeprefix('http ')}",
        "2 records, ",
        ", the oldest for 0 s",
        "dead letters  1",
        "quarantined   1 run",
        "dropped       7 records, 70 bytes; the last ",
        "down          for 0 s: refused\\x1b[2J",
        "drainer       none at work",
    ):
        assert part in said
    assert CANARY not in said
    assert "\x1b" not in said
    assert (found["records"], found["dead"], found["quarantined"], found["poisoned"]) == (2, 1, 1, 0)
    assert found["dropped"]["records"] == 7
    assert found["is_drained"] is False
    emitter.close()


def test_status_folds_destinations_that_hold_nothing_and_tells_a_program_of_all(
    emitter: Emitter, event: MakeEvent, capsys: Capture
) -> None:
    for port in range(1, 4):
        elsewhere = Emitter(settings_from({**os.environ, "OPENLINEAGE_URL": f"http://127.0.0.1:{port}"}))
        elsewhere.emit(event("one"))
        elsewhere.close()
        main(["spool", "purge", elsewhere.directory.name, "--kind", "waiting", "--yes"])
    capsys.readouterr()

    assert main(["spool", "status"]) == 0
    assert capsys.readouterr().out == "3 destinations hold nothing\n"

    emitter.emit(event("one"))
    assert main(["spool", "status"]) == 0
    [first, *_, last] = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{emitter.directory.name}  for ")
    assert last == "and 3 others hold nothing"
    assert main(["spool", "status", "--json"]) == 0
    assert len([json.loads(line) for line in capsys.readouterr().out.splitlines()]) == 4
    emitter.close()


def test_status_shows_the_destination_of_this_environment_although_it_holds_nothing(
    emitter: Emitter, event: MakeEvent, capsys: Capture
) -> None:
    emitter.emit(event("one"))
    emitter.close()
    assert main(["drain"]) == 0
    capsys.readouterr()

    assert main(["spool", "status"]) == 0
    assert f"{emitter.directory}\n  waiting       0 records" in capsys.readouterr().out


def test_what_was_refused_is_listed_shown_and_sent_again(
    emitter: Emitter, endpoint: endpoints.Endpoint, event: MakeEvent, capsys: Capture
) -> None:
    endpoint.replies = lambda _number, _body: endpoints.Reply(422, body=b"\x1b[2Jnot like this")
    name = refuse(emitter, event, capsys)

    assert name == f"{emitter.directory.name}/dead/1"
    assert main(["spool", "show", name]) == 0
    said = capsys.readouterr()
    assert '"name": "refused"' in said.out
    assert said.err.startswith(f"{name}  20")
    assert f"Z  for {endpoint.url}/api/v1/lineage\n" in said.err
    assert "refused: HTTP 422" in said.err
    assert "\x1b" not in said.err

    endpoint.replies = lambda _number, _body: endpoints.Reply()
    assert main(["spool", "replay", name]) == 0
    assert main(["drain"]) == 0
    assert "put back 1 dead letter and 0 runs" in capsys.readouterr().out
    assert endpoint.names() == ["refused", "refused"]
    assert main(["spool", "list"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["spool", "replay", name]) == 1


def test_what_waits_is_listed_by_kind_and_shown_without_secrets(
    emitter: Emitter, event: MakeEvent, capsys: Capture
) -> None:
    event_with_a_bell = {**event("one"), "x": "\x1b]0;title\x07"}
    emitter.emit(event_with_a_bell)
    emitter.emit(event("two"))
    emitter.close()

    assert main(["spool", "list", "--kind", "waiting", "--most", "1"]) == 0
    said = capsys.readouterr()
    name = said.out.split()[0]
    assert main(["spool", "show", name]) == 0
    shown = capsys.readouterr().out
    assert main(["spool", "list", emitter.directory.name[:4], "--kind", "waiting", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert RUN_ID in said.out
    assert said.err == "there are more than 1; --most shows so many\n"
    assert "\\u001b]0;title" in shown
    assert "\x1b" not in shown
    assert [entry["kind"] for entry in listed] == ["waiting", "waiting"]
    assert listed[0]["id"] == name


def test_a_record_that_was_kept_with_a_secret_is_shown_without_it_and_a_damaged_one_inert(
    emitter: Emitter, event: MakeEvent, capsys: Capture
) -> None:
    emitter.emit(event("one"))
    with_a_secret = line_of({**event("x"), "url": f"https://me:{CANARY}@host/"})
    bury(emitter.directory, address(emitter), with_a_secret, f"HTTP 400 password={CANARY}")
    bury(emitter.directory, address(emitter), f"damaged \x1b[2J password={CANARY}".encode(), "the line is damaged")

    for number in (1, 2):
        assert main(["spool", "show", f"{emitter.directory.name}/dead/{number}"]) == 0
    assert main(["spool", "list"]) == 0

    said = capsys.readouterr()
    assert "https://***@host/" in said.out
    assert "damaged: 'damaged \\x1b[2J" in said.out
    assert CANARY not in said.out + said.err
    assert "\x1b" not in said.out + said.err
    emitter.close()


def test_a_run_in_quarantine_is_listed_replayed_and_thrown_away(
    emitter: Emitter, event: MakeEvent, capsys: Capture
) -> None:
    emitter.emit(event("one"))
    path = path_for(emitter.directory, address(emitter), RUN_ID)
    for name in ("first", "second"):
        set_apart(path, address(emitter), RUN_ID, line_of(event(name)), "HTTP 500 it hurts")

    assert main(["spool", "list"]) == 0
    listed = capsys.readouterr().out
    name = listed.split()[0]
    assert main(["spool", "show", name]) == 0
    shown = capsys.readouterr().out
    assert main(["spool", "replay", "--kind", "quarantined"]) == 0
    assert "put back 0 dead letters and 1 run in quarantine" in capsys.readouterr().out
    assert main(["spool", "purge", name, "--yes"]) == 0

    assert "HTTP 500 it hurts" in listed
    assert '"name": "first"' in shown
    assert '"name": "second"' in shown
    assert "threw away 0 dead letters and 1 run in quarantine" in capsys.readouterr().out
    assert list(apart_in(emitter.directory)) == []
    emitter.close()


def test_nothing_is_thrown_away_unasked(
    emitter: Emitter, event: MakeEvent, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter.emit(event("waits"))
    bury(emitter.directory, address(emitter), line_of(event("dead")), "no")
    terminal = io.StringIO("n\ny\n")
    monkeypatch.setattr(sys, "stdin", terminal)

    assert main(["spool", "purge"]) == 2
    assert "nobody is there to be asked; say --yes" in capsys.readouterr().err
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    assert main(["spool", "purge"]) == 1
    assert "nothing was thrown away" in capsys.readouterr().out
    assert main(["spool", "purge"]) == 0
    said = capsys.readouterr()
    assert "throw away 1 dead letter and 0 runs in quarantine for good? [y/N]" in said.err
    assert "threw away 1 dead letter and" in said.out
    assert main(["spool", "status"]) == 0
    assert "1 record, " in capsys.readouterr().out
    emitter.close()


def test_what_waits_is_thrown_away_only_by_its_name(emitter: Emitter, event: MakeEvent, capsys: Capture) -> None:
    emitter.emit(event("for a backend that is no more"))
    emitter.close()
    emitter.emit(event("of a living host"))

    assert main(["spool", "purge", "--yes"]) == 0
    assert "there is nothing to throw away" in capsys.readouterr().out
    assert main(["spool", "purge", f"{emitter.directory.name}/waiting/1:2", "--kind", "waiting", "--yes"]) == 2
    assert "by destination, not by id" in capsys.readouterr().err
    assert main(["spool", "purge", emitter.directory.name, "--kind", "waiting", "--yes"]) == 0

    said = capsys.readouterr()
    assert "threw away 1 record that waits, 0 dead letters and 0 runs in quarantine" in said.out
    assert "what a living process still writes to stays" in said.err
    assert waiting_in(emitter.directory, [address(emitter)]).records == 1
    assert dropped_in(emitter.directory).records == 0
    emitter.close()


def test_a_list_of_nothing_says_so_and_how_many_wait(emitter: Emitter, event: MakeEvent, capsys: Capture) -> None:
    emitter.emit(event("one"))
    emitter.close()

    assert main(["spool", "list"]) == 0
    assert capsys.readouterr().err == (
        "nothing was refused or set apart; 1 record waits to be sent, see `--kind waiting`\n"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "the following arguments are required: status|list|show|replay|purge"),
        (["stauts"], "invalid choice: 'stauts'"),
        (["show", "x"], "x is no id of a record; `riverhead spool list` prints them"),
        (["show", "x/dead/1"], "no destination is called x"),
        (["show", "\x1b[2J/dead/1"], "no destination is called \\x1b[2J"),
        (["show", "waiting/dead/9"], "there is no waiting/dead/9 any more"),
        (["replay", "nowhere"], "no destination is called nowhere"),
        (["purge", ""], "no destination is called"),
        (["list", "--kind", "lost"], "argument --kind: invalid choice: 'lost'"),
        (["list", "--most", "0"], "argument --most: a whole number, at least one, is needed, not '0'"),
        (["list", "--most", "9" * 5000], "a whole number, at least one, is needed"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    words: list[str], sentence: str, emitter: Emitter, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (emitter.directory.parent / "waiting").mkdir(parents=True)
    monkeypatch.setenv("COLUMNS", "200")

    assert main(["spool", *words]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("riverhead: ")
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    assert "\x1b" not in said.err
