from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from riverhead.command import main
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import waiting_in
from riverhead_emitter.verbs import emit as emit_verb
from unconfigured import unconfigure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import endpoint as endpoints

    MakeEvent = Callable[..., dict[str, Any]]

RUN = {"runId": "01890a5d-ac96-774b-bcce-b302099a8057"}
JOB = {"namespace": "tests", "name": "a"}
TIME = "2026-11-21T12:00:00.000Z"
GOOD: dict[str, Any] = {"eventTime": TIME, "run": RUN, "job": JOB}


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unconfigure(monkeypatch, home=tmp_path / "home", temporary=tmp_path)
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path)


def waiting() -> int:
    settings = settings_from(os.environ)
    addresses = [sink.address for sink in settings.sinks]
    return waiting_in(directory_for(settings.spool_root, settings.destination), addresses)[0]


def written(path: Path, *lines: object) -> str:
    texts = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    path.write_bytes(b"\n".join(texts) + b"\n")
    return str(path)


def test_events_of_every_kind_are_kept_and_sent_when_asked(
    endpoint: endpoints.Endpoint,
    event: MakeEvent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", endpoint.url)
    of_a_job = {"eventTime": TIME, "job": JOB}
    of_a_dataset = {"eventTime": TIME, "dataset": JOB}
    file = written(tmp_path / "events", event("one"), b"", of_a_job, of_a_dataset)

    assert main(["emit", file]) == 0
    assert endpoint.requests == []
    assert waiting() == 3
    assert main(["emit", file, "--drain"]) == 0

    assert len(endpoint.requests) == 6
    assert sorted({tuple(sorted(sent.keys() & {"run", "job", "dataset"})) for sent in endpoint.events()}) == [
        ("dataset",),
        ("job",),
        ("job", "run"),
    ]
    said = capsys.readouterr()
    assert "kept 3 events in " in said.out
    assert "no drainer is at work; `riverhead drain` sends them" in said.err


def test_a_broken_line_in_the_middle_is_named_and_the_rest_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "events", GOOD, b'{"eventTime": "2026', GOOD, b"\xff\xfe", GOOD)

    assert main(["emit", file]) == 1

    assert waiting() == 3
    said = capsys.readouterr()
    assert "kept 3 events in " in said.out
    assert "; 2 lines were refused" in said.out
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["line 2", "line 4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[", "it is not JSON, one event a line (Expecting value, character 2)"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"1" * 10_000, "a number that is too long"),
        (b"7", "an event is an object, not a number"),
        (b"[]", "an event is an object, not a list"),
        (b"{}", "eventTime must be a text, not nothing"),
        ({**GOOD, "eventTime": "soon"}, "eventTime 'soon' is no time"),
        ({"eventTime": TIME}, "no run, job or dataset"),
        ({**GOOD, "run": "r"}, "run must be an object, not a text"),
        ({**GOOD, "run": {"runId": "r"}}, "run.runId 'r' is no UUID"),
        ({"eventTime": TIME, "run": RUN}, "job must be an object, not nothing"),
        ({**GOOD, "job": {"namespace": "", "name": "n"}}, "job.namespace must be a text, not an empty text"),
        ({**GOOD, "eventType": "DONE"}, "eventType is 'DONE', none of ABORT"),
        ({**GOOD, "inputs": {"name": "a"}}, "inputs must be a list, not an object"),
        ({**GOOD, "outputs": [{"name": "a"}]}, "outputs[].namespace must be a text, not nothing"),
        ({"eventTime": TIME, "dataset": {"namespace": 1}}, "dataset.namespace must be a text, not a number"),
        ({**GOOD, "eventType": "\x1b[2J"}, "'\\x1b[2J'"),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(
    line: object, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emit", written(tmp_path / "events", line, GOOD)]) == 1

    said = capsys.readouterr().err
    assert said.startswith("line 1: ")
    assert reason in said
    assert "\x1b" not in said
    assert len(said) < 500
    assert waiting() == 1


def test_odd_values_within_an_event_are_no_reason_to_refuse_it(tmp_path: Path) -> None:
    odd = {**GOOD, "eventTime": "2026-11-21T12:00:00+05:30", "eventType": None, "x": float("nan"), "y": "\ud800"}

    assert main(["emit", written(tmp_path / "events", b"\xef\xbb\xbf" + json.dumps(odd).encode())]) == 0
    assert waiting() == 1


def test_a_reason_hides_what_the_settings_hide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIVERHEAD_REDACT_PATTERNS", "badge-[0-9]+")

    def failing(line: bytes) -> dict[str, Any]:
        raise ValueError(line.decode())

    file = written(tmp_path / "events", {**GOOD, "eventType": "badge-4711"})
    assert main(["emit", file]) == 1
    monkeypatch.setattr(emit_verb, "event_of", failing)
    assert main(["emit", file]) == 1

    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2
    assert "4711" not in said


def test_many_refusals_are_counted_and_not_all_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emit", written(tmp_path / "events", *[b"x"] * 1000)]) == 1

    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 21
    assert "1,000 lines were refused" in said.out


def test_a_line_without_an_end_takes_no_more_memory_than_the_longest_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(emit_verb, "_LONGEST_LINE", 1000)
    asked = []

    class Watched(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            asked.append(size)
            return super().readline(size)

    lines = list(emit_verb._lines(Watched(b"x" * 10_000 + b"\n" + b"y\n")))

    assert [(number, len(line)) for number, line in lines] == [(1, 1001), (2, 2)]
    assert max(size or 0 for size in asked) == 1001
    assert main(["emit", written(tmp_path / "events", b"x" * 5000, GOOD)]) == 1
    assert "line 1: it is longer than 1,000 bytes" in capsys.readouterr().err
    assert waiting() == 1


def test_what_filters_leave_out_takes_no_room_and_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENLINEAGE__FILTERS", '[{"type": "exact", "match": "a"}]')

    assert main(["emit", written(tmp_path / "events", GOOD, {**GOOD, "job": {**JOB, "name": "b"}})]) == 0

    assert waiting() == 1
    assert "kept 1 event in" in (said := capsys.readouterr().out)
    assert "; 1 is left out by filters" in said


@pytest.mark.parametrize(
    ("words", "values", "sentence"),
    [
        (["emit"], {}, "the following arguments are required: FILE; see `riverhead emit --help`"),
        (["emit", "nowhere"], {}, "cannot read nowhere (No such file or directory)"),
        (["emit", "."], {}, "cannot read . (Is a directory)"),
        (["emit", "a\0b"], {}, "cannot read a\\x00b (no name of a file)"),
        (["emit", "-", "--seconds", "nan"], {}, "a number of seconds, more than zero"),
        (["emit", "-"], {"RIVERHEAD_DISABLED": "true"}, "lineage is switched off here"),
        (["emit", "-", "--drain"], {}, "nothing says where to send events"),
        (["emit", "/dev/null"], {"RIVERHEAD_SPOOL_DIR": "/dev/null"}, "has to name a writable"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: list[str],
    values: dict[str, str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key, value in values.items():
        monkeypatch.setenv(key, value)

    assert main(words) in {1, 2}

    said = capsys.readouterr().err
    assert sentence in said
    assert said.startswith("riverhead: ")
    assert len(said.splitlines()) == 1
