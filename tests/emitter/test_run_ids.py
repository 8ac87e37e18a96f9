"""Ids of runs, beside the official client's."""

from __future__ import annotations

import multiprocessing
import threading
import time
from datetime import datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.uuid import generate_static_uuid

from riverhead_emitter import run_ids
from riverhead_emitter.run_ids import new_run_id, run_id_of

few = hypothesis.settings(max_examples=60, deadline=None)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone


@given(INSTANTS, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@few
def test_an_id_is_the_one_that_the_official_client_derives(instant: datetime, identity: str) -> None:
    assert run_id_of(instant, identity) == str(generate_static_uuid(instant, identity.encode()))


@pytest.mark.parametrize("minutes", [-14 * 60, 0, 14 * 60])
@pytest.mark.parametrize("instant", [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)])  # noqa: DTZ001 - the zone is the test's
def test_the_ends_of_the_calendar_have_ids(instant: datetime, minutes: int) -> None:
    there = instant.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert UUID(run_id_of(there, "x")).version == 7


def test_half_a_character_in_a_name_is_part_of_the_identity() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)

    assert run_id_of(noon, "dag\udc80") != run_id_of(noon, "dag")


def test_a_new_id_is_of_version_seven_and_says_when() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(new_run_id())

    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80


def test_new_ids_rise_also_while_the_clock_stands_or_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_ids, "_last_moment", 0)
    clock = iter([5_000_000, 5_000_000, 4_000_000, 5_000_100, 9_000_000] * 1000)
    monkeypatch.setattr(time, "time_ns", lambda: next(clock) + (1 << 61))
    made = [new_run_id() for _ in range(5000)]

    assert made == sorted(set(made))


def test_threads_share_the_order() -> None:
    made: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda ids=ids: ids.extend(new_run_id() for _ in range(500))) for ids in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(ids == sorted(ids) for ids in made)
    assert len({one for ids in made for one in ids}) == 2000


def test_forked_processes_make_different_ids_even_while_a_thread_holds_the_lock() -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def work() -> None:
        answers.put([new_run_id() for _ in range(50)])

    with run_ids._lock:
        children = [context.Process(target=work) for _ in range(3)]
        for child in children:
            child.start()
    for child in children:
        child.join(20)
        child.kill()  # one that waits for ever must not hold the tests up
    assert [child.exitcode for child in children] == [0, 0, 0]
    made = [one for _ in children for one in answers.get()]

    assert len(set(made)) == len(made) == 150


def test_a_signals_handler_makes_an_id_while_this_thread_is_making_one() -> None:
    with run_ids._lock:
        assert new_run_id()
