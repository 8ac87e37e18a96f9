"""Runs that a sink fails at by themselves, dead letters, and the note that everything is down."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from endpoint import Reply
from list_sender import ListSender
from riverhead_emitter.delivery import letters, quarantine
from riverhead_emitter.delivery.breaker import BREAKER, down, is_down, note_down, note_up, wait_for
from riverhead_emitter.delivery.drainer import DEAD_LETTERS, Drainer, dead_letters_in, drainer_for
from riverhead_emitter.delivery.letters import bury, letters_in, purge_letters, replay_letters
from riverhead_emitter.delivery.quarantine import QUARANTINE, apart_in, purge_run, replay_run
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Parcel, Rejected
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.errors import UnknownObservation
from riverhead_emitter.observation import Observation
from riverhead_emitter.spool.cap import DROPPED, dropped_in
from riverhead_emitter.spool.reader import segments_in
from riverhead_emitter.spool.segment import Record, line_of
from riverhead_emitter.spool.sink_reader import SinkReader
from riverhead_emitter.understand import interpreter_of, registered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    import endpoint as endpoints
    from riverhead_emitter.settings import Settings

    MakeEvent = Callable[..., dict[str, Any]]

CANARY = "canary5ecret"


def run_id(at: int) -> str:
    return str(UUID(int=at))


def poisoned(parcel: Parcel) -> Answer:
    if b"poison" in parcel.event:
        return NotNow(f"HTTP 500 for http://user:{CANARY}@host", is_of_one_record=True)
    return Delivered()


def drained(emitter: Emitter, sender: ListSender) -> bool:
    drainer = Drainer(emitter.directory, [sender])
    is_all = drainer.drain(5)
    drainer.close()
    return is_all


@pytest.fixture
def soon_poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_FAILURES", 2)
    monkeypatch.setattr(quarantine, "LEAST_SECONDS", 0.0)


def emit(emitter: Emitter, event: MakeEvent, *named: tuple[str, int]) -> None:
    for name, run in named:
        assert emitter.emit(event(name, run_id(run)))


def test_a_run_that_fails_by_itself_is_set_apart_and_frees_the_spool(emitter: Emitter, event: MakeEvent) -> None:
    sender = ListSender("a", decide=poisoned)
    emit(emitter, event, ("poison", 1), ("behind it", 1), ("fine", 2), ("later", 1))
    emitter.close()

    assert not drained(emitter, sender)

    assert sender.names() == ["fine"]
    assert segments_in(emitter.directory) == []
    (apart,) = apart_in(emitter.directory)
    assert (apart.run_id, apart.sink, len(list(apart.lines()))) == (run_id(1), "a", 3)
    assert apart.path.stat().st_mode & 0o777 == 0o600
    assert CANARY not in apart.path.read_text()


def test_a_run_that_is_set_apart_comes_back_in_its_order_once_it_is_taken(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("poison", 1), ("fine", 2))
    assert not drained(emitter, ListSender("a", decide=poisoned))
    emit(emitter, event, ("later", 1))
    mended = ListSender("a")

    assert drained(emitter, mended)
    emit(emitter, event, ("last", 1))
    assert drained(emitter, mended)

    assert mended.names() == ["poison", "later", "last"]
    assert list(apart_in(emitter.directory)) == []


@pytest.mark.usefixtures("soon_poisoned")
def test_a_poisoned_run_is_left_alone_until_it_is_replayed(emitter: Emitter, event: MakeEvent) -> None:
    tries: list[bytes] = []

    def counted(parcel: Parcel) -> Answer:
        tries.append(parcel.event)
        return poisoned(parcel)

    sender = ListSender("a", decide=counted)
    emit(emitter, event, ("poison", 1), ("0", 2))
    for at in range(4):
        drained(emitter, sender)
        emit(emitter, event, (f"{at + 1}", 2))
    (apart,) = apart_in(emitter.directory)
    assert apart.is_poisoned
    assert sum(b"poison" in event for event in tries) == 3
    assert drained(emitter, sender)

    replay_run(apart)
    mended = ListSender("a")
    assert drained(emitter, mended)

    assert mended.names() == ["poison"]


def test_failures_count_only_while_others_succeed(emitter: Emitter, event: MakeEvent) -> None:
    sender = ListSender("a", decide=poisoned)
    emit(emitter, event, ("poison", 1), ("fine", 2))
    for _ in range(12):
        assert not drained(emitter, sender)

    (apart,) = apart_in(emitter.directory)
    assert apart.failures == 0


def test_a_poisoned_run_may_be_thrown_away(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("poison", 1), ("fine", 2))
    drained(emitter, ListSender("a", decide=poisoned))
    for apart in apart_in(emitter.directory):
        purge_run(apart)
    emit(emitter, event, ("later", 1))
    sender = ListSender("a")

    assert drained(emitter, sender)

    assert sender.names() == ["later"]


def test_what_only_a_newer_drainer_understands_waits_for_it_and_holds_up_nothing(
    emitter: Emitter, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, kinds = ListSender("a"), 25  # more runs than a sink may refuse
    for at in range(kinds):
        assert emitter.observe(Observation("tomorrow.thing", 7, run_id(at + 1), {"at": at}))
    emit(emitter, event, ("behind it", 1), ("fine", 99))
    emitter.close()

    assert not drained(emitter, sender)

    assert (sender.names(), dead_letters_in(emitter.directory)) == (["fine"], 0)
    assert all("upgrade riverhead here" in apart.reason for apart in apart_in(emitter.directory))

    def interpret(observation: Observation) -> list[dict[str, Any]]:
        return [event(f"thing {observation.payload['at']}", observation.run_id)]

    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: interpret)
    assert drained(emitter, sender)

    assert sorted(sender.names()) == sorted(["fine", "behind it", *(f"thing {at}" for at in range(kinds))])
    assert sender.names().index("thing 0") < sender.names().index("behind it")


@pytest.mark.usefixtures("soon_poisoned")
def test_what_nobody_understands_is_never_poisoned(emitter: Emitter, event: MakeEvent) -> None:
    sender = ListSender("a")
    assert emitter.observe(Observation("tomorrow.thing", 7, run_id(1), {}))
    for at in range(4):
        emit(emitter, event, (f"fine {at}", 99))
        drained(emitter, sender)

    (apart,) = apart_in(emitter.directory)
    assert (apart.is_poisoned, len(sender.names())) == (False, 4)


def test_what_nobody_understands_here_is_not_asked_for_all_the_time(emitter: Emitter) -> None:
    assert emitter.observe(Observation("tomorrow.thing", 7, run_id(1), {}))
    drained(emitter, ListSender("a"))
    drained(emitter, ListSender("a"))  # the next drainer asks at once, and then no more for a while

    (apart,) = apart_in(emitter.directory)
    assert apart.next_try - time.time() > quarantine.LONGEST_PAUSE_SECONDS / 2


def test_rooms_are_looked_for_once_however_many_kinds_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def entry_points(**of: str) -> Any:
        looks.append(of)
        return ()

    registered.cache_clear()
    with monkeypatch.context() as without_rooms:
        without_rooms.setattr("importlib.metadata.entry_points", entry_points)
        for kind in ("tomorrow.thing", "tomorrow.other", "tomorrow.thing"):
            with pytest.raises(UnknownObservation, match=kind):
                interpreter_of(kind)
    registered.cache_clear()

    assert looks == [{"group": "riverhead.interpreters"}]


def test_each_sink_has_a_quarantine_of_its_own(emitter: Emitter, event: MakeEvent) -> None:
    failing, fine = ListSender("failing", decide=poisoned), ListSender("fine")
    emit(emitter, event, ("poison", 1), ("other", 2))

    assert not Drainer(emitter.directory, [failing, fine]).drain(5)

    assert fine.names() == ["poison", "other"]
    assert [apart.sink for apart in apart_in(emitter.directory)] == ["failing"]


def test_a_record_that_was_copied_before_a_crash_is_not_copied_twice(tmp_path: Path) -> None:
    path = quarantine.path_for(tmp_path, "a", "x" * 100_000)
    for line in (b"1\n", b"1\n", b"2\n", b"2\n"):
        quarantine.set_apart(path, "a", "run", line, "no")

    (apart,) = apart_in(tmp_path)
    assert [line for _, line in apart.lines()] == [b"1\n", b"2\n"]
    assert len(path.name) < 100


def test_a_damaged_head_or_line_holds_up_nothing(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("poison", 1), ("fine", 2))
    drained(emitter, ListSender("a", decide=poisoned))
    (apart,) = apart_in(emitter.directory)
    with apart.path.open("ab") as file:
        file.write(b"torn")
    (apart.path.parent / f"odd{quarantine.SUFFIX}").write_text("{")
    emit(emitter, event, ("later", 1))
    drained(emitter, ListSender("a", decide=poisoned))
    sender = ListSender("a")

    assert drained(emitter, sender)

    assert sender.names() == ["poison", "later"]


def test_where_no_run_can_be_set_apart_it_waits_and_nothing_passes_it(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("poison", 1), ("fine", 2))
    (emitter.directory / QUARANTINE).write_text("")

    assert not drained(emitter, ListSender("a", decide=poisoned))
    (emitter.directory / QUARANTINE).unlink()
    sender = ListSender("a")
    assert drained(emitter, sender)

    assert sender.names()[:1] == ["poison"]


def test_dead_letters_are_replayed_for_the_sink_that_refused_them(emitter: Emitter, event: MakeEvent) -> None:
    picky, other = ListSender("picky", Rejected(f"no http://user:{CANARY}@host")), ListSender("other")
    emit(emitter, event, ("odd", 1), ("fine", 2))
    assert Drainer(emitter.directory, [picky, other]).drain(5)
    (letter,) = letters_in(emitter.directory)
    assert (letter.number, letter.sink, letter.record and letter.record.run_id) == (1, "picky", run_id(1))
    assert CANARY not in letter.reason

    assert replay_letters(emitter.directory, ["picky", "other"]) == 1
    assert Drainer(emitter.directory, [picky, other]).drain(5)

    assert picky.names() == ["fine", "odd"]
    assert other.names() == ["odd", "fine"]
    assert dead_letters_in(emitter.directory) == 0
    emitter.close()
    assert Drainer(emitter.directory, [picky, other]).drain(5)
    assert segments_in(emitter.directory) == []


def test_only_the_letters_that_are_asked_for_leave_and_damaged_ones_stay(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("1", 1), ("2", 2))
    drained(emitter, ListSender("a", Rejected("no"), Rejected("no")))
    bury(emitter.directory, "a", b"damaged\n", "the spool line is damaged")

    assert purge_letters(emitter.directory, lambda letter: letter.number == 1) == 1
    assert replay_letters(emitter.directory, ["a"]) == 1

    (letter,) = letters_in(emitter.directory)
    assert (letter.record, letter.line) == (None, b"damaged\n")
    assert purge_letters(emitter.directory) == 1
    assert replay_letters(emitter.directory, ["a"]) == 0


def put_back(directory: Path) -> list[bytes]:
    """Return what waits for the sink `a`, and, in the order of its files, how often."""
    with contextlib.closing(SinkReader(directory, "a")) as reader:
        return [pending.record.body for pending in reader.pending() if pending.record]


def killed_within(directory: Path, lines: int) -> bool:
    """Replay in a child that kills itself behind so many lines of the module; False if it came to its end."""
    child = os.fork()
    if child == 0:
        left = [lines]

        def traced(frame: FrameType, kind: str, _value: object) -> Callable[..., Any] | None:
            if frame.f_code.co_filename != letters.__file__:
                return None
            left[0] -= kind == "line"
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return traced

        sys.settrace(traced)
        replay_letters(directory, ["a"], lambda letter: letter.number != 2)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.fault
def test_a_replay_that_is_killed_anywhere_loses_nothing_and_repeats_one_record_at_most(tmp_path: Path) -> None:
    lines, repeated = 0, 0
    is_killed = True
    while is_killed:
        directory = tmp_path / str(lines)
        directory.mkdir(0o700)
        for at in range(4):
            bury(directory, "a", line_of(Record(at, "r", b"%d" % at)), "no")
        is_killed = killed_within(directory, lines)
        bury(directory, "a", line_of(Record(9, "r", b"later")), "no")

        replay_letters(directory, ["a"])

        found = put_back(directory)
        assert set(found) == {b"0", b"1", b"2", b"3", b"later"}
        assert len(found) <= 6
        assert dead_letters_in(directory) == 0
        repeated += len(found) == 6
        lines += 1

    assert lines > 50
    assert repeated > 0


def test_what_was_put_back_is_no_letter_any_more_although_there_was_no_room_to_shorten_the_file(
    tmp_path: Path,
) -> None:
    for at in range(3):
        bury(tmp_path, "a", line_of(Record(at, "r", b"%d" % at)), f"no {at}")
    (tmp_path / f"{DEAD_LETTERS}.shortening").mkdir()

    assert replay_letters(tmp_path, ["a"], lambda letter: letter.number == 2) == 1

    assert [(letter.number, letter.reason) for letter in letters_in(tmp_path)] == [(1, "no 0"), (2, "no 2")]
    assert dead_letters_in(tmp_path) == 2
    assert replay_letters(tmp_path, ["a"]) == 2
    assert put_back(tmp_path) == [b"1", b"0", b"2"]
    assert not (tmp_path / DEAD_LETTERS).exists()


def test_a_letter_behind_a_torn_one_stands_by_itself(tmp_path: Path) -> None:
    (tmp_path / DEAD_LETTERS).write_text('{"time": 1')

    bury(tmp_path, "a", b"x\n", "no")

    assert [letter.reason for letter in letters_in(tmp_path)] == ["the letter itself is damaged", "no"]


def test_dead_letters_above_their_bound_make_room_oldest_first_and_are_counted(tmp_path: Path) -> None:
    for at in range(60):
        bury(tmp_path, "a", b"x" * 500 + b"\n", f"no {at}", largest=10_000)
        assert (tmp_path / DEAD_LETTERS).stat().st_size <= 10_000

    kept = [letter.reason for letter in letters_in(tmp_path)]
    assert kept == [f"no {at}" for at in range(60 - len(kept), 60)]
    assert len(kept) >= 8
    dropped = dropped_in(tmp_path)
    assert (dropped.records, dropped.segments) == (60 - len(kept), 0)
    assert dropped.bytes > 500 * dropped.records
    assert (tmp_path / DEAD_LETTERS).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dead.lock", DEAD_LETTERS, DROPPED]


def test_the_newest_dead_letter_stays_however_large(tmp_path: Path) -> None:
    for size in (100, 20_000, 30_000):
        bury(tmp_path, "a", b"x" * size + b"\n", f"{size}", largest=10_000)
    assert [letter.reason for letter in letters_in(tmp_path)] == ["30000"]

    bury(tmp_path, "a", b"x\n", "small", largest=10_000)
    assert [letter.reason for letter in letters_in(tmp_path)] == ["small"]
    assert dropped_in(tmp_path).records == 3


def test_a_dead_letter_is_kept_where_nothing_can_be_dropped(tmp_path: Path) -> None:
    (tmp_path / DROPPED).mkdir()
    for at in range(5):
        bury(tmp_path, "a", b"x" * 500 + b"\n", f"no {at}", largest=1_000)

    assert [letter.reason for letter in letters_in(tmp_path)] == [f"no {at}" for at in range(5)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dead.lock", DEAD_LETTERS, DROPPED]


def test_runs_above_the_bound_leave_poisoned_ones_and_the_oldest_first_and_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    for at, name in enumerate(("old", "poisoned", "new")):
        monkeypatch.setattr(time, "time", lambda at=at: now + at - 1_000)
        path = quarantine.path_for(tmp_path, "a", name)
        for line in (b"1\n", b"2\n"):
            quarantine.set_apart(path, "a", name, line, "no")
        for _ in range(quarantine.MOST_FAILURES if name == "poisoned" else 0):
            (apart,) = [one for one in apart_in(tmp_path) if one.run_id == name]
            quarantine.failed(apart, "no", is_counted=True)
    monkeypatch.undo()
    (tmp_path / QUARANTINE / f"odd{quarantine.SUFFIX}").write_text("{")

    assert quarantine.keep_within(tmp_path, 13_000) == 0
    assert quarantine.keep_within(tmp_path, 9_000) == 2
    assert sorted(apart.run_id for apart in apart_in(tmp_path)) == ["new", "old"]
    assert quarantine.keep_within(tmp_path, 5_000) == 2
    assert [apart.run_id for apart in apart_in(tmp_path)] == ["new"]
    assert (dropped_in(tmp_path).records, dropped_in(tmp_path).bytes) == (4, 8)


def test_a_drainer_keeps_what_is_set_aside_within_a_quarter_of_the_spools_bound(
    settings: Settings, endpoint: endpoints.Endpoint, event: MakeEvent
) -> None:
    bounded = Emitter(replace(settings, largest_spool_bytes=40_000))
    drainer = drainer_for(bounded.directory, bounded.settings)
    endpoint.replies = lambda _number, body: Reply(422 if b"odd" in body else 500 if b"poison" in body else 201)
    for at in range(6):
        emit(bounded, event, *((f"odd {'x' * 1_500}", 3 * at), ("poison", 3 * at + 1), ("fine", 3 * at + 2)))
    bounded.close()

    drainer.drain(5)
    drainer.close()

    assert (bounded.directory / DEAD_LETTERS).stat().st_size <= 10_000
    assert sum(apart.path.stat().st_size for apart in apart_in(bounded.directory)) <= 10_000
    kept = dead_letters_in(bounded.directory) + len(list(apart_in(bounded.directory)))
    assert dropped_in(bounded.directory).records == 12 - kept > 0


def test_hosts_that_live_shortly_see_that_everything_is_down(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("1", 1))

    assert not drained(emitter, ListSender("a", NotNow(f"refused by http://user:{CANARY}@host")))

    noted = down(emitter.directory)
    assert noted is not None
    assert noted.state == "down"
    assert CANARY not in (emitter.directory / BREAKER).read_text()
    assert is_down(emitter.directory)
    assert (emitter.directory / BREAKER).stat().st_mode & 0o777 == 0o600
    assert drained(emitter, ListSender("a"))
    assert not is_down(emitter.directory)
    assert down(emitter.directory) is None


def test_one_sink_that_takes_something_is_enough_to_try(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("1", 1))

    assert not Drainer(emitter.directory, [ListSender("a", NotNow("no")), ListSender("b")]).drain(5)

    assert not is_down(emitter.directory)


def test_a_sink_that_takes_a_run_that_was_set_apart_is_up_again(emitter: Emitter, event: MakeEvent) -> None:
    emit(emitter, event, ("poison", 1), ("fine", 2))
    assert not drained(emitter, ListSender("a", decide=poisoned))
    assert not drained(emitter, ListSender("a", NotNow("away")))
    assert down(emitter.directory) is not None

    assert drained(emitter, ListSender("a"))

    assert down(emitter.directory) is None


def test_a_note_that_all_is_down_holds_longer_each_time_up_to_a_bound(tmp_path: Path) -> None:
    pauses = []
    for _ in range(9):
        note_down(tmp_path, "no")
        noted = down(tmp_path)
        assert noted is not None
        pauses.append(noted.pause)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]

    note_up(tmp_path)
    note_down(tmp_path, "wait", 7_200.0)
    noted = down(tmp_path)
    assert noted is not None
    assert noted.until - noted.since <= 301


def waits(pause: float, asked: float | None = None) -> list[float]:
    return [wait_for(pause, asked) for _ in range(20)]


def test_two_drainers_wait_differently_and_neither_longer_than_the_pause() -> None:
    first, second = waits(60.0), waits(60.0)

    assert all(one != other for one, other in zip(first, second, strict=True))
    assert all(30.0 <= wait <= 60.0 for wait in first + second)


@pytest.mark.parametrize(("asked", "seconds"), [(90.0, 90.0), (7_200.0, 300.0)])
def test_a_server_is_waited_for_as_long_as_it_asks_within_a_bound(asked: float, seconds: float) -> None:
    assert waits(60.0, asked) == [seconds] * 20


def test_a_host_that_has_seeded_its_random_numbers_gets_the_same_ones() -> None:
    random.seed(1)
    before = random.getstate()

    waits(60.0)

    assert random.getstate() == before


def test_hosts_that_find_all_down_at_once_do_not_all_come_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untils = []
    for seed in (1, 2):
        monkeypatch.setattr(random, "SystemRandom", lambda seed=seed: random.Random(seed))  # noqa: S311 - a seed, no secret
        note_up(tmp_path)
        note_down(tmp_path, "no")
        noted = down(tmp_path)
        assert noted is not None
        untils.append(noted.until - noted.since)

    assert all(0.5 <= until <= 1.0 for until in untils)
    assert abs(untils[0] - untils[1]) > 0.05


@pytest.mark.parametrize("text", ["", "{", "[]", '{"since": "x"}'])
def test_a_damaged_note_stops_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / BREAKER).write_text(text)

    assert not is_down(tmp_path)


def test_a_note_from_a_time_to_come_stops_nobody(tmp_path: Path) -> None:
    note_down(tmp_path, "no")
    found = json.loads((tmp_path / BREAKER).read_text())
    (tmp_path / BREAKER).write_text(json.dumps({**found, "until": time.time() + 86_400}))

    assert not is_down(tmp_path)
