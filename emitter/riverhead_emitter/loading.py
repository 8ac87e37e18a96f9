"""Modules that few need are loaded at their first use, and no process is forked while one is half loaded.

A child that is forked off while another thread loads a module would wait for that thread, which it does not have, as
soon as it needs the module: `with loading:` around an import makes the fork wait for it instead.
"""

from __future__ import annotations

import os
import threading

# Loading takes milliseconds; a fork must not wait for a disk that does not answer.
_LONGEST_WAIT_SECONDS = 5.0


class _Loading:
    """A lock that is held while modules are loaded, and by whoever forks."""

    def __init__(self) -> None:
        # Reentrant: what is loaded may load more, and a signal's handler may come in between.
        self._lock = threading.RLock()
        self._forking = 0

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def hold_for_fork(self) -> None:
        """Wait until no other thread has a module half loaded."""
        if self._lock.acquire(timeout=_LONGEST_WAIT_SECONDS):
            self._forking = threading.get_ident()

    def let_go_in_parent(self) -> None:
        """Let others load again."""
        if self._forking == threading.get_ident():
            self._forking = 0
            self._lock.release()

    def let_go_in_child(self) -> None:
        """Let the child load, whoever held the lock in its parent."""
        if self._forking == threading.get_ident():
            self.let_go_in_parent()
        else:
            self._lock = threading.RLock()


loading = _Loading()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=loading.hold_for_fork,
        after_in_parent=loading.let_go_in_parent,
        after_in_child=loading.let_go_in_child,
    )
