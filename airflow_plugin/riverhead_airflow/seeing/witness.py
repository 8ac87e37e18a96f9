"""What the doors into hooks, drivers and engines share: who is known, what is being said on this thread, what to keep.

A statement goes through several of them, a hook's method and below it a cursor's: the outermost tells.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing.sources import Known, conn_id_of, source_of_engine, source_of_hook
from riverhead_airflow.seeing.statements import Statements
from riverhead_airflow.seeing.wording import worded
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.sources import Source
    from riverhead_airflow.seeing.statements import Key, Statement
    from riverhead_emitter.guard import FailureLog

    OnConnection = Callable[[Any, str | None, Any], None]
    OnStatement = Callable[[Source, str], None]

_MOST_CONNECTIONS = 100


class Now(threading.local):
    """What is going on in one thread."""

    def __init__(self) -> None:
        # Whose statement is running: what its hook or driver makes of it, below, is the same one.
        self.speaker: str | None = None
        self.opening: Any = None
        # What a hook's method says it does, for the statements of that hook alone: rows may come from another one's.
        self.label: tuple[str, str] | None = None
        self.told = 0
        self.before: Key | None = None
        # What an engine has told: for the cursor below it, and for the engine itself once it is done.
        self.of_engine: Key | None = None
        self.pending: Statement | None = None


class Witness:
    """One process's witness of one task after the other; between tasks it keeps nothing."""

    def __init__(
        self, failures: FailureLog, on_connection: list[OnConnection], on_statement: list[OnStatement]
    ) -> None:
        self.failures = failures
        self.known = Known()
        self.now = Now()
        self.statements: Statements | None = None
        self.connections: dict[str, Any] = {}
        self._on_connection = on_connection
        self._on_statement = on_statement
        self._opened: set[str] = set()

    def begin(self) -> None:
        """Begin with another task; what was seen before is forgotten, who is behind a connection is not."""
        self.statements = Statements()
        self.connections = {}
        self._opened = set()
        self.now = Now()

    def note(self, conn_id: object, connection: Any) -> None:
        """Remember a connection that a hook was given, so that nobody has to ask for it again."""
        if self.statements is not None and isinstance(conn_id, str) and len(self.connections) < _MOST_CONNECTIONS:
            self.connections[conn_id] = connection

    def met(self, hook: Any) -> Source:
        """Return whom a hook speaks for, and remember it."""
        source = source_of_hook(hook, self.connections)
        self.known.add(hook, source)
        return source

    def source_of(self, hook: Any) -> Source:
        """Return whom a hook speaks for."""
        return self.known.of(hook) or self.met(hook)

    def source_of_engine(self, engine: Any) -> Source:
        """Return whom an engine speaks for, which may be a hook."""
        source = self.known.of(engine)
        if source is None:
            source = source_of_engine(engine)
            self.known.add(engine, source)
        return source

    def opens(self, hook: Any, source: Source) -> None:
        """Tell those who asked for it that a task opened its first connection of this kind."""
        if self.statements is None or source.key in self._opened:
            return
        self._opened.add(source.key)
        for tell in self._on_connection:
            with guard("telling of a connection", self.failures):
                tell(hook, conn_id_of(hook), source.connection)

    def unseen(self, hook: Any) -> Any:
        """Return a connection of a hook's that nobody follows."""
        now = self.now
        before, now.opening = now.opening, hook
        try:
            return hook.get_conn()
        finally:
            now.opening = before

    def hears(self, source: Source, kind: str, said: object, cursor: object) -> Statement | None:
        """Keep a statement that is about to run; None where it is not kept."""
        statements, now = self.statements, self.now
        if statements is None:
            return None
        sql = said if type(said) is str else worded(said, cursor)
        if not sql:
            return None
        if now.of_engine is not None and now.of_engine[1:] == (hash(sql), len(sql)):
            now.of_engine = None
            return None
        if now.label is not None and now.label[0] == source.key:
            kind = now.label[1]
        statement = statements.told(source, kind, sql, now.before)
        if statement is not None:
            now.before = statement.key
            now.told += 1
            if statement.count == 1:
                for tell in self._on_statement:
                    tell(source, statement.sql)
        return statement
