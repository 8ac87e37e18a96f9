"""Texts that are broken in every way still get one answer, in time, that contradicts neither itself nor its text."""

# ruff: noqa: S311, S608 - a seed must give the same texts again; no database ever sees them

from __future__ import annotations

import gc
import inspect
import random
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.sql import fuzz
from riverhead_sql import lineage_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

CASES = fuzz.seeds()
_few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What is found is a seed: a smaller one is no smaller text.
_many = settings(_few, max_examples=2_000, phases=[Phase.generate])


def broken(seed: int) -> list[str]:
    chance = random.Random(seed)
    return list(fuzz.broken_laws(fuzz.attempt_of(CASES, chance), chance))


def asked_about(count: int, chance: random.Random) -> list[fuzz.Attempt]:
    """Return short texts: how long ones are answered depends on the time that other threads leave."""
    attempts = (fuzz.attempt_of(CASES, chance) for _ in range(20 * count))
    return [attempt for attempt in attempts if len(attempt.sql) < 2_000][:count]


@_few
@given(seed=st.integers(min_value=0, max_value=1 << 32))
def test_no_broken_text_breaks_a_law(seed: int) -> None:
    assert broken(seed) == []


@pytest.mark.fault
@_many
@given(seed=st.integers(min_value=0, max_value=1 << 32))
def test_of_thousands_of_broken_texts_none_breaks_a_law(seed: int) -> None:
    assert broken(seed) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_a_text_that_nobody_broke_keeps_every_law(case: dict[str, Any]) -> None:
    sql = case["sql"] if isinstance(case["sql"], str) else ";\n".join(case["sql"])
    attempt = fuzz.Attempt(sql, case["dialect"] or None, case.get("schema"), is_whole=True)

    assert list(fuzz.broken_laws(attempt, random.Random(0))) == []


class HostTimeoutError(Exception):
    """What a host's handler raises when a task takes too long."""


@pytest.fixture
def alarms() -> Iterator[None]:
    def handler(_number: int, _frame: FrameType | None) -> None:
        raise HostTimeoutError

    before = signal.signal(signal.SIGALRM, handler)
    # What is raised while garbage is collected goes nowhere, and pytest minds.
    gc.disable()
    yield
    gc.enable()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.fault
@pytest.mark.usefixtures("alarms")
def test_a_host_s_signal_comes_through_and_spoils_no_later_answer() -> None:
    chance = random.Random(5)
    asked = asked_about(60, chance)
    answers = [fuzz.answer_to(attempt, attempt.sql) for attempt in asked]
    came_through = 0

    for attempt, answer in zip(asked * 5, answers * 5, strict=True):
        try:
            signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00005, 0.004))
            fuzz.answer_to(attempt, attempt.sql)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except HostTimeoutError:
            came_through += 1
        assert fuzz.answer_to(attempt, attempt.sql) == answer

    assert came_through


@pytest.mark.fault
def test_threads_that_ask_at_once_get_what_each_would_get_alone() -> None:
    chance = random.Random(6)
    asked = asked_about(100, chance)
    alone = [fuzz.answer_to(attempt, attempt.sql) for attempt in asked]
    together: dict[int, list[object]] = {}

    def ask(number: int) -> None:
        together[number] = [fuzz.answer_to(attempt, attempt.sql) for attempt in asked]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(together[number] == alone for number in range(8))


def test_with_little_room_to_recurse_there_is_still_an_answer_and_later_ones_are_whole() -> None:
    sql = "INSERT INTO o SELECT COALESCE(CASE WHEN a > 1 THEN (b + (c)) END, d) AS x FROM t"
    before, whole = sys.getrecursionlimit(), lineage_of(sql, dialect="postgres")

    sys.setrecursionlimit(before_which_frames_fit())
    try:
        lineage_of(f"INSERT INTO o SELECT {'(' * 60}a{')' * 60} FROM t", dialect="postgres")
    finally:
        sys.setrecursionlimit(before)

    assert lineage_of(sql, dialect="postgres") == whole


def before_which_frames_fit() -> int:
    return len(inspect.stack(0)) + 100
