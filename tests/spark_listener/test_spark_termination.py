"""A process that is told to end says so, and then ends as it would have; each is a real process."""

from __future__ import annotations

import signal
import sys

import pytest

import house

BEGINNING = """
import os, signal, threading
from riverhead_spark.termination import tell_on_termination
def tell(): print("told", flush=True)
def told_to_end(): os.kill(os.getpid(), signal.SIGTERM)
"""
IN_A_FORK = """
tell_on_termination(tell)
child = os.fork()
if child == 0: told_to_end()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
ENDS = {
    "by itself": ("tell_on_termination(tell); told_to_end()", "told", -signal.SIGTERM),
    "asked twice": ("tell_on_termination(print); tell_on_termination(tell); told_to_end()", "told", -signal.SIGTERM),
    "failing": ("tell_on_termination(lambda: tell() or 1 / 0); told_to_end()", "told", -signal.SIGTERM),
    "told again": ("tell_on_termination(lambda: tell() or told_to_end()); told_to_end()", "told", -signal.SIGTERM),
    "with a handler of its own": (
        "signal.signal(signal.SIGTERM, lambda *_: print('mine'))\ntell_on_termination(tell); told_to_end()", "mine", 0
    ),
    "that ignores it": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntell_on_termination(tell); told_to_end()", "", 0
    ),
    "asked by another thread": (
        "one = threading.Thread(target=tell_on_termination, args=(tell,)); one.start(); one.join(); told_to_end()",
        "", -signal.SIGTERM,
    ),
    "a forked child": (IN_A_FORK, "-15", 0),
}  # fmt: skip


@pytest.mark.parametrize(("program", "said", "code"), ENDS.values(), ids=ENDS)
def test_a_process_that_is_told_to_end_tells_of_it_and_ends_as_ever(program: str, said: str, code: int) -> None:
    ended = house.finished(
        [sys.executable, "-c", f"{BEGINNING}\n{program}"], environment={"PYTHONPATH": house.source_path()}
    )

    assert [ended.stdout.strip(), ended.returncode] == [said, code]
