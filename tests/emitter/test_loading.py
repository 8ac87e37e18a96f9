from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

# A thread is half through a module when its process is forked; the child then needs that module.
FORKED = """
import faulthandler, os, sys, threading, warnings
from riverhead_emitter.loading import loading

warnings.simplefilter("ignore")  # that a process with threads is forked is what this is about
reached, go_on, forked = threading.Event(), threading.Event(), threading.Event()
sys.reached, sys.go_on = reached, go_on

def load():
    with loading():
        import slow_to_load

def release_when_the_fork_waits_or_is_done():
    main = threading.main_thread().ident
    def names(frame):
        return [] if frame is None else [frame.f_code.co_name, *names(frame.f_back)]

    while "_hold_for_fork" not in names(sys._current_frames()[main]) and not forked.wait(0.005):
        pass
    go_on.set()

threading.Thread(target=load, daemon=True).start()
reached.wait(10)
threading.Thread(target=release_when_the_fork_waits_or_is_done, daemon=True).start()
child = os.fork()
if child == 0:
    faulthandler.dump_traceback_later(10, exit=True)
    load()
    os._exit(0)
forked.set()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "slow_to_load.py").write_text("import sys\nsys.reached.set()\nsys.go_on.wait(10)\n")
    path = os.pathsep.join([str(folder), *sys.path])
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_child_needs_no_module_that_another_thread_of_its_parent_was_loading(tmp_path: Path) -> None:
    ended = run(FORKED, tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_module_that_forks_while_it_is_loaded_loads(tmp_path: Path) -> None:
    (tmp_path / "forking.py").write_text(
        "import os, warnings\n"
        "child = os.fork()\n"
        "ended = os.waitpid(child, 0)[1] if child else None\n"
        "if not child:\n    os._exit(0)\n"
    )
    ended = run(
        """
        from riverhead_emitter.loading import loading
        with loading():
            import forking
        with loading():
            print(forking.ended)
        """,
        tmp_path,
    )

    assert (ended.stdout, ended.stderr) == ("0\n", "")


ASKED = """
import os, sys, threading, warnings
from riverhead_emitter.loading import _held_for_fork, loading, unforked

warnings.simplefilter("ignore")  # that a process with threads is forked is what this is about
asking, is_asked = threading.Event(), threading.Event()

def ask():
    with unforked():
        asking.set()
        with loading():  # what is asked may load something
            while not _held_for_fork:
                pass
        is_asked.set()

threading.Thread(target=ask, daemon=True).start()
asking.wait(10)
child = os.fork()
if child == 0:
    with unforked():
        os._exit(0 if is_asked.is_set() else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_no_child_is_made_while_a_thread_asks_what_does_not_survive_a_fork(tmp_path: Path) -> None:
    ended = run(ASKED, tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
