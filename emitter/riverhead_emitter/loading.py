"""What a fork waits for: modules that few need are loaded at their first use, and no process is forked meanwhile.

A child that is forked off while another thread loads a module would wait for that thread, which it does not have, as
soon as it needs the module: `with loading():` around an import makes the fork wait for it instead. What others wrote
may take a second to load, and their modules may run anything: only drainers load it, by `with loading_a_package():`,
and nothing but a fork waits for that.

What a thread of ours asks of a database is held off forks as well, by `with unforked():`: a child that was forked
within SQLite inherits a lock that nobody ever gives back, and stops at its own first question.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# A fork must not wait for a disk that does not answer, nor for a thread that itself waits for whoever forks.
_LONGEST_WAIT_SECONDS = 2.0
# Reentrant: what is loaded may load more, and a signal's handler may come in between. No class of ours around them:
# what a handler raises within Python's own `with` of a lock finds it taken and released, or neither.
_OWN, _PACKAGES, _QUESTIONS = threading.RLock(), threading.RLock(), threading.RLock()
# Whoever asks may load something meanwhile.
_IN_ORDER = (_QUESTIONS, _OWN, _PACKAGES)
_held_for_fork: dict[int, list[Any]] = {}  # by thread: several may fork


def loading() -> AbstractContextManager[object]:
    """Hold what every fork waits for; at the interpreter's end nobody is left who would ever let go of it."""
    return contextlib.nullcontext() if sys.is_finalizing() else _OWN


def loading_a_package() -> AbstractContextManager[object]:
    """Hold the same for what others wrote, which no host ever waits for, but for a fork."""
    return contextlib.nullcontext() if sys.is_finalizing() else _PACKAGES


def unforked() -> AbstractContextManager[object]:
    """Hold the same for a short question to a library that does not survive a fork; one thread asks at a time."""
    return contextlib.nullcontext() if sys.is_finalizing() else _QUESTIONS


def _hold_for_fork() -> None:
    held = _held_for_fork[threading.get_ident()] = []
    held.extend(lock for lock in _IN_ORDER if lock.acquire(timeout=_LONGEST_WAIT_SECONDS))


def _let_go_in_parent() -> None:
    for lock in _held_for_fork.pop(threading.get_ident(), []):
        lock.release()


def _let_go_in_child() -> None:
    held = _held_for_fork.get(threading.get_ident(), [])
    _let_go_in_parent()
    _held_for_fork.clear()
    for lock in _IN_ORDER:
        if lock not in held:
            lock._at_fork_reinit()  # type: ignore[attr-defined]  # noqa: SLF001 - as `threading` does with its own; who holds it is not here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_for_fork, after_in_parent=_let_go_in_parent, after_in_child=_let_go_in_child)
