"""Cursors of any driver: their classes' methods tell, if the cursor belongs to a connection that a hook opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from riverhead_airflow.seeing.methods import watch_methods
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.sources import Source
    from riverhead_airflow.seeing.statements import Statement
    from riverhead_airflow.seeing.witness import Witness

    Said = Callable[[tuple[Any, ...], dict[str, Any]], object]

_OF_CURSORS = (
    "execute", "executemany", "executescript", "execute_async", "stream", "copy", "copy_expert", "callproc",
    "copy_from", "copy_to",
)  # fmt: skip
_OF_CONNECTIONS = ("execute", "executemany", "executescript", "execute_string", "sql", "query", "from_query")
_SQL = ("sql", "query", "operation", "statement", "command", "sql_text", "sql_script")
# As drivers call what their servers know a statement by.
_IDS = ("sfqid", "query_id")


class Cursors:
    """Puts the witness around the methods of cursors' classes, each class once."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._watched: WeakSet[type] = WeakSet()

    def made(self, cursor: Any, source: Source) -> None:
        """Follow a cursor that a connection has just made."""
        self._witness.known.add(cursor, source)
        self.watch(type(cursor))

    def watch(self, kind: type) -> None:
        """Watch a class of cursors."""
        if kind not in self._watched:
            watch_methods(kind, _OF_CURSORS, self._around)
            self._watched.add(kind)

    def watch_connections(self, kind: type) -> None:
        """Watch a class of connections that execute by themselves, as some do."""
        watch_methods(kind, _OF_CONNECTIONS, self._around)

    def _around(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness, said = self._witness, _SAID.get(name, _statement)
        kind = "copy" if name.startswith("copy") else name if name == "callproc" else "execute"

        def execute(cursor: Any, *args: Any, **named: Any) -> Any:
            source = _source_of(witness, cursor)
            now = witness.now
            if source is None or now.speaker == source.key:
                return original(cursor, *args, **named)
            statement = None
            with guard("seeing a statement", witness.failures):
                statement = witness.hears(source, kind, said(args, named), cursor)
            before, now.speaker = now.speaker, source.key
            try:
                result = original(cursor, *args, **named)
            finally:
                now.speaker = before
            if statement is not None:
                with guard("seeing a statement's end", witness.failures):
                    # What a connection executes by itself, its answer knows about.
                    ends(statement, cursor if hasattr(cursor, "rowcount") else result)
            return result

        return execute


def ends(statement: Statement, cursor: Any) -> None:
    """Count a statement that came to its end, with what its cursor knows of it."""
    job_id = next((found for name in _IDS if isinstance(found := getattr(cursor, name, None), str)), None)
    statement.succeeds(getattr(cursor, "rowcount", None), job_id)


def _source_of(witness: Witness, cursor: Any) -> Source | None:
    if witness.statements is None:
        return None
    known = witness.known
    source = known.of(cursor)
    # What psycopg2's connections make says where it is from; so do others, but some of them with a warning.
    if source is None and type(cursor).__module__.startswith("psycopg2"):
        return known.of(cursor.connection)
    return source


def _statement(args: tuple[Any, ...], named: dict[str, Any]) -> object:
    if args:
        return args[0]
    return next((named[name] for name in _SQL if name in named), None)


def _call(args: tuple[Any, ...], named: dict[str, Any]) -> object:
    name = args[0] if args else named.get("procname")
    return f"CALL {name}()" if isinstance(name, str) else None


def _copy_from(args: tuple[Any, ...], named: dict[str, Any]) -> object:
    return f"COPY {_table(args, named)} FROM STDIN"


def _copy_to(args: tuple[Any, ...], named: dict[str, Any]) -> object:
    return f"COPY {_table(args, named)} TO STDOUT"


def _table(args: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Psycopg2 writes such a table's name, which has no schema in it, in quotes."""
    table = args[1] if len(args) > 1 else named.get("table")
    columns = args[5] if len(args) > 5 else named.get("columns")  # noqa: PLR2004 - its place among psycopg2's arguments
    listed = ", ".join(f'"{column}"' for column in columns or ())
    return f'"{table}" ({listed})' if listed else f'"{table}"'


_SAID: dict[str, Said] = {"callproc": _call, "copy_from": _copy_from, "copy_to": _copy_to}
