"""The most that a spool may hold, what has to be on the disk itself, and what other versions left."""

from __future__ import annotations

import json
import logging
import os
import threading
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.spool import syncing
from riverhead_emitter.spool.cap import DROPPED, count_dropped, dropped_in, keep_within
from riverhead_emitter.spool.places import LOOKED, make_private
from riverhead_emitter.spool.reader import remove_finished, segments_in, waiting_in
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "0" / "place"


def written(directory: Path, *bodies: bytes) -> None:
    """Write each to a closed segment of its own."""
    for body in bodies:
        writer = SpoolWriter(directory)
        writer.append("run", body)
        writer.close()


def drained(directory: Path, sink: str, most: int = 100) -> list[bytes]:
    reader, bodies = SinkReader(directory, sink), []
    for pending in reader.pending():
        bodies.append(pending.record.body if pending.record else b"")
        reader.acknowledge(pending)
        if len(bodies) == most:
            break
    reader.close()
    return bodies


def test_the_oldest_closed_segments_leave_and_are_counted(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    written(directory, *[b"%d" % at * 1_000 for at in range(9)])

    with caplog.at_level(logging.WARNING):
        assert keep_within(directory, 6_000, ["a"]) == 5
        assert keep_within(directory, 6_000, ["a"]) == 0

    assert [body[:1] for body in drained(directory, "a")] == [b"5", b"6", b"7", b"8"]
    dropped = dropped_in(directory)
    assert (dropped.records, dropped.segments) == (5, 5)
    assert 5_000 < dropped.bytes < 5_500
    assert len(caplog.records) == 1
    assert (directory / DROPPED).stat().st_mode & 0o777 == 0o600


def test_a_segment_that_a_process_writes_to_never_leaves(directory: Path) -> None:
    writer = SpoolWriter(directory)
    writer.append("run", b"living" * 1_000)
    written(directory, b"closed")

    assert keep_within(directory, 10, ["a"]) == 1

    assert drained(directory, "a") == [b"living" * 1_000]
    writer.close()


def test_what_every_sink_has_had_is_not_dropped(directory: Path) -> None:
    writer = SpoolWriter(directory)
    for body in (b"1", b"2", b"3"):
        writer.append("run", body)
    writer.close()
    drained(directory, "a")
    drained(directory, "b", most=2)

    assert keep_within(directory, 10, ["a", "b", "filter job = x"]) == 1


def test_what_another_version_wrote_neither_leaves_nor_blocks(directory: Path) -> None:
    written(directory, b"ours")
    newer = directory / "0000000000000000-1-newer.seg"
    newer.write_bytes(b"riverhead-spool 2\n" + b"?" * 100_000)

    assert keep_within(directory, 10, ["a"]) == 1
    remove_finished(directory, ["a"])

    assert segments_in(directory) == [newer]


def test_a_writer_keeps_its_directory_within_bounds_by_itself(directory: Path) -> None:
    writer = SpoolWriter(directory, ["a"], largest_spool_bytes=200_000)
    for at in range(300):
        writer.append("run", b"%d " % at + b"x" * 2_000)
    writer.close()

    assert sum(path.stat().st_size for path in segments_in(directory)) < 250_000
    assert waiting_in(directory, ["a"])[0] + dropped_in(directory).records == 300
    assert drained(directory, "a", most=1_000)[-1].startswith(b"299 ")


def test_processes_that_come_and_go_look_at_all_segments_once_in_a_while(directory: Path) -> None:
    for _ in range(3):
        writer = SpoolWriter(directory, ["a"], largest_spool_bytes=1_000)
        writer.append("run", b"x" * 900)
        writer.close()
    assert len(segments_in(directory)) == 3
    os.utime(directory / LOOKED, (0, 0))

    written(directory, b"y")
    capped = SpoolWriter(directory, ["a"], largest_spool_bytes=1_000)
    os.utime(directory / LOOKED, (0, 0))
    capped.append("run", b"z")
    capped.close()

    assert drained(directory, "a") == [b"y", b"z"]


def test_a_record_that_the_cap_took_while_it_was_sent_disturbs_nobody(directory: Path) -> None:
    written(directory, b"1", b"2")
    reader = SinkReader(directory, "a")
    pending = list(reader.pending())
    reader.close()
    keep_within(directory, 10, ["a"])

    for one in pending:
        reader.acknowledge(one)
    reader.close()

    assert drained(directory, "a") == []


def test_a_synced_record_is_on_the_disk_before_it_counts(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(syncing, "_sync", lambda fd: synced.append(os.fstat(fd).st_size))
    writer = SpoolWriter(directory, is_synced=True)
    for body in (b"1", b"2"):
        writer.append("run", body)
    (path,) = segments_in(directory)

    assert len(synced) == 2
    assert synced[-1] == path.stat().st_size
    writer.close()
    assert drained(directory, "a") == [b"1", b"2"]


def test_threads_that_wait_for_the_disk_share_a_sync(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, may_go_on = [], threading.Event()

    def slow(fd: int) -> None:
        synced.append(fd)
        may_go_on.wait(10)

    monkeypatch.setattr(syncing, "_sync", slow)
    writer = SpoolWriter(directory, is_synced=True)
    threads = [threading.Thread(target=writer.append, args=("run", b"%d" % at)) for at in range(8)]
    for thread in threads:
        thread.start()
    deadline = threading.Event()
    for _ in range(1_000):
        if waiting_in(directory, ["a"])[0] == 8:
            break
        deadline.wait(0.01)
    may_go_on.set()
    for thread in threads:
        thread.join(10)

    assert 1 <= len(synced) <= 3
    writer.close()


def test_a_record_that_the_disk_refuses_is_not_accepted(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(syncing, "_sync", refuse)
    writer = SpoolWriter(directory, is_synced=True)

    with pytest.raises(Unavailable, match="cannot sync a record"):
        writer.append("run", b"1")
    writer.close()


@pytest.mark.parametrize("reasons", [{"cap": 1000}, {f"reason {at}": at for at in range(100)}])
def test_what_another_version_counted_beside_is_kept_and_counted_on(directory: Path, reasons: dict[str, int]) -> None:
    make_private(directory)
    noted = {"reasons": reasons, "records": 1000, "bytes": 9, "since": "tomorrow"}
    (directory / DROPPED).write_text(json.dumps(noted))

    assert count_dropped(directory, 1, 5)
    assert count_dropped(directory, 1, 5)

    assert (dropped_in(directory).records, dropped_in(directory).bytes) == (1002, 19)
    assert json.loads((directory / DROPPED).read_bytes())["reasons"] == reasons


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"records": "many"}'])
def test_a_damaged_count_begins_anew(directory: Path, text: str) -> None:
    make_private(directory)
    (directory / DROPPED).write_text(text)

    assert count_dropped(directory, 1, 5)

    assert (dropped_in(directory).records, dropped_in(directory).bytes) == (1, 5)
