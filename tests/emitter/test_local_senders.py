"""Files and the console, which sink gets which sender, and whether a sink can be reached."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from certificates import certificates
from endpoint import Endpoint, Proxy, refusing, serving
from riverhead_emitter.delivery.console import ConsoleSender
from riverhead_emitter.delivery.file import FileSender
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel, Sender
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.settings import ConsoleSink, FileSink, HttpSink, KafkaSink, OfficialSink, TokenEndpoint

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_emitter.settings import Sink

CANARY = "canary5ecret"


def answers_to(sender: Sender, *events: bytes) -> list[Answer]:
    try:
        return list(sender.send([Parcel("run", event) for event in events], 1.0))
    finally:
        sender.close()


@pytest.mark.parametrize(
    "sink",
    [
        HttpSink("http://127.0.0.1:1"),
        FileSink("/nowhere"),
        ConsoleSink(),
        KafkaSink("topic", ()),
        OfficialSink("console", '{"type": "console"}'),
    ],
    ids=lambda sink: type(sink).__name__,
)
def test_every_kind_of_sink_has_a_sender_with_its_address(sink: Sink) -> None:
    sender = sender_for(sink)

    assert sender.address == sink.address
    sender.close()


def test_a_file_takes_an_event_a_line(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"

    assert answers_to(FileSender(FileSink(str(path))), b"{}", b"[]") == [Delivered(), Delivered()]

    assert path.read_text() == "{}\n[]\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_behind_a_torn_one_stands_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text('{"torn": ')

    answers_to(FileSender(FileSink(str(path))), b"{}")

    assert path.read_text() == '{"torn": \n{}\n'


def test_without_append_each_event_has_a_file(tmp_path: Path) -> None:
    sender = FileSender(FileSink(str(tmp_path / "event"), is_appended=False))

    assert answers_to(sender, b"{}", b"{}", b"{}") == [Delivered()] * 3

    assert [path.read_text() for path in tmp_path.glob("event-*.json")] == ["{}\n"] * 3


def test_a_file_that_cannot_be_written_is_tried_again_and_the_rest_of_its_run_waits(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path / "none" / "events"))

    answers = answers_to(FileSender(sink), b"1", b"2")

    assert isinstance(answers[0], NotNow)
    assert "cannot write to" in answers[0].reason
    assert answers[1] is answers[0]
    assert reach(sink).level == "problem"
    assert reach(FileSink(str(tmp_path / "events"))).level == "ok"


def test_the_console_prints_an_event_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert answers_to(ConsoleSender(ConsoleSink()), b'{"a": "\xc3\xa4"}', b"{}") == [Delivered()] * 2

    assert capsys.readouterr().out == '{"a": "ä"}\n{}\n'


@pytest.mark.parametrize("console", [None, io.TextIOWrapper(io.BytesIO(), encoding="ascii")], ids=["none", "ascii"])
def test_a_console_that_takes_nothing_makes_events_wait(
    monkeypatch: pytest.MonkeyPatch, console: io.TextIOWrapper | None
) -> None:
    monkeypatch.setattr(sys, "stdout", console)

    (answer,) = answers_to(ConsoleSender(ConsoleSink()), b'{"a": "\xc3\xa4"}')

    assert isinstance(answer, NotNow)


def test_a_server_is_reached_without_being_sent_anything(endpoint: Endpoint) -> None:
    with Proxy() as proxy:
        for sink in (HttpSink(endpoint.url), HttpSink(endpoint.url, proxy=f"http://{proxy.authority}")):
            assert reach(sink).level == "ok"
    assert endpoint.requests == []
    assert reach(ConsoleSink()).level == "ok"


def test_what_prevents_reaching_a_server_is_said_without_secrets() -> None:
    made = certificates()
    with serving(tls=made.server_context()) as served, refusing() as refused:
        trusted = HttpSink(served.url, ca_file=str(made.authority))
        assert reach(trusted).level == "ok"
        for sink, word in (
            (HttpSink(served.url, api_key=CANARY), "CERTIFICATE"),
            (HttpSink(served.url.replace("https", "http").replace("//", f"//u:{CANARY}@"), proxy=refused), "refused"),
            (HttpSink(refused, token=TokenEndpoint("ftp://x", (("key", CANARY),))), "token endpoint"),
        ):
            finding = reach(sink)
            assert finding.level == "problem"
            assert word in finding.text
            assert CANARY not in finding.text
