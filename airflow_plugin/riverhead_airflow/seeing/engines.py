"""Engines of SQLAlchemy, whoever made them; all but the one that Airflow has for itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing.cursors import ends
from riverhead_airflow.seeing.methods import watch_methods
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.sources import Source
    from riverhead_airflow.seeing.witness import Witness

_ITS_OWN = "sqlalchemy."


class Engines:
    """Listens to the class of engines, by SQLAlchemy's own events; `follow` takes a driver's connection."""

    def __init__(self, witness: Witness, follow: Callable[[Any, Source], None]) -> None:
        self._witness = witness
        self._follow = follow

    def watch(self, module: Any) -> None:
        """Listen to all engines of this SQLAlchemy."""
        kind = module.engine.Engine
        module.event.listen(kind, "before_cursor_execute", self._before)
        module.event.listen(kind, "after_cursor_execute", self._after)
        if isinstance(kind, type):
            watch_methods(kind, ("raw_connection",), self._around_raw)

    def _around_raw(self, _name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness = self._witness

        def raw_connection(engine: Any, *args: Any, **named: Any) -> Any:
            given = original(engine, *args, **named)
            with guard("following an engine's connection", witness.failures):
                # SQLAlchemy asks for one itself whenever it connects, and tells of what it does there.
                asker = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001 - who asks is not told otherwise
                if witness.statements is not None and not asker.startswith(_ITS_OWN) and not _is_airflows_own(engine):
                    self._follow(given.dbapi_connection, witness.source_of_engine(engine))
            return given

        return raw_connection

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
