"""Whatever writers, drainers, sinks and disks do: every accepted record is somewhere, and each run keeps its order."""

from __future__ import annotations

import collections
import contextlib
import errno
import itertools
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from list_sender import ListSender
from riverhead_emitter.delivery import account, ledger, quarantine, retries
from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.letters import letters_in
from riverhead_emitter.delivery.quarantine import apart_in, replay_run
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel, Rejected
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.cap import dropped_in, keep_within
from riverhead_emitter.spool.places import directory_for, make_private
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

SINKS = ["a", "b"]
RUNS = 3
ANSWERS = st.lists(
    st.sampled_from(["delivered", "delivered", "delivered", "rejected", "fails", "down", "killed"]), max_size=8
)


# What a drainer does beside sending; it may be killed before or behind each of them.
STEPS = [
    (SinkReader, "acknowledge"),
    (account, "bury"),
    (quarantine, "set_apart"),
    (retries, "advance"),
    (retries, "failed"),
    (ledger, "remove_finished"),
]


class Killed(BaseException):
    """What stands for SIGKILL: nobody swallows it, and the drainer is forgotten."""


class Scripted:
    """Answers as told, then takes everything."""

    def __init__(self, answers: list[str]) -> None:
        self._answers = answers

    def __call__(self, _parcel: Parcel) -> Answer:
        match self._answers.pop(0) if self._answers else "delivered":
            case "rejected":
                return Rejected("odd")
            case "fails":
                return NotNow("HTTP 500", is_of_one_record=True)
            case "down":
                return NotNow("refused")
            case "killed":
                raise Killed
        return Delivered()


