"""Which run another run belongs to: the one around it, the one that is named, or the one that started this process."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import TYPE_CHECKING

from riverhead_emitter.hand_over import parentage_in, run_named
from riverhead_emitter.model import Parentage, Run

if TYPE_CHECKING:
    from riverhead_emitter.lineage.traced import TracedRun

# It goes along with asyncio's tasks and `asyncio.to_thread`; a thread gets it by `contextvars.copy_context().run`.
CURRENT: ContextVar[TracedRun | None] = ContextVar("riverhead_current_run", default=None)


def parentage_of(parent: object) -> Parentage | None:
    """Return what a run belongs to: `parent`, else the run around it, else this process's own parent."""
    if parent is None:
        around = CURRENT.get()
        return parentage_in(os.environ) if around is None else Parentage(around.run, around.root)
    if isinstance(parent, Run):
        return Parentage(parent, parent)
    if isinstance(parent, str):
        named = run_named(parent)
        return None if named is None else Parentage(named, named)
    run, root = getattr(parent, "run", None), getattr(parent, "root", None)
    return Parentage(run, root if isinstance(root, Run) else run) if isinstance(run, Run) else None
