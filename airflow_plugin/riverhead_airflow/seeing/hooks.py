"""Airflow's SQL hooks: their class and all below it, those that exist and those to come.

The methods are watched on the classes, so that a hook may be pickled, copied, or made without its parents' `__init__`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing.cursors import ends
from riverhead_airflow.seeing.methods import mark, watch_methods
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_airflow.seeing.drivers import Drivers
    from riverhead_airflow.seeing.witness import Witness

# What a hook may do by a name, without a statement that anybody sees.
_BY_NAME = ("insert_rows", "bulk_load", "bulk_dump", "copy_expert")


class Hooks:
    """Puts the witness around what hooks of all kinds have in common."""

    def __init__(self, witness: Witness, drivers: Drivers) -> None:
        self._witness = witness
        self._drivers = drivers
        self._parent: type = object

    def watch(self, module: Any) -> None:
        """Watch the class of SQL hooks that this module has, and every class below it."""
        parent = self._parent = module.DbApiHook
        self._note_connections(parent)
        for kind in (parent, *_below(parent)):
            self._watch_class(kind)
        self._watch_those_to_come(parent)

    def _watch_class(self, kind: type) -> None:
        watch_methods(kind, ("get_conn",), self._around_get_conn)
        watch_methods(kind, ("get_sqlalchemy_engine",), self._around_get_engine)
        watch_methods(kind, ("_run_command",), self._around_run_command)
        watch_methods(kind, _BY_NAME, self._around_by_name)

    def _watch_those_to_come(self, parent: Any) -> None:
        witness, watch, own = self._witness, self._watch_class, _own(parent, "__init_subclass__")

        def init_subclass(cls: Any, /, **named: Any) -> None:
            own(cls, **named)
            with guard("watching a hook's class", witness.failures):
                watch(cls)

        parent.__init_subclass__ = classmethod(init_subclass)

    def _note_connections(self, parent: Any) -> None:
        witness, own = self._witness, _own(parent, "get_connection")

        def get_connection(cls: Any, /, *args: Any, **named: Any) -> Any:
            connection = own(cls, *args, **named)
            with guard("noting a connection", witness.failures):
                witness.note(args[0] if args else named.get("conn_id"), connection)
            return connection

        parent.get_connection = classmethod(mark(get_connection, parent.get_connection.__func__))

    def _around_get_conn(self, _name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness, drivers, parent = self._witness, self._drivers, self._parent

        def get_conn(hook: Any, *args: Any, **named: Any) -> Any:
            now = witness.now
            before = now.opening
            # A mixin's method may serve other hooks, too.
            if before is hook or not isinstance(hook, parent):
                return original(hook, *args, **named)
            now.opening = hook
            try:
                connection = original(hook, *args, **named)
            finally:
                now.opening = before
            with guard("following a connection", witness.failures):
                source = witness.met(hook)
                drivers.follow(connection, source)
                witness.opens(hook, source)
            return connection

        return get_conn

    def _around_get_engine(self, _name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness = self._witness

        def get_sqlalchemy_engine(hook: Any, *args: Any, **named: Any) -> Any:
            engine = original(hook, *args, **named)
            with guard("following an engine", witness.failures):
                source = witness.met(hook)
                witness.known.add(engine, source)
                witness.opens(hook, source)
            return engine

        return get_sqlalchemy_engine

    def _around_run_command(self, _name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness = self._witness

        def _run_command(hook: Any, cur: Any, *args: Any, **named: Any) -> Any:
            now, speaker, statement = witness.now, None, None
            with guard("seeing a hook's statement", witness.failures):
                source = witness.source_of(hook)
                if now.speaker != source.key:
                    speaker = source.key
                    statement = witness.hears(source, "execute", args[0] if args else named.get("sql_statement"), cur)
            before, now.speaker = now.speaker, speaker or now.speaker
            try:
                result = original(hook, cur, *args, **named)
            finally:
                now.speaker = before
            if statement is not None:
                with guard("seeing a hook's statement's end", witness.failures):
                    ends(statement, cur)
            return result

        return _run_command

    def _around_by_name(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        witness = self._witness

        def by_name(hook: Any, *args: Any, **named: Any) -> Any:
            now = witness.now
            before, told, is_done = now.label, now.told, False
            with guard("seeing what a hook does by name", witness.failures):
                if before is None:
                    now.label = witness.source_of(hook).key, name
            try:
                result = original(hook, *args, **named)
                is_done = True
            finally:
                now.label = before
                if now.told == told:
                    with guard("telling what a hook did by name", witness.failures):
                        self._tell(hook, name, args, named, is_done=is_done)
            return result

        return by_name

    def _tell(self, hook: Any, name: str, args: tuple[Any, ...], named: dict[str, Any], *, is_done: bool) -> None:
        subject = args[0] if args else named.get("table", named.get("sql"))
        statements = self._witness.statements
        if not isinstance(subject, str) or statements is None:
            return
        source = self._witness.source_of(hook)
        if name == "copy_expert":
            statement = statements.told(source, name, subject, None)
        else:
            columns = named.get("target_fields") or (args[2] if len(args) > 2 else None)  # noqa: PLR2004 - its place in insert_rows
            listed = [str(column) for column in columns] if isinstance(columns, (list, tuple)) else []
            statement = statements.told_table(source, name, subject, listed)
        if statement is not None and is_done:
            statement.succeeds()


def _own(parent: Any, name: str) -> Callable[..., Any]:
    """Return a class's own class method, or, where it has none, what finds the one of its parents at each call."""
    found = vars(parent).get(name)
    if isinstance(found, classmethod):
        own: Callable[..., Any] = found.__func__
        return own
    return lambda cls, *args, **named: getattr(super(parent, cls), name)(*args, **named)


def _below(kind: type) -> Iterator[type]:
    lower: type
    for lower in type.__subclasses__(kind):
        yield lower
        yield from _below(lower)
