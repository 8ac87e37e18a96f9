"""Which line of the user's code runs a query: the one from which Python waits for the JVM when the query starts."""

from __future__ import annotations

import sys
import threading
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import riverhead_spark
from riverhead_emitter.guard import FailureLog
from riverhead_spark.code.frames import Engine, engine_of
from riverhead_spark.code.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINE = engine_of(riverhead_spark.__file__)
WRITE = "c\no12\nparquet\nsfolder\ne\n"
WORTH = 0.01


def milliseconds() -> int:
    """Return the time as a JVM tells it."""
    return int(time.time() * 1000)


class Gateway:
    """A JVM that takes its time to answer, and remembers when it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.during: Callable[[], object] = lambda: None

    def __call__(self, command: str, **_: Any) -> str:
        self.asked.append(milliseconds())
        until = threading.Event()
        until.wait(WORTH)
        self.during()
        if command == "broken":
            raise ConnectionError(command)
        return command


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def waits(gateway: Gateway) -> Waits:
    return Waits(gateway, ENGINE, FailureLog(is_strict=True))


def line_after(frame_lines: int) -> int:
    """Return the line of the caller, and so many more."""
    return sys._getframe(1).f_lineno + frame_lines


def test_a_query_is_found_at_the_line_that_ran_it(waits: Waits, gateway: Gateway) -> None:
    line = line_after(1)
    assert waits(WRITE, retry=True) == WRITE

    place = waits.at(gateway.asked[0])

    assert place == (__file__, line)


def test_a_query_is_found_while_its_line_still_waits(waits: Waits, gateway: Gateway) -> None:
    seen: list[Any] = []
    gateway.during = lambda: seen.append(waits.at(gateway.asked[0]))

    waits(WRITE)

    assert [place.file for place in seen] == [__file__]


def test_a_call_that_fails_is_found_as_well_and_fails_as_it_did(waits: Waits, gateway: Gateway) -> None:
    with pytest.raises(ConnectionError, match="broken"):
        waits("broken")

    assert waits.at(gateway.asked[0]) is not None
    assert waits._open == {}


def test_a_time_without_a_call_has_no_line(waits: Waits, gateway: Gateway) -> None:
    waits(WRITE)

    assert waits.at(gateway.asked[0] - 1000) is None
    assert waits.at(milliseconds() + 1000) is None


def test_of_two_threads_that_call_at_the_same_time_nobody_knows_which(waits: Waits, gateway: Gateway) -> None:
    both = threading.Barrier(2)
    gateway.during = lambda: both.wait(10)

    other = threading.Thread(target=lambda: waits(WRITE))
    other.start()
    waits(WRITE)
    other.join()

    assert waits.at(max(gateway.asked)) is None
    assert waits.at(max(gateway.asked), "parquet") is None


def test_of_two_threads_the_one_is_meant_whose_method_spark_names(waits: Waits, gateway: Gateway) -> None:
    both = threading.Barrier(2)
    gateway.during = lambda: both.wait(10)

    other = threading.Thread(target=lambda: waits("c\no13\nsaveAsTable\nsname\ne\n"))
    other.start()
    line = line_after(1)
    waits(WRITE)
    other.join()

    assert waits.at(max(gateway.asked), "parquet") == (__file__, line)


def test_of_calls_within_one_another_the_innermost_is_meant(waits: Waits, gateway: Gateway) -> None:
    lines: list[int] = []

    def callback() -> None:
        gateway.during = lambda: None
        lines.append(line_after(1))
        waits(WRITE)

    gateway.during = callback
    waits(WRITE)

    assert waits.at(gateway.asked[1]) == (__file__, lines[0])
    assert waits._open == {}


@pytest.mark.parametrize("method", ["awaitTermination", "awaitAnyTermination", "processAllAvailable"])
def test_who_waits_for_streams_does_not_run_their_queries(waits: Waits, gateway: Gateway, method: str) -> None:
    seen: list[Any] = []
    gateway.during = lambda: seen.append(waits.at(gateway.asked[0]))

    waits(f"c\no12\n{method}\ne\n")

    assert (waits.at(gateway.asked[0]), seen) == (None, [None])


def test_the_calls_of_the_engine_itself_have_no_line(gateway: Gateway) -> None:
    here = Waits(gateway, engine_of(__file__, pytest.__file__), FailureLog(is_strict=True))

    thread = threading.Thread(target=here, args=(WRITE,))
    thread.start()
    thread.join()

    assert here.at(gateway.asked[0]) is None


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["/job/load.py", "/venv/site-packages/shop/tables.py", "/engine/dataframe.py"], "/job/load.py"),
        (["/job/load.py", "/job/tables.py", "/python/contextlib.py", "/engine/dataframe.py"], "/job/tables.py"),
        (["/python/runpy.py", "/os/dist-packages/shop/main.py", "/engine/sql.py"], "/os/dist-packages/shop/main.py"),
        (["<ipython-input-3-abc>", "/engine/dataframe.py"], "<ipython-input-3-abc>"),
        (["/python/threading.py", "/engine/dataframe.py"], None),
    ],
    ids=["a library of the job's", "modules of the job's own", "only a library", "a notebook", "nobody's"],
)  # fmt: skip
def test_the_users_own_line_goes_before_a_librarys(
    waits: Waits, gateway: Gateway, files: list[str], found: str | None
) -> None:
    waits._engine = Engine(("/engine/", "/python/", str(__file__)), engine_of().python)

    _called_through(files, lambda: waits(WRITE))

    place = waits.at(gateway.asked[0])
    assert (place.file if place and place.file in files else None) == found


def test_only_the_latest_calls_are_kept(waits: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_spark.code.waits._WORTH_SECONDS", -1.0)
    waits.__wrapped__ = str

    for _ in range(1000):
        waits(WRITE)

    assert len(waits._past) == 200


def _called_through(files: list[str], call: Callable[[], object]) -> None:
    """Call through frames of these files, the outermost first, in a thread that has no other."""
    inner: Callable[[], object] = call
    for file in reversed(files):
        module = ModuleType("frame")
        exec(compile("def pass_on(inner):\n    return lambda: inner()\n", file, "exec"), vars(module))  # noqa: S102 - a frame of a file that is not there
        inner = module.pass_on(inner)
    thread = threading.Thread(target=inner)
    thread.start()
    thread.join()
