"""What an attack on the spool found: lines without end, replays at once, locks that somebody holds, and deep files."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from list_sender import ListSender
from riverhead_emitter.delivery.breaker import BREAKER, down
from riverhead_emitter.delivery.drainer import DEAD_LETTERS, Drainer, dead_letters_in
from riverhead_emitter.delivery.file import FileSender
from riverhead_emitter.delivery.http.replies import read_reply
from riverhead_emitter.delivery.letters import bury, letters_in, purge_letters, replay_letters
from riverhead_emitter.delivery.sender import Delivered, NotNow, Parcel
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.filters import Filter
from riverhead_emitter.settings import FileSink
from riverhead_emitter.spool import locks, opened
from riverhead_emitter.spool.cap import DROPPED, Dropped, dropped_in
from riverhead_emitter.spool.places import DESTINATION, noted_addresses
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.spool.segment import Record, line_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from riverhead_emitter.delivery.letters import Letter
    from riverhead_emitter.settings import Settings

    MakeEvent = Callable[..., dict[str, Any]]

RUN = "01890a5d-ac96-774b-bcce-b302099a8001"
DEEP = b"[" * 200_000


@pytest.mark.parametrize("tail", [b"\0" * 9_000, b"\0" * 9_000 + b"\n", b"x" * 200_000])
def test_garbage_without_end_is_set_aside_and_the_rest_delivered(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, tail: bytes
) -> None:
    monkeypatch.setattr(opened, "_LONGEST_LINE", 5_000)
    assert emitter.emit(event("whole", RUN))
    emitter.close()
    (segment,) = segments_in(emitter.directory)
    segment.write_bytes(segment.read_bytes() + tail)
    sender = ListSender("a")
    asked: list[int] = []
    monkeypatch.setattr(opened.OpenSegment, "line", _noting(opened.OpenSegment.line, asked))

    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["whole"]
    assert segments_in(emitter.directory) == []
    assert max(asked) < 5_000


def _noting(line: Callable[[Any], bytes | None], lengths: list[int]) -> Callable[[Any], bytes | None]:
    def noting(of: Any) -> bytes | None:
        found = line(of)
        lengths.append(len(found or b""))
        return found

    return noting


def test_a_record_longer_than_usual_is_read_whole(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "_LONGEST_LINE", 100)
    assert emitter.emit(event("long", RUN))
    emitter.close()
    sender = ListSender("a")

    assert Drainer(emitter.directory, [sender]).drain(5)

    assert sender.names() == ["long"]


def test_a_second_replay_at_once_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_emitter.delivery.letters._MOST_PATIENCE_SECONDS", 0.0)
    bury(tmp_path, "a", line_of(Record(1, "r", b"{}")), "no")

    def purging(_letter: Letter) -> bool:
        with pytest.raises(Unavailable, match="another process holds its lock"):
            purge_letters(tmp_path)
        return True

    assert replay_letters(tmp_path, ["a"], purging) == 1
    assert dead_letters_in(tmp_path) == 0


def test_letters_that_come_while_others_are_gone_through_make_no_room_and_stay(tmp_path: Path) -> None:
    line = line_of(Record(1, "r", b"x" * 500))
    for _ in range(3):
        bury(tmp_path, "a", line, "no", largest=3_000)

    def late(_letter: Letter) -> bool:
        bury(tmp_path, "a", line, "late", largest=3_000)
        return True

    assert replay_letters(tmp_path, ["a"], late) == 3
    assert [letter.reason for letter in letters_in(tmp_path)] == ["late"] * 3
    assert dropped_in(tmp_path) == Dropped()
    bury(tmp_path, "a", line, "last", largest=2_000)
    assert dead_letters_in(tmp_path) + dropped_in(tmp_path).records == 4


def test_a_dead_letter_is_not_waited_for_while_somebody_holds_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_BETWEEN_TRIES_SECONDS", 0.0)
    fd = os.open(tmp_path / DEAD_LETTERS, os.O_RDWR | os.O_CREAT, 0o600)
    locks.lock_for_life(fd)

    with pytest.raises(Unavailable, match="another process holds its lock"):
        bury(tmp_path, "a", b"x\n", "no")
    locks.closed(fd)


def test_side_files_that_are_deeper_than_python_goes_say_nothing(tmp_path: Path) -> None:
    for name in (BREAKER, DROPPED, DESTINATION):
        (tmp_path / name).write_bytes(DEEP)

    assert (down(tmp_path), dropped_in(tmp_path), noted_addresses(tmp_path)) == (None, Dropped(), [])


def test_a_body_without_a_length_is_read_to_its_end_by_who_needs_it() -> None:
    pieces = [b'HTTP/1.0 200 OK\r\n\r\n{"access', b'_token":"x"}', b""]

    assert read_reply(iter(pieces).__next__, is_read_whole=True).body == b'{"access_token":"x"}'


def test_a_pipe_is_no_file_to_keep_events_in(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    (answer,) = FileSender(FileSink(str(tmp_path / "pipe"))).send([Parcel("r", b"{}")], 1.0)

    assert isinstance(answer, NotNow)
    assert "neither a file nor a device" in answer.reason
    assert list(FileSender(FileSink("/dev/null")).send([Parcel("r", b"{}")], 1.0)) == [Delivered()]


def test_a_host_asks_no_regular_expression_of_a_filter(settings: Settings, event: MakeEvent) -> None:
    left_out = Filter("job", "(a+)+$", is_regex=True)
    emitter = Emitter(replace(settings, filters=(left_out,)))

    assert emitter.emit(event("a" * 60 + "!", RUN))
    emitter.close()

    assert len(segments_in(emitter.directory)) == 1
