"""Engines of SQLAlchemy, whoever made them; all but the one that Airflow has for itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing.cursors import ends
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from riverhead_airflow.seeing.witness import Witness


class Engines:
    """Listens to the class of engines, by SQLAlchemy's own events."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def watch(self, module: Any) -> None:
        """Listen to all engines of this SQLAlchemy."""
        kind = module.engine.Engine
        module.event.listen(kind, "before_cursor_execute", self._before)
        module.event.listen(kind, "after_cursor_execute", self._after)

    def _before(self, connection: Any, cursor: Any, said: str, _parameters: Any, _context: Any, _many: Any) -> None:
        witness, now = self._witness, self._witness.now
        if witness.statements is None:
            return
        now.pending = now.of_engine = None
        with guard("seeing an engine's statement", witness.failures):
            engine = connection.engine
            if _is_airflows_own(engine):
                return
            source = witness.source_of_engine(engine)
            if now.speaker != source.key:
                now.pending = witness.hears(source, "execute", said, cursor)
                now.of_engine = now.pending.key if now.pending else None

    def _after(self, _connection: Any, cursor: Any, _said: str, _parameters: Any, _context: Any, _many: Any) -> None:
        now = self._witness.now
        statement, now.pending, now.of_engine = now.pending, None, None
        if statement is not None:
            with guard("seeing an engine's statement's end", self._witness.failures):
                ends(statement, cursor)


def _is_airflows_own(engine: Any) -> bool:
    """Airflow 2 works with its database in the task's process; an engine with other options shares its pool."""
    settings = sys.modules.get("airflow.settings")
    own = getattr(settings, "engine", None), getattr(getattr(settings, "async_engine", None), "sync_engine", None)
    return any(one is not None and getattr(one, "pool", None) is engine.pool for one in own)
