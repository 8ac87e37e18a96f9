"""How a program ended, as it is known at the interpreter's exit; each end is one of a real interpreter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import house

# What the program does comes after it, and is in no function, as in a script.
BEGINNING = """
import atexit, contextlib, pickle, sys, threading
from riverhead_spark.ending import ending, watch
atexit.register(lambda: print(ending().code, repr(ending().error)))
watch()
watch()
"""
THREAD = "one = threading.Thread(target={}); one.start(); one.join()"
ENDS = {
    "it came to its end": ("", "0 None", 0),
    "an exit with a code": ("sys.exit(3)", "3 None", 3),
    "an exit without one": ("sys.exit()", "0 None", 0),
    "an exit with a sentence": ("sys.exit('no orders')", "1 None", 1),
    "an exit in a prompt's words": ("exit(3)", "3 None", 3),
    "an exit in its other words": ("quit(code=3)", "3 None", 3),
    "an exit's own words": ("print(end='') if 'Ctrl-D' in repr(exit) else sys.exit(4)", "0 None", 0),
    "an exit that executors are sent, which have nothing of ours": (
        "print(b'riverhead' in pickle.dumps([sys.exit, exit]), len(pickle.loads(pickle.dumps([exit]))), end=' ')",
        "False 1 0 None", 0
    ),
    "an exit out of a with": ("with contextlib.nullcontext(): sys.exit(3)", "3 None", 3),
    "an exit after a finally": ("try: sys.exit(3)\nfinally: print(end='')", "3 None", 3),
    "an exit that somebody caught": ("try: sys.exit(3)\nexcept SystemExit: pass", "0 None", 0),
    "an exit of another thread": (THREAD.format("sys.exit, args=(3,)"), "0 None", 0),
    "an exit that only the shell sees": ("raise SystemExit(3)", "None None", 3),
    "an error": ("raise ValueError('no orders')", "1 ValueError('no orders')", 1),
    "an error that somebody caught": ("try: raise ValueError\nexcept ValueError: pass", "0 None", 0),
    "an error that a hook hid": ("sys.excepthook = lambda *_: 0\nraise ValueError('no')", "1 ValueError('no')", 1),
    "an error of another thread": (THREAD.format("lambda: 1 / 0"), "0 None", 0),
    "an error that a prompt showed": ("import code; code.InteractiveConsole().push('1 / 0')", "0 None", 0),
}  # fmt: skip


@pytest.mark.parametrize(("program", "known", "code"), ENDS.values(), ids=ENDS)
def test_how_a_program_ended_is_known_at_its_exit_and_is_not_changed(program: str, known: str, code: int) -> None:
    ended = house.finished(
        [sys.executable, "-c", f"{BEGINNING}\n{program}"], environment={"PYTHONPATH": house.source_path()}
    )

    assert [ended.stdout.strip(), ended.returncode] == [known, code]


SENT = """
import functools, pickle, sys
from sys import exit as imported, getrecursionlimit
{watched}
sent = pickle.dumps([imported, sys.exit, exit, functools.partial(imported, 3), getrecursionlimit, [].append, len])
sys.stdout.buffer.write(sent)
"""
RECEIVED = """
import pickle, sys
got = pickle.load(sys.stdin.buffer)
print(got[0] is got[1] is got[3].func is sys.exit)
print(type(got[2]) is type(exit), [sys.getrecursionlimit, len] == got[4::2])
print("riverhead_spark" in sys.modules)
"""


def test_an_exit_is_sent_to_where_nothing_of_ours_is_known() -> None:
    watched = "from riverhead_spark.ending import watch; watch()"
    for how in ("", watched):
        environment = {**os.environ, "PYTHONPATH": house.source_path()}
        sent = subprocess.run(
            [sys.executable, "-c", SENT.format(watched=how)], env=environment, capture_output=True, check=False
        )
        received = subprocess.run([sys.executable, "-c", RECEIVED], input=sent.stdout, capture_output=True, check=False)

        assert (sent.stderr.decode(), received.stderr.decode()) == ("", "")
        assert received.stdout.decode() == "True\nTrue True\nFalse\n"
