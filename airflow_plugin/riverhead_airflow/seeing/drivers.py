"""Connections as hooks get them from their drivers: followed, and so is every cursor that they make.

Most drivers are classes that can be watched in place. Two are not: psycopg2's connections are told which class of
cursors to make, and sqlite3 is told which class of connections. Either way a connection is what it was, or a subclass.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from riverhead_airflow.seeing.cursors import Cursors
from riverhead_airflow.seeing.methods import is_watched, mark, watch_methods
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.sources import Source
    from riverhead_airflow.seeing.witness import Witness

_PLACE_OF_FACTORY = 5  # among the arguments of sqlite3.connect


class Drivers:
    """Follows connections to what is executed on them."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._cursors = Cursors(witness)
        self._below: dict[type, type] = {}
        self._followed: WeakSet[type] = WeakSet()

    def follow(self, connection: Any, source: Source) -> None:
        """Follow a connection that a hook has just opened; what cannot be followed is left alone."""
        try:
            self._witness.known.add(connection, source)
        except TypeError:
            return
        kind = type(connection)
        if kind in self._followed:
            return
        if any(line.__module__ == "psycopg2.extensions" for line in kind.__mro__):
            self._follow_psycopg2(connection)
        else:
            watch_methods(kind, ("cursor",), self._around_cursor)
            self._cursors.watch_connections(kind)
            self._followed.add(kind)

    def watch_sqlite(self, module: Any) -> None:
        """Have the connections that hooks open with `sqlite3.connect` be of a class that can be watched."""
        if is_watched(module.connect):
            return
        original, witness = module.connect, self._witness
        kind = self._of_sqlite(module)

        def connect(*args: Any, **named: Any) -> Any:
            if witness.now.opening is not None and len(args) <= _PLACE_OF_FACTORY and "factory" not in named:
                return original(*args, factory=kind, **named)
            return original(*args, **named)

        module.connect = mark(connect, original)

    def _of_sqlite(self, module: Any) -> type:
        plain, cursors = module.Connection, self.below(module.Cursor)

        def cursor(connection: Any, factory: Any = cursors) -> Any:
            return plain.cursor(connection, factory)

        kind = _subclass(plain, {"cursor": cursor})
        watch_methods(kind, ("cursor",), self._around_cursor)
        self._cursors.watch_connections(kind)
        return kind

    def _follow_psycopg2(self, connection: Any) -> None:
        for name, kind in vars(sys.modules.get("psycopg2.extras", object)).items():
            # A cursor of these is often asked for by its class.
            if name.endswith("Cursor") and isinstance(kind, type):
                self._cursors.watch(kind)
        kind = connection.cursor_factory or sys.modules["psycopg2.extensions"].cursor
        if isinstance(kind, type):
            connection.cursor_factory = self.below(kind)

    def below(self, kind: type) -> type:
        """Return a class of cursors below this one that tells what it executes."""
        if kind in self._below.values():
            return kind
        if kind not in self._below:
            made = _subclass(kind, {})
            self._cursors.watch(made)
            self._below[kind] = made
        return self._below[kind]

    def _around_cursor(self, _name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness, cursors = self._witness, self._cursors

        def cursor(connection: Any, *args: Any, **named: Any) -> Any:
            made = original(connection, *args, **named)
            source = witness.known.of(connection)
            if source is not None:
                with guard("following a cursor", witness.failures):
                    cursors.made(made, source)
            return made

        return cursor


def _subclass(kind: type, content: dict[str, Any]) -> type:
    """Return a class that says of itself what the one above says: some decide by its module or its name."""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    return type(kind)(kind.__name__, (kind,), {**names, **content})