class AnySpool(RuleBasedStateMachine):
    """Two writers, two sinks, and a simple model: what was accepted, and what each sink was given."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.directory = directory_for(Path(self.folder), SINKS)
        make_private(self.directory)
        self.writers = [SpoolWriter(self.directory, SINKS) for _ in range(2)]
        self.accepted: dict[str, int] = {}  # name → run
        self.delivered: dict[str, list[str]] = {sink: [] for sink in SINKS}
        self.corrupted = 0
        # Only what a killed drainer had under way may come twice.
        self.kills = 0

    @rule(who=st.integers(0, 1), run=st.integers(0, RUNS - 1), size=st.sampled_from([0, 10, 9_000]))
    def append(self, who: int, run: int, size: int) -> None:
        name = str(len(self.accepted))
        self.writers[who].append(
            f"run {run}", b'{"event":{"job":{"name":"%b"},"pad":"%b"}}' % (name.encode(), b"x" * size)
        )
        self.accepted[name] = run

    @rule(who=st.integers(0, 1))
    def close(self, who: int) -> None:
        self.writers[who].close()

    @rule(who=st.integers(0, 1), torn=st.sampled_from([b"", b"0", b"deadbeef 00"]))
    def kill_a_writer(self, who: int, torn: bytes) -> None:
        # As the kernel does: the descriptor goes, whatever had been written of a line stays.
        if self.writers[who]._fd >= 0:
            os.write(self.writers[who]._fd, torn)
            os.close(self.writers[who]._fd)
        self.writers[who] = SpoolWriter(self.directory, SINKS)

    @rule(who=st.integers(0, 1))
    def fork_a_writer(self, who: int) -> None:
        # The child's copy of the descriptor goes; it writes a segment of its own, and so does the parent go on.
        self.writers[who].forget()

    @rule(who=st.integers(0, 1), run=st.integers(0, RUNS - 1), room=st.integers(0, 60))
    def append_on_a_full_disk(self, who: int, run: int, room: int) -> None:
        written = os.write

        def write(fd: int, text: bytes) -> int:
            if not room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return written(fd, text[:room])

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", write)
            with pytest.raises(Unavailable):
                self.writers[who].append(f"run {run}", b'{"event":{"job":{"name":"refused"}}}')

    @rule(
        step=st.sampled_from(STEPS),
        nth=st.integers(0, 3),
        is_done=st.booleans(),
        answers=st.tuples(ANSWERS, ANSWERS),
    )
    def drain_and_be_killed(
        self, step: tuple[Any, str], nth: int, is_done: bool, answers: tuple[list[str], list[str]]
    ) -> None:
        done, calls = getattr(*step), itertools.count()

        def killed(*given: Any, **named: Any) -> Any:
            # Another test's drainer in the background is not what is killed here.
            if threading.current_thread().name == "riverhead-drainer":
                return done(*given, **named)
            is_now = next(calls) == nth
            if is_now and not is_done:
                raise Killed
            told = done(*given, **named)
            if is_now:
                raise Killed
            return told

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(*step, killed)
            self.drain(answers, 1)

    @rule(answers=st.tuples(ANSWERS, ANSWERS), look_ahead=st.integers(1, 4), clock=st.sampled_from([0, -4_000, 90_000]))
    def drain_by_another_clock(self, answers: tuple[list[str], list[str]], look_ahead: int, clock: float) -> None:
        now = time.time
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time", lambda: now() + clock)
            self.drain(answers, look_ahead)

    @rule(answers=st.tuples(ANSWERS, ANSWERS), look_ahead=st.integers(1, 4))
    def drain(self, answers: tuple[list[str], list[str]], look_ahead: int) -> None:
        senders = [
            ListSender(sink, decide=Scripted([*told]), look_ahead=look_ahead)
            for sink, told in zip(SINKS, answers, strict=True)
        ]
        drainer = Drainer(self.directory, senders, 5.0)
        try:
            drainer.drain(5)
        except Killed:
            self.kills += 1
        finally:
            drainer.close()
        for sender in senders:
            self.delivered[sender.address] += sender.names()

    @rule(at=st.integers(0, 50))
    def corrupt(self, at: int) -> None:
        paths = segments_in(self.directory)
        if paths:
            path = paths[at % len(paths)]
            content = bytearray(path.read_bytes())
            place = segment.HEADER_LENGTH + at * 37
            if place < len(content) and content[place] not in b"\n?":
                content[place : place + 1] = b"?"
                with path.open("r+b") as file:
                    file.write(content)
                self.corrupted += 1

    @rule(largest=st.sampled_from([0, 5_000, 50_000]))
    def cap(self, largest: int) -> None:
        keep_within(self.directory, largest, SINKS)

    @rule()
    def replay(self) -> None:
        for apart in apart_in(self.directory):
            replay_run(apart)

    @invariant()
    def every_accepted_record_is_somewhere(self) -> None:
        lost = {sink: set(self.accepted) - set(self.delivered[sink]) - set(self.kept_for(sink)) for sink in SINKS}
        for sink in SINKS:
            assert len(lost[sink]) <= dropped_in(self.directory).records + self.corrupted

    @invariant()
    def each_run_arrives_in_its_order(self) -> None:
        for sink in SINKS:
            by_run = collections.defaultdict(list)
            for name in dict.fromkeys(self.delivered[sink]):
                by_run[self.accepted[name]].append(int(name))
            assert all(numbers == sorted(numbers) for numbers in by_run.values())

    @invariant()
    def nothing_comes_twice_without_a_kill(self) -> None:
        if not self.kills:
            assert all(len(names) == len(set(names)) for names in self.delivered.values())

    def kept_for(self, sink: str) -> Iterator[str]:
        """Yield what waits for a sink, is set apart, or is a dead letter of it."""
        with contextlib.closing(SinkReader(self.directory, sink)) as reader:
            yield from (name_of(pending.line) for pending in reader.pending())
        for apart in apart_in(self.directory):
            if apart.sink == sink:
                yield from (name_of(line) for _, line in apart.lines())
        yield from (name_of(letter.line) for letter in letters_in(self.directory) if letter.sink == sink)

    def teardown(self) -> None:
        for writer in self.writers:
            writer.close()
        try:
            for _ in range(2):
                self.replay()
                self.drain(([], []), 1)
            self.every_accepted_record_is_somewhere()
            self.each_run_arrives_in_its_order()
            assert list(apart_in(self.directory)) == []
            assert segments_in(self.directory) == []
        finally:
            shutil.rmtree(self.folder)


def name_of(line: bytes) -> str:
    return line.partition(b'"name":"')[2].partition(b'"')[0].decode("ascii", "replace")


@pytest.fixture(autouse=True, scope="module")
def soon_poisoned() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quarantine, "MOST_FAILURES", 2)
        patch.setattr(quarantine, "LEAST_SECONDS", 0.0)
        yield


TestAnySpool = AnySpool.TestCase
TestAnySpool.settings = hypothesis_settings(max_examples=30, stateful_step_count=25, deadline=None)


@pytest.mark.fault
@pytest.mark.matrix
class TestAnySpoolForLong(AnySpool.TestCase):  # type: ignore[valid-type,misc]  # made by hypothesis
    """The same, thirty times as often."""

    settings = hypothesis_settings(max_examples=900, stateful_step_count=25, deadline=None)
