"""Which run is around the code, and which one another belongs to: that one, a named one, or this process's parent."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import TYPE_CHECKING

from riverhead_emitter.hand_over import parentage_in, run_named
from riverhead_emitter.model import Parentage, Run

if TYPE_CHECKING:
    from contextvars import Token

    from riverhead_emitter.lineage.traced import TracedRun

# It goes along with asyncio's tasks and `asyncio.to_thread`; a thread gets it by `contextvars.copy_context().run`.
CURRENT: ContextVar[TracedRun | None] = ContextVar("riverhead_current_run", default=None)


def around_here() -> TracedRun | None:
    """Return the run around this code; one that has ended is left behind by a run within it that outlived it."""
    around = CURRENT.get()
    return None if around is None or around.is_over else around


def parentage_of(parent: object) -> Parentage | None:
    """Return what a run belongs to: `parent`, else the run around it, else this process's own parent."""
    if parent is None:
        around = around_here()
        return parentage_in(os.environ) if around is None else Parentage(around.run, around.root)
    if isinstance(parent, Parentage):
        return parent
    if isinstance(parent, Run):
        return Parentage(parent, parent)
    if isinstance(parent, str):
        named = run_named(parent)
        return None if named is None else Parentage(named, named)
    run, root = getattr(parent, "run", None), getattr(parent, "root", None)
    return Parentage(run, root if isinstance(root, Run) else run) if isinstance(run, Run) else None


class Active:
    """While it is entered, a run is the one around all others; the run itself goes on before and after."""

    def __init__(self, run: TracedRun) -> None:
        self._run = run
        self._token: Token[TracedRun | None] | None = None

    def __enter__(self) -> TracedRun:
        self._token = CURRENT.set(self._run)
        return self._run

    def __exit__(self, *error: object) -> None:
        if self._token is not None:
            leave(self._token)


def leave(token: Token[TracedRun | None]) -> None:
    """Let the run that was around before be the one around all others again."""
    try:
        CURRENT.reset(token)
    except (ValueError, RuntimeError):
        # Entered in one context and left in another, as a generator is that another task closes.
        CURRENT.set(None)
