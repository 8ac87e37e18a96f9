from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.errors import Unavailable, UnreadableRecord
from riverhead_emitter.spool import locks, segment
from riverhead_emitter.spool.locks import is_drained_by_another, only_drainer
from riverhead_emitter.spool.places import directory_for, known_roots, make_private, spool_root
from riverhead_emitter.spool.reader import (
    remove_finished,
    remove_left_behind,
    segments_in,
    unreadable_in,
    waiting_in,
)
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

SINK = "http http://m"


def drained(directory: Path, sink: str = SINK, most: int = 1_000_000) -> list[bytes]:
    """What a sink gets now; it acknowledges each record. A damaged line is its own bytes."""
    reader, bodies = SinkReader(directory, sink), []
    for pending in reader.pending():
        bodies.append(pending.record.body if pending.record else pending.line)
        reader.acknowledge(pending)
        if len(bodies) >= most:
            break
    reader.close()
    return bodies


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return directory_for(tmp_path / "spool", [SINK])


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    made = SpoolWriter(directory)
    yield made
    made.close()


def append(writer: SpoolWriter, *bodies: bytes) -> None:
    for body in bodies:
        writer.append("run", body)


def test_records_come_back_in_the_order_of_acceptance(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1", b"2", b"3")

    assert drained(directory) == [b"1", b"2", b"3"]
    assert drained(directory) == []


def test_a_torn_tail_is_set_aside_once_its_writer_is_gone(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    os.write(writer._fd, b"0badc0de 00")

    assert drained(directory) == [b"1"]
    writer.close()
    assert drained(directory) == [b"0badc0de 00"]


def test_a_line_that_was_finished_while_we_looked_is_not_torn(
    writer: SpoolWriter, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = segment.line_of(segment.Record(1, "run", b"late"))
    append(writer, b"1")
    os.write(writer._fd, line[:20])

    def finish_then_take(_fd: int) -> bool:
        os.write(writer._fd, line[20:])
        return True

    monkeypatch.setattr("riverhead_emitter.spool.opened.take", finish_then_take)

    assert drained(directory) == [b"1", b"late"]


def test_what_a_writer_without_room_took_back_is_not_mixed_with_what_it_wrote_then(
    writer: SpoolWriter, directory: Path
) -> None:
    append(writer, b"1")
    (path,) = segments_in(directory)
    size = path.stat().st_size
    os.write(writer._fd, b"half of a long line that had no room")
    reader = SinkReader(directory, SINK)
    pending = reader.pending()
    bodies = [next(pending).line]
    os.ftruncate(writer._fd, size)
    append(writer, b"2" * 200)
    bodies += [one.line for one in pending]
    reader.close()

    assert [line.split()[-1] for line in bodies] == [b"1", b"2" * 200]


def test_two_sinks_that_begin_at_once_choose_slots_of_their_own(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1", b"2")
    readers = [SinkReader(directory, sink) for sink in ("a", "b")]
    firsts = [next(reader.pending()) for reader in readers]
    for reader, first in zip(readers, firsts, strict=True):
        reader.acknowledge(first)
        reader.close()

    assert [drained(directory, sink) for sink in ("a", "b")] == [[b"2"], [b"2"]]


def test_what_a_writer_added_before_it_ended_keeps_its_segment(
    writer: SpoolWriter, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(writer, b"1")
    drained(directory)

    def add_then_end(_fd: int) -> bool:
        append(writer, b"2")
        writer.close()
        return True

    monkeypatch.setattr("riverhead_emitter.spool.reader.take", add_then_end)
    remove_finished(directory, [SINK])

    assert drained(directory) == [b"2"]


def test_a_record_from_another_process_that_was_older_comes_first(directory: Path) -> None:
    first, second = SpoolWriter(directory), SpoolWriter(directory)
    append(second, b"0")
    reader = SinkReader(directory, SINK)
    tour = reader.pending(time.time_ns())
    got = [one.line.split()[-1] for one in [next(tour)]]
    append(first, b"1")  # in a segment that this tour does not know
    append(second, b"2")
    got += [one.line.split()[-1] for one in tour]
    assert got == [b"0"]
    assert not reader.is_all_seen

    for writer in (first, second):
        writer.close()
    assert [one.line.split()[-1] for one in reader.pending(time.time_ns())] == [b"0", b"1", b"2"]
    reader.close()


def test_a_damaged_line_is_set_aside_and_those_behind_it_are_read(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1", b"two", b"3")
    (path,) = segments_in(directory)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"two", b"tw0"))

    got = drained(directory)

    assert got[0] == b"1"
    assert got[1].endswith(b"tw0\n")
    assert got[2] == b"3"


def test_two_configurations_on_one_root_never_mix(tmp_path: Path) -> None:
    directories = [directory_for(tmp_path, sinks) for sinks in (["a"], ["b"], ["a", "b"], [])]
    writers = [SpoolWriter(directory) for directory in directories]
    for at, writer in enumerate(writers):
        append(writer, b"%d" % at)

    assert [drained(directory) for directory in directories] == [[b"0"], [b"1"], [b"2"], [b"3"]]
    assert directory_for(tmp_path, ["b", "a"]) == directories[2]
    for writer in writers:
        writer.close()


def test_a_finished_segment_is_removed_only_when_every_sink_has_it(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    drained(directory, "a")
    writer.close()

    remove_finished(directory, ["a", "b"])
    assert drained(directory, "b") == [b"1"]
    remove_finished(directory, ["a", "b"])
    assert segments_in(directory) == []


def test_a_segment_stays_while_its_writer_lives(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    drained(directory)

    assert remove_finished(directory, [SINK]) == {path.name for path in segments_in(directory)}
    append(writer, b"2")
    assert drained(directory) == [b"2"]


def test_nothing_is_removed_for_nobody(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    writer.close()

    remove_finished(directory, [])

    assert len(segments_in(directory)) == 1


def test_a_ninth_sink_is_served_too(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1", b"2")

    assert [drained(directory, f"sink {at}") for at in range(12)] == [[b"1", b"2"]] * 12
    assert unreadable_in(directory) == []


@pytest.mark.parametrize("offset", [b"-0000000000000000001", b"00000000000000000005", b"99x99999999999999999"])
def test_a_damaged_acknowledgement_loses_nothing(writer: SpoolWriter, directory: Path, offset: bytes) -> None:
    append(writer, b"1")
    drained(directory)
    (path,) = segments_in(directory)
    content = path.read_bytes()
    at = len(segment.MAGIC) + 17
    path.write_bytes(content[:at] + offset + content[at + 20 :])

    assert drained(directory) == [b"1"]


def test_a_forked_child_writes_a_segment_of_its_own(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"parent 1")
    child = os.fork()
    if child == 0:
        append(writer, b"child")
        os._exit(0)
    os.waitpid(child, 0)
    append(writer, b"parent 2")

    assert len(segments_in(directory)) == 2
    assert drained(directory) == [b"parent 1", b"child", b"parent 2"]


def test_threads_share_a_writer(writer: SpoolWriter, directory: Path) -> None:
    names = [[b"%d-%d" % (who, at) for at in range(50)] for who in range(8)]
    threads = [threading.Thread(target=append, args=(writer, *bodies)) for bodies in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    got = drained(directory)
    assert [[body for body in got if body.startswith(b"%d-" % who)] for who in range(8)] == names


def test_a_closed_writer_opens_a_new_segment(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    writer.close()
    append(writer, b"2")

    assert len(segments_in(directory)) == 2
    assert drained(directory) == [b"1", b"2"]


def test_a_full_segment_is_followed_by_another(directory: Path) -> None:
    writer = SpoolWriter(directory, largest_spool_bytes=100_000)
    append(writer, b"x" * 20_000, b"y", b"z")
    writer.close()

    assert len(segments_in(directory)) == 2
    assert drained(directory) == [b"x" * 20_000, b"y", b"z"]


def test_a_removed_segment_swallows_nothing(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    for path in segments_in(directory):
        path.unlink()
    append(writer, b"2")

    assert drained(directory) == [b"2"]


def test_a_descriptor_that_the_host_closed_and_gave_to_another_file_is_left_alone(
    writer: SpoolWriter, directory: Path, tmp_path: Path
) -> None:
    append(writer, b"1")
    fd = writer._fd
    with (tmp_path / "precious").open("wb") as precious:
        os.dup2(precious.fileno(), fd)
        append(writer, b"2")
        os.write(fd, b"the host's own")
        os.close(fd)

    assert (tmp_path / "precious").read_bytes() == b"the host's own"
    assert drained(directory) == [b"1", b"2"]


def test_time_that_goes_backwards_turns_no_order_round(
    writer: SpoolWriter, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([9_000, 9_000, 5_000, 1_000, 1_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(now, 1_000))
    append(writer, b"1", b"2")
    writer.close()
    append(writer, b"3")

    assert drained(directory) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("run_id", ["", "a b", "a\nb\r\n", "ünïcode \ud800", "x" * 2_000_000, "\x00\x0b\x0c\x1c"])
def test_a_hostile_run_id_costs_no_record(writer: SpoolWriter, directory: Path, run_id: str) -> None:
    writer.append(run_id, b"1")
    append(writer, b"2")

    assert drained(directory) == [b"1", b"2"]
    assert unreadable_in(directory) == []


@pytest.mark.fault
def test_a_record_of_fifty_megabytes_comes_back(writer: SpoolWriter, directory: Path) -> None:
    body = b"x" * 50_000_000
    append(writer, body, b"2")

    assert drained(directory) == [body, b"2"]


def test_what_is_no_segment_of_this_version_is_left_alone_and_holds_up_nothing(
    writer: SpoolWriter, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(writer, b"1")
    (directory / "0.seg").mkdir()
    (directory / "1.seg").write_bytes(b"riverhead-spool 2\n" + b"?" * 1_000)
    (directory / "2.seg").write_bytes(b"")
    (directory / "3.seg").symlink_to("nowhere")
    os.mkfifo(directory / "4.seg")
    monkeypatch.chdir(directory)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("5.seg")
        assert drained(directory) == [b"1"]

    writer.close()
    remove_finished(directory, [SINK])
    assert [path.name for path in segments_in(directory)] == [f"{at}.seg" for at in range(6)]


def test_segments_of_another_version_are_named(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    newer = directory / "1.seg"
    newer.write_bytes(b"riverhead-spool 2\n" + b"?" * 1_000)

    assert unreadable_in(directory) == [newer]


def test_what_killed_writers_never_showed_is_tidied_away(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    old, young = directory / ".a.seg", directory / ".b.seg"
    for path in (old, young):
        path.write_bytes(b"half a header")
    os.utime(old, (time.time() - 120, time.time() - 120))

    remove_left_behind(directory)

    assert not old.exists()
    assert young.exists()
    assert drained(directory) == [b"1"]


def test_only_one_drains_at_a_time(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    assert not is_drained_by_another(directory)
    with only_drainer(directory) as is_first, only_drainer(directory) as is_second:
        assert (is_first, is_second) == (True, False)
        assert is_drained_by_another(directory)
    with only_drainer(directory) as is_third:
        assert is_third


def test_a_child_that_outlives_a_drainer_does_not_keep_its_place(writer: SpoolWriter, directory: Path) -> None:
    append(writer, b"1")
    (reading, writing), (hearing, saying) = os.pipe(), os.pipe()
    with only_drainer(directory) as is_ours:
        assert is_ours
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.write(saying, b"!")
            os.read(reading, 1)
            os._exit(0)
        os.read(hearing, 1)
        # As if this process had been killed: its descriptor goes, nothing is given back.
        for fd in list(locks._HELD):
            os.close(fd)
        locks._HELD.clear()

    assert not is_drained_by_another(directory)
    os.close(writing)
    os.waitpid(child, 0)
    for fd in (reading, hearing, saying):
        os.close(fd)


def test_a_directory_that_others_may_enter_is_refused(writer: SpoolWriter, directory: Path) -> None:
    make_private(directory)
    directory.chmod(0o755)

    with pytest.raises(Unavailable, match="not private to this user; RIVERHEAD_SPOOL_DIR"):
        append(writer, b"1")


def test_the_users_directory_is_closed_to_others(writer: SpoolWriter, directory: Path) -> None:
    directory.parent.mkdir(parents=True, mode=0o755)
    append(writer, b"1")

    assert directory.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in segments_in(directory)} == {0o600}


def test_a_directory_that_is_a_link_is_refused(writer: SpoolWriter, directory: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    directory.parent.mkdir(parents=True, mode=0o700)
    directory.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Unavailable, match="not private"):
        append(writer, b"1")


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give directories to others")
@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_directory_of_somebody_else_is_refused_on_every_level(directory: Path, level: int) -> None:
    directory.mkdir(parents=True, mode=0o700)
    os.chown([directory, directory.parent, directory.parent.parent][level], 12_345, 12_345)

    with pytest.raises(Unavailable, match="not private"):
        make_private(directory)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give links to others")
def test_a_root_behind_a_link_of_somebody_else_is_refused(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    directory.parent.parent.symlink_to(tmp_path / "own")
    make_private(directory)
    os.lchown(directory.parent.parent, 12_345, 12_345)

    with pytest.raises(Unavailable, match="not private"):
        make_private(directory)


def test_a_file_in_the_place_of_a_directory_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")

    with pytest.raises(Unavailable, match="has to name a writable directory"):
        make_private(directory_for(tmp_path / "spool", []))


def test_a_directory_that_is_not_there_has_nothing_to_drain(tmp_path: Path) -> None:
    assert drained(tmp_path / "none") == []
    assert waiting_in(tmp_path / "none", [SINK]) == (0, 0, None)
    assert remove_finished(tmp_path / "none", [SINK]) == set()
    assert not is_drained_by_another(tmp_path / "none")


def test_roots_are_found_in_their_order(tmp_path: Path) -> None:
    values = {"AIRFLOW_HOME": f"{tmp_path}/air", "HOME": f"{tmp_path}/home"}
    (tmp_path / "air" / "riverhead").mkdir(parents=True)

    assert spool_root(values) == tmp_path / "air" / "riverhead"
    assert spool_root({**values, "RIVERHEAD_SPOOL_DIR": "/x"}) == Path("/x")
    assert spool_root({"XDG_STATE_HOME": "/state", "HOME": "/h"}) == Path("/state/riverhead")
    assert spool_root({}) == Path(tempfile.gettempdir()) / f"riverhead-{os.getuid()}"
    assert known_roots(values)[0] == tmp_path / "air" / "riverhead"


@pytest.mark.parametrize("line", [b"\n", b"zzzzzzzz 1 r {}\n", b"00000000 0000000000000001 r {}\n", b"1 2 3\n"])
def test_a_line_that_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        segment.record_of(line)


MANY = """
import resource, sys
from pathlib import Path
from riverhead_emitter.spool.reader import remove_finished, segments_in
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.spool.writer import SpoolWriter
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
directory, writer = Path(sys.argv[1]) / "0" / "many", None
for at in range(2_000):
    writer = SpoolWriter(directory)
    writer.append("run", b"%d" % at)
    writer.close()
reader, got = SinkReader(directory, "a"), []
for pending in reader.pending():
    got.append(int(pending.record.body))
    reader.acknowledge(pending)
reader.close()
assert got == list(range(2_000)), got[:10]
remove_finished(directory, ["a"])
assert segments_in(directory) == []
"""


@pytest.mark.fault
def test_two_thousand_segments_need_few_descriptors(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", MANY, str(tmp_path)], capture_output=True, timeout=60, check=False)

    assert done.stderr.decode() == ""
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 64


def test_nothing_comes_behind_a_line_that_a_time_out_tore(
    writer: SpoolWriter, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class TooLong(Exception):  # noqa: N818 - a host names it as it likes
        pass

    def take_back(*_: object) -> None:
        raise TooLong  # as a host's signal handler may, at that moment

    written = os.write
    append(writer, b"before")
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda fd, text: written(fd, text[:9]))
        full.setattr(os, "ftruncate", take_back)
        with pytest.raises(TooLong):
            append(writer, b"torn")
    append(writer, b"behind")
    writer.close()

    before, torn, behind = drained(directory)
    assert (before, len(torn), behind) == (b"before", 9, b"behind")


def test_a_drainer_writes_nothing_into_a_file_that_the_host_has_opened_in_place_of_a_segment(
    writer: SpoolWriter, directory: Path, tmp_path: Path
) -> None:
    append(writer, b"one", b"two")
    writer.close()
    reader = SinkReader(directory, SINK)
    pending = next(iter(reader.pending()))
    (opened,) = reader._open.values()
    fd = opened._file.fileno()
    os.close(fd)
    (tmp_path / "of the host").write_bytes(b"x" * 10_000)
    theirs = os.open(tmp_path / "of the host", os.O_RDWR)
    if theirs != fd:
        os.dup2(theirs, fd)
        os.close(theirs)

    with pytest.raises(OSError, match="closed a segment"):
        reader.acknowledge(pending)
    reader.close()

    assert (tmp_path / "of the host").read_bytes() == b"x" * 10_000
    assert os.fstat(fd).st_size == 10_000
    os.close(fd)
