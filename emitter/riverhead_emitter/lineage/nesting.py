"""Which run another run belongs to: the one around it, the one that is named, or the one that started this process."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import TYPE_CHECKING

from riverhead_emitter.hand_over import PARENT_ID, ROOT_PARENT_ID, name_of, run_named
from riverhead_emitter.model import Parentage, Run

if TYPE_CHECKING:
    from riverhead_emitter.lineage.traced import TracedRun

# It goes along with asyncio's tasks and `asyncio.to_thread`; a thread gets it by `contextvars.copy_context().run`.
CURRENT: ContextVar[TracedRun | None] = ContextVar("riverhead_current_run", default=None)


def parentage_of(parent: object) -> Parentage | None:
    """Return what a run belongs to: `parent`, else the run around it, else this process's own parent."""
    if parent is None:
        around = CURRENT.get()
        return of_environment() if around is None else Parentage(around.run, around.root)
    if isinstance(parent, Run):
        return Parentage(parent, parent)
    if isinstance(parent, str):
        named = run_named(parent)
        return None if named is None else Parentage(named, named)
    run, root = getattr(parent, "run", None), getattr(parent, "root", None)
    return Parentage(run, root if isinstance(root, Run) else run) if isinstance(run, Run) else None


def of_environment() -> Parentage | None:
    """Return the run that started this process, if it said so."""
    parent = run_named(os.environ.get(PARENT_ID))
    return None if parent is None else Parentage(parent, run_named(os.environ.get(ROOT_PARENT_ID)) or parent)


def as_environment(run: Run, root: Run) -> dict[str, str]:
    """Return the variables that make a child process's runs children of this one."""
    return {PARENT_ID: name_of(run), ROOT_PARENT_ID: name_of(root)}
