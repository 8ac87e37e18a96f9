"""What is told of processes that die without a word: once, in order, and of nobody who lives or has ended his run."""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import signal
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from list_sender import ListSender
from riverhead_emitter.delivery import drainer as draining
from riverhead_emitter.delivery.courier import Courier
from riverhead_emitter.delivery.drainer import Drainer, dead_letters_in
from riverhead_emitter.delivery.letters import replay_letters
from riverhead_emitter.delivery.sender import Delivered, NotNow, Rejected
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.observation import Observation, Will
from riverhead_emitter.spool import last_words, segment, writer
from riverhead_emitter.spool.cap import dropped_in, keep_within
from riverhead_emitter.spool.opened import OpenSegment
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.verbs.spool_records import WAITING, content_of, entries_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_emitter.delivery.sender import Answer, Parcel
    from riverhead_emitter.settings import Settings

WILL = Will({"state": "FAIL", "why": "it ended without a word"}, ("time", "end_time"))
NOON = "2026-11-21T12:00:00+00:00"


@pytest.fixture(autouse=True)
def understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room whose events say what they were made of."""

    def interpret(observation: Observation) -> list[dict[str, Any]]:
        facts = dict(observation.payload)
        return [{"run": {"runId": observation.run_id}, "job": {"name": facts["state"]}, "facts": facts}]

    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: interpret)


@pytest.fixture
def quiet(settings: Settings) -> Settings:
    """Settings of a process that sends nothing by itself."""
    return replace(settings, start_drainer=False)


def start(emitter: Emitter, run: str = "run", will: Will | None = WILL, **facts: object) -> bool:
    payload = {"state": "START", "time": NOON, "end_time": None, "table": "t", **facts}
    return emitter.observe(Observation("tests.run", 1, run, payload, will=will))


def end(emitter: Emitter, run: str = "run", **facts: object) -> bool:
    return emitter.observe(Observation("tests.run", 1, run, {"state": "COMPLETE", **facts}, is_last=True))


def go_on(emitter: Emitter, run: str = "run", **facts: object) -> bool:
    return emitter.observe(Observation("tests.run", 1, run, {"state": "RUNNING", **facts}))


@contextlib.contextmanager
def living(work: Callable[[], object]) -> Iterator[int]:
    """Another process that does this and lives on until the block ends; then it is killed."""
    hearing, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hearing)
        work()
        os.write(saying, b"!")
        signal.pause()
        os._exit(0)
    os.close(saying)
    assert os.read(hearing, 1) == b"!"
    os.close(hearing)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def killed(work: Callable[[], object]) -> None:
    with living(work):
        pass


def drained(directory: Path, *senders: ListSender, seconds: float = 10) -> bool:
    with contextlib.closing(Drainer(directory, senders)) as drainer:
        return drainer.drain(seconds)


def facts_of(sender: ListSender) -> list[dict[str, Any]]:
    return [json.loads(event)["facts"] for event in sender.events]


def test_the_run_of_a_process_that_was_killed_is_told_to_have_failed(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: start(emitter))

    assert drained(emitter.directory, sender)

    began, failed = facts_of(sender)
    assert (began["state"], failed["state"]) == ("START", "FAIL")
    assert failed["why"] == "it ended without a word"
    assert failed["table"] == "t"
    assert failed["time"] == failed["end_time"] > NOON
    assert segments_in(emitter.directory) == []


def test_a_run_that_ended_has_no_last_words(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: (start(emitter), end(emitter)))

    assert drained(emitter.directory, sender)

    assert sender.names() == ["START", "COMPLETE"]
    assert segments_in(emitter.directory) == []


def test_an_observation_without_a_will_leaves_none(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: (start(emitter, will=None), emitter.emit({"run": {"runId": "r"}, "job": {"name": "an event"}})))

    assert drained(emitter.directory, sender)

    assert sender.names() == ["START", "an event"]
    assert segments_in(emitter.directory) == []


def test_nothing_is_said_for_who_lives(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    with living(lambda: start(emitter)):
        assert drained(emitter.directory, sender)
        assert sender.names() == ["START"]

    assert drained(emitter.directory, sender)
    assert sender.names() == ["START", "FAIL"]


def test_every_sink_hears_the_last_words_once_and_in_the_same_drain(quiet: Settings) -> None:
    emitter, senders = Emitter(quiet), [ListSender(name) for name in "abc"]
    killed(lambda: start(emitter))

    assert drained(emitter.directory, *senders)
    assert drained(emitter.directory, *senders)

    assert [sender.names() for sender in senders] == [["START", "FAIL"]] * 3
    assert len({sender.events[1] for sender in senders}) == 1
    assert segments_in(emitter.directory) == []


def test_a_sink_that_was_done_when_a_process_died_hears_of_it_in_the_same_drain(
    quiet: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter, is_done, drain = Emitter(quiet), threading.Event(), Courier.drain

    def drain_and_say_so(courier: Courier, *arguments: Any) -> Any:
        answer = drain(courier, *arguments)
        is_done.set()
        return answer

    def kill_then_take(_parcel: Parcel) -> Answer:
        assert is_done.wait(10)
        death.close()
        return Delivered()

    monkeypatch.setattr(Courier, "drain", drain_and_say_so)
    first, last = ListSender("a"), ListSender("b", decide=kill_then_take)
    with contextlib.ExitStack() as death:
        death.enter_context(living(lambda: start(emitter)))
        assert drained(emitter.directory, first, last)

    assert (first.names(), last.names()) == (["START", "FAIL"], ["START", "FAIL"])
    assert segments_in(emitter.directory) == []


def test_a_sink_that_is_away_keeps_the_last_words_from_nobody(quiet: Settings) -> None:
    emitter, there, away = Emitter(quiet), ListSender("a"), ListSender("b", NotNow("away"), NotNow("away"))
    killed(lambda: start(emitter))

    assert not drained(emitter.directory, there, away)
    assert there.names() == ["START", "FAIL"]
    while not drained(emitter.directory, there, away):
        pass

    assert (there.names(), away.names()) == (["START", "FAIL"], ["START", "FAIL"])
    assert there.events == away.events


def test_of_several_open_runs_the_one_that_began_last_ends_first(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: [start(emitter, run, name=run) for run in ("outer", "closed", "inner")] + [end(emitter, "closed")])

    assert drained(emitter.directory, sender)

    assert [facts["name"] for facts in facts_of(sender) if facts["state"] == "FAIL"] == ["inner", "outer"]


def test_the_last_will_of_a_run_is_the_one_that_counts(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: (start(emitter), start(emitter, will=Will({"state": "ABORT"}), table="u")))

    assert drained(emitter.directory, sender)

    assert sender.names() == ["START", "START", "ABORT"]
    assert facts_of(sender)[-1]["table"] == "u"


@pytest.mark.parametrize("torn", [b"0", b"0badc0de 0018", b"x" * 100_000])
def test_last_words_are_read_behind_a_line_that_was_cut_off(quiet: Settings, torn: bytes) -> None:
    emitter, early, late = Emitter(quiet), ListSender("a"), ListSender("b")
    killed(lambda: (start(emitter), os.write(emitter._writer._fd, torn)))

    assert drained(emitter.directory, early)
    assert early.names() == ["START", "FAIL"]

    killed(lambda: (start(emitter), os.write(emitter._writer._fd, torn)))
    assert not drained(emitter.directory, early, ListSender("b", decide=lambda _: NotNow("away")), seconds=2)
    drained(emitter.directory, early, late)

    assert early.names() == ["START", "FAIL"] * 2
    assert late.names() == ["START", "FAIL"]
    assert dead_letters_in(emitter.directory) == 0
    assert segments_in(emitter.directory) == []


@pytest.mark.parametrize("room", [0, 1, 40])
def test_without_room_the_last_words_wait_until_there_is_some(
    quiet: Settings, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: start(emitter))
    written = os.write

    def write(fd: int, text: bytes) -> int:
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(fd, text[:room])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        drainer = Drainer(emitter.directory, [sender])
        assert not drainer.drain(5)
        assert "last words" in drainer.tally.last_refusal
        drainer.close()
    assert sender.names() == ["START"]

    assert drained(emitter.directory, sender)
    assert sender.names() == ["START", "FAIL"]
    assert segments_in(emitter.directory) == []


def test_the_last_words_of_a_run_that_is_set_apart_come_behind_the_rest_of_it(quiet: Settings) -> None:
    def decide(parcel: Parcel) -> Answer:
        return answers.get(parcel.run_id, Delivered())

    emitter = Emitter(quiet)
    answers: dict[str, Answer] = {"apart": NotNow("poison", is_of_one_record=True)}
    sender = ListSender("a", decide=decide)
    killed(lambda: (start(emitter, "apart"), go_on(emitter, "apart"), start(emitter, "fine")))

    assert not drained(emitter.directory, sender)
    assert sender.names() == ["START", "FAIL"]
    answers.clear()
    assert drained(emitter.directory, sender)

    assert sender.names() == ["START", "FAIL", "START", "RUNNING", "FAIL"]


def test_a_child_that_was_forked_and_killed_takes_no_run_of_its_parent_with_it(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    start(emitter)
    killed(lambda: start(emitter, "child", name="child"))

    assert drained(emitter.directory, sender)

    assert sender.names() == ["START", "START", "FAIL"]
    assert facts_of(sender)[-1]["name"] == "child"
    end(emitter)
    emitter.close()
    assert drained(emitter.directory, sender)
    assert sender.names() == ["START", "START", "FAIL", "COMPLETE"]


@pytest.mark.parametrize("is_full", [False, True])
def test_a_child_that_outlives_its_parent_does_not_hide_its_death(
    quiet: Settings, is_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    if is_full:
        monkeypatch.setattr(writer, "LARGEST_SEGMENT", 1_000)
        emitter = Emitter(quiet)
    hearing, saying = os.pipe()

    def live_with_a_child() -> None:
        start(emitter, pad="x" * 2_000)
        start(emitter, "next")
        grandchild = os.fork()
        if grandchild == 0:
            os.write(saying, b"!")
            os.read(parting[0], 1)
            os._exit(0)
        os.read(hearing, 1)

    parting = os.pipe()
    killed(live_with_a_child)
    drained(emitter.directory, sender)
    os.write(parting[1], b"!")
    for fd in (hearing, saying, *parting):
        os.close(fd)

    assert sender.names() == ["START", "START", "FAIL", "FAIL"]


@pytest.fixture
def small(quiet: Settings, monkeypatch: pytest.MonkeyPatch) -> Emitter:
    """An emitter whose segments are full after a record or two."""
    monkeypatch.setattr(writer, "LARGEST_SEGMENT", 1_500)
    return Emitter(quiet)


def test_a_will_in_a_segment_that_is_full_stands_for_as_long_as_its_process_lives(small: Emitter) -> None:
    sender = ListSender("a")
    with living(lambda: (start(small), [go_on(small, f"other {at}", pad="x" * 900) for at in range(9)])):
        assert drained(small.directory, sender)
        assert sender.names() == ["START", *["RUNNING"] * 9]

    assert drained(small.directory, sender)
    assert sender.names() == ["START", *["RUNNING"] * 9, "FAIL"]
    assert segments_in(small.directory) == []


def test_a_run_that_ended_behind_a_full_segment_has_no_last_words(small: Emitter) -> None:
    sender = ListSender("a")
    runs = [f"run {at}" for at in range(30)]
    killed(lambda: ([start(small, run, pad="x" * 900) for run in runs], [end(small, run) for run in reversed(runs)]))

    assert drained(small.directory, sender)

    assert sender.names() == ["START"] * 30 + ["COMPLETE"] * 30
    assert segments_in(small.directory) == []


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_wills_that_are_never_revoked_keep_few_files_open(small: Emitter) -> None:
    before = open_files()

    for at in range(100):
        assert start(small, f"run {at}", pad="x" * 900)

    assert open_files() - before <= 17
    for at in range(100):
        assert end(small, f"run {at}")
    small.close()
    assert open_files() == before


def test_what_a_host_closes_or_throws_away_is_no_death(quiet: Settings) -> None:
    sender = ListSender("a")
    closed, gone = Emitter(quiet), Emitter(quiet)
    start(closed, "closed")
    closed.close()
    start(gone, "thrown away")
    directory = gone.directory
    del gone
    gc.collect()

    assert drained(directory, sender)
    assert sender.names() == ["START", "START"]

    assert end(closed, "closed")
    assert drained(directory, sender)
    assert sender.names() == ["START", "START", "COMPLETE"]
    assert len(segments_in(directory)) == 1


def test_a_line_that_a_signal_cut_off_in_a_full_segment_hides_nothing(small: Emitter) -> None:
    sender = ListSender("a")
    start(small, pad="x" * 2_000)
    go_on(small)
    (fd, _) = small._writer._held._by_run["run"]
    os.write(fd, b"0badc0de 00")

    assert end(small)

    small.close()
    assert drained(small.directory, sender)
    assert sender.names() == ["START", "RUNNING", "COMPLETE"]
    assert dead_letters_in(small.directory) == 0


def test_a_will_is_small_beside_its_observation_and_hides_secrets(quiet: Settings) -> None:
    emitter = Emitter(quiet)
    start(emitter, will=Will({"url": "postgresql://anna:canary@db/x", "password": "canary"}), pad="x" * 50_000)

    (path,) = segments_in(emitter.directory)
    text = path.read_bytes()
    emitter.close()

    assert len(text) < 51_000
    assert b'"will":{' in text
    assert b"canary" not in text


class Odd:
    def __len__(self) -> int:
        raise RuntimeError("odd")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("odd")


@pytest.mark.parametrize(
    "will",
    [
        Will({"text": "x" * 100_000}),
        Will({"list": [None] * 50_000}),
        Will(Odd()),  # type: ignore[arg-type]  # as a host may get it wrong
        Will({}, Odd()),  # type: ignore[arg-type]  # likewise
        Will("text", ("time",)),  # type: ignore[arg-type]  # likewise
        Will({}, (1,)),  # type: ignore[arg-type]  # likewise
        "no will at all",
    ],
)
def test_a_will_that_cannot_be_kept_costs_its_observation_nothing(quiet: Settings, will: Any) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: os._exit(1) if not start(emitter, will=will) else None)

    assert drained(emitter.directory, sender)

    assert sender.names()[0] == "START"
    assert len(sender.names()) <= 2
    assert segments_in(emitter.directory) == []


def test_what_only_looks_like_a_will_says_nothing(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    inner = {"changes": {"state": "FAIL"}, "times": []}
    killed(lambda: start(emitter, will=None, text='"will":{}', deep={"will": inner}, will_=inner))

    assert drained(emitter.directory, sender)

    assert sender.names() == ["START"]


def test_a_segment_of_which_a_part_is_damaged_still_has_its_other_wills(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: (start(emitter, "damaged", name="damaged"), start(emitter, name="whole")))
    (path,) = segments_in(emitter.directory)
    path.write_bytes(path.read_bytes().replace(b'"damaged"', b'"damagxd"'))

    drained(emitter.directory, sender)

    assert sender.names() == ["START", "FAIL"]
    assert facts_of(sender)[-1]["name"] == "whole"


def test_a_dead_letter_that_is_put_back_says_nothing_for_who_replays_it(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a", Rejected("odd"))
    killed(lambda: start(emitter))
    assert drained(emitter.directory, sender)
    assert (sender.names(), dead_letters_in(emitter.directory)) == (["FAIL"], 1)

    replay_letters(emitter.directory, ["a"])
    assert drained(emitter.directory, sender)

    assert sender.names() == ["FAIL", "START"]


def test_a_will_that_leaves_with_its_segment_is_counted(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    with living(lambda: start(emitter)):
        drained(emitter.directory, sender)

    assert keep_within(emitter.directory, 10, ["a"]) == 1

    assert dropped_in(emitter.directory).records == 1


def times_of(sender: ListSender) -> tuple[float, float]:
    failed = facts_of(sender)[-1]
    moments = [datetime.fromisoformat(failed[name]).timestamp() for name in ("end_time", "last_sign_of_life")]
    return moments[0], moments[1]


def aged(directory: Path, seconds: float) -> int:
    """Have what is written there be written so long ago; return in how many segments."""
    paths = segments_in(directory)
    for path in paths:
        content = path.read_bytes()
        lines = content[segment.HEADER_LENGTH :].splitlines(keepends=True)
        records = [segment.record_of(line) for line in lines]
        older = [replace_time(record, int(record.time - seconds * 1e9)) for record in records]
        path.write_bytes(content[: segment.HEADER_LENGTH] + b"".join(older))
    return len(paths)


def replace_time(record: segment.Record, moment: int) -> bytes:
    return segment.line_of(segment.Record(moment, record.run_id, record.body))


def test_a_process_that_is_found_at_once_died_when_it_was_found(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    began = time.time()
    killed(lambda: start(emitter))

    assert drained(emitter.directory, sender)

    died, lived = times_of(sender)
    assert began <= lived <= died <= time.time()


def test_a_process_did_not_die_before_it_lived_where_the_clock_was_put_back(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: start(emitter))
    aged(emitter.directory, -3600)

    assert drained(emitter.directory, sender)

    died, lived = times_of(sender)
    assert died == lived > time.time()


def test_a_process_that_is_found_the_next_morning_did_not_work_all_night(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    killed(lambda: start(emitter))
    aged(emitter.directory, 9 * 3600)

    assert drained(emitter.directory, sender)

    died, lived = times_of(sender)
    assert died == lived
    assert abs(time.time() - 9 * 3600 - died) < 60


def test_a_long_run_that_was_watched_died_when_it_was_found(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    with contextlib.closing(Drainer(emitter.directory, [sender])) as drainer:
        with living(lambda: [start(emitter), aged(emitter.directory, 7200)]):
            assert drainer.drain(5)
            watched = time.time()
        assert drainer.drain(5)

    died, lived = times_of(sender)
    assert watched - 1 < lived <= died <= time.time()


def test_a_follower_notices_a_death_while_it_is_at_work(quiet: Settings) -> None:
    emitter, sender, is_over = Emitter(quiet), ListSender("a"), threading.Event()
    drainer = Drainer(emitter.directory, [sender])
    with living(lambda: start(emitter)):
        follower = threading.Thread(target=drainer.follow, args=(is_over.is_set, is_over))
        follower.start()
        assert sender.wait_for(1)

    assert sender.wait_for(2, 5)
    is_over.set()
    follower.join(10)
    drainer.close()
    assert sender.names() == ["START", "FAIL"]


@pytest.mark.fault
def test_an_idle_drainer_stays_for_who_may_die_without_a_word(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    drainer = Drainer(emitter.directory, [sender])
    follower = threading.Thread(target=drainer.follow, args=(lambda: False,), kwargs={"idle_seconds": 0.3})
    with living(lambda: start(emitter)):
        follower.start()
        assert sender.wait_for(1)
        follower.join(2)
        assert follower.is_alive()

    assert sender.wait_for(2, 5)
    follower.join(10)
    assert not follower.is_alive()
    drainer.close()
    assert sender.names() == ["START", "FAIL"]


@pytest.mark.fault
def test_an_idle_drainer_does_not_stay_for_ever(quiet: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_LONGEST_VIGIL_SECONDS", 0.5)
    emitter, sender = Emitter(quiet), ListSender("a")
    with living(lambda: start(emitter)), contextlib.closing(Drainer(emitter.directory, [sender])) as drainer:
        assert drainer.follow(lambda: False, idle_seconds=0.2)

    assert sender.names() == ["START"]


def test_an_idle_drainer_does_not_stay_for_runs_that_have_ended(quiet: Settings) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")
    work = living(lambda: (start(emitter), end(emitter)))
    with work, contextlib.closing(Drainer(emitter.directory, [sender])) as drainer:
        assert drainer.follow(lambda: False, idle_seconds=0.2)

    assert sender.names() == ["START", "COMPLETE"]


def test_last_words_that_wait_are_counted_and_shown_like_any_record(quiet: Settings) -> None:
    emitter = Emitter(quiet)
    killed(lambda: start(emitter))
    (path,) = segments_in(emitter.directory)
    with path.open("r+b", buffering=0) as file:
        assert last_words.say(file.fileno()) == 1
        assert last_words.say(file.fileno()) == 0

    began, failed = [next(entry.lines()) for entry in entries_in(emitter.directory, WAITING)]

    assert json.loads(content_of(began, str))["will"] == {"changes": WILL.changes, "times": list(WILL.times)}
    assert json.loads(content_of(failed, str))["will"] is None


class Killed(BaseException):
    """What stands for SIGKILL: nobody swallows it, and the drainer is forgotten."""


def killing(call: Callable[..., Any], nth: int, is_done: bool) -> Callable[..., Any]:
    """Have the nth call end the drainer, before or behind it."""
    calls = iter(range(nth + 1))

    def called(*arguments: Any) -> Any:
        is_last = next(calls, nth + 1) == nth
        if is_last and not is_done:
            raise Killed
        done = call(*arguments)
        if is_last:
            raise Killed
        return done

    return called


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("nth", [0, 1, 2])
@pytest.mark.parametrize("step", ["write", "pwrite", "pread", "ftruncate", "unlink"])
def test_a_drainer_that_is_killed_at_any_point_leaves_it_to_the_next_to_end_each_run_once(
    quiet: Settings, monkeypatch: pytest.MonkeyPatch, step: str, nth: int, is_done: bool
) -> None:
    emitter, senders = Emitter(quiet), [ListSender("a"), ListSender("b")]
    killed(lambda: (start(emitter, "1"), start(emitter, "2"), os.write(emitter._writer._fd, b"0badc0de 00")))

    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(os, step, killing(getattr(os, step), nth, is_done))
        drained(emitter.directory, *senders)
    while not drained(emitter.directory, *senders):
        pass

    for sender in senders:
        ends = [event for event in sender.events if b'"name":"FAIL"' in event]
        assert len(set(ends)) == 2
        assert len({event.partition(b'"job"')[0] for event in ends}) == 2
    assert dead_letters_in(emitter.directory) == 0
    assert segments_in(emitter.directory) == []


def test_a_will_that_found_no_room_is_none(quiet: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    emitter, sender = Emitter(quiet), ListSender("a")

    def refuse(_fd: int, _line: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert go_on(emitter)
    before = open_files()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        assert not start(emitter)

    assert open_files() == before - 1
    assert drained(emitter.directory, sender)
    assert sender.names() == ["RUNNING"]
    assert segments_in(emitter.directory) == []


def test_a_run_ends_behind_a_closed_segment_where_records_are_synced(quiet: Settings) -> None:
    emitter, sender = Emitter(replace(quiet, is_synced=True)), ListSender("a")
    start(emitter)
    emitter.close()

    assert end(emitter)

    assert drained(emitter.directory, sender)
    assert sender.names() == ["START", "COMPLETE"]


def test_half_a_line_that_is_made_void_while_another_sink_reads_it_hides_nothing(
    quiet: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter, calls = Emitter(quiet), iter(range(100))
    killed(lambda: (start(emitter), os.write(emitter._writer._fd, b"0badc0de 00")))
    (path,) = segments_in(emitter.directory)
    read = OpenSegment._readline

    def read_in_two(opened: OpenSegment) -> bytes:
        line = read(opened)
        # The third time half a line is read, its other half comes to be what somebody else says.
        if not line.endswith(b"\n") and next(calls) == 2:
            with path.open("r+b", buffering=0) as file:
                assert last_words.say(file.fileno()) == 1
            line += read(opened)
        return line

    monkeypatch.setattr(OpenSegment, "_readline", read_in_two)
    with contextlib.closing(SinkReader(emitter.directory, "a")) as reader:
        lines = [pending.line for pending in reader.pending()]

    assert [segment.record_of(line).run_id for line in (lines[0], lines[-1])] == ["run", "run"]
    assert [line.endswith(b"\n") and line[:1] != b" " for line in lines] == [True, False, True]
