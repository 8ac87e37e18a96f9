"""Asking where a program is never stops its interpreter, whatever its other threads and its collector do meanwhile."""

from __future__ import annotations

import sys

import pytest

import house

PROGRAM = """
import gc, threading, time
from riverhead_emitter.guard import FailureLog
from riverhead_spark import ending
from riverhead_spark.code.frames import Engine
from riverhead_spark.code.waits import Waits

asked, over = threading.Event(), threading.Event()

def threads_end():
    while not over.is_set():
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

def ask():
    # What a collection calls lets other threads work, wherever it comes.
    gc.callbacks.append(lambda *_: time.sleep(0.0001))
    for number in range(1000):
        gc.set_threshold(5 + number % 23)
        {asking}
    gc.callbacks.clear()
    asked.set()

waits = Waits(lambda _: asked.wait(), Engine((), "/python/"), FailureLog())
others = [threading.Thread(target=threads_end), threading.Thread(target=ask)]
for other in others:
    other.start()
waits("a query")
over.set()
for other in others:
    other.join()
print("it goes on", gc.isenabled())
"""


@pytest.mark.parametrize("asking", ["waits.at(int(time.time() * 1000))", "ending._frame_of_the_main_thread()"])
def test_an_interpreter_that_is_asked_where_its_threads_are_goes_on(asking: str) -> None:
    done = house.finished(
        [sys.executable, "-c", PROGRAM.format(asking=asking)],
        environment={"PYTHONPATH": house.source_path()},
        seconds=30,
    )

    assert [done.stdout.strip(), done.stderr] == ["it goes on True", ""]
