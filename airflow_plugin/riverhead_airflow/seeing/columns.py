"""The columns of the tables that a task's statements name, asked of its own databases while it works.

A thread of its own asks, over a connection of its own, made by a copy of the task's hook from the connection that the
hook was given: neither Airflow nor the task is asked for anything. The task never waits but for a moment at its end.
"""

from __future__ import annotations

import copy
import queue
import threading
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing.sources import source_of_hook
from riverhead_airflow.seeing.table_names import parts_of, search_path_in, tables_in
from riverhead_emitter.guard import guard
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.sources import Source
    from riverhead_airflow.seeing.watching import Sightings
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.naming import Database

# A task that is over in milliseconds waits for what was asked last, which mostly takes a few milliseconds, too.
_SECONDS, _LAST_SECONDS = 2.0, 0.25
_MOST_CONNECTIONS, _MOST_COLUMNS = 3, 20_000
# A table may be named before it is created; what is no table at all is not asked for without end.
_MOST_TRIES = 3
# A second connection to its file could keep the task, or its successors, from it.
_ONE_AT_A_TIME = frozenset({"duckdb", "sqlite"})
_IN_LOWER_CASE = frozenset({"postgres", "redshift", "trino", "presto", "athena", "databricks"})


class Asker:
    """Asks one database, in its own thread, until it is told to stop or its time is used up."""

    def __init__(self, source: Source, connect: Callable[[], Any], failures: FailureLog) -> None:
        self.source = source
        self.columns: dict[str, list[str]] = {}
        self.said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._path: list[str] = []
        self._tries: Counter[str] = Counter()
        self._connect = connect
        self._failures = failures
        self._thread = threading.Thread(target=self._ask, name="riverhead-columns", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def end(self, seconds: float) -> dict[str, list[str]]:
        """Return what is known by then, and ask no more."""
        self.said.put(None)
        self._thread.join(seconds)
        return dict(self.columns)

    def _ask(self) -> None:
        with guard("asking for columns", self._failures):
            store = _database(self.source)
            if store is None or store.dialect in _ONE_AT_A_TIME:
                return
            with loading():
                from riverhead_sql.schema_sources import DatabaseSchema

            with DatabaseSchema(self._connect, store.dialect, most_columns=_MOST_COLUMNS) as schema:
                address = self.source.address()
                self._path = address.get("search_path", []) if address else []
                left = _SECONDS
                while left > 0 and (sql := self.said.get()) is not None:
                    began = time.monotonic()
                    path = search_path_in(sql)
                    self._path = self._path if path is None else path
                    self._learn(self._candidates(tables_in(sql)), store, schema)
                    left -= time.monotonic() - began

    def _candidates(self, names: list[str]) -> list[str]:
        """A plain name may be in each of the schemas in which it is looked for."""
        plain = {name for name in names if self._path and len(parts_of(name)) == 1}
        found = ([f"{schema}.{name}" for schema in self._path] if name in plain else [name] for name in names)
        return [name for several in found for name in several]

    def _learn(self, names: list[str], store: Database, schema: Any) -> None:
        from riverhead_sql.schema_sources import Table

        new = {name: Table.meant_by(_folded(name, store), store) for name in names if self._is_wanted(name)}
        self._tries.update(new.keys())
        schema.forget_unknown()
        known = schema.columns_of(list(new.values()))
        self.columns.update({name: list(known.get(table.dataset, ())) for name, table in new.items()})

    def _is_wanted(self, name: str) -> bool:
        return not self.columns.get(name) and self._tries[name] < _MOST_TRIES


class Columns:
    """The askers of one task after the other."""

    def __init__(self, seeing: Sightings, failures: FailureLog) -> None:
        self._seeing = seeing
        self._failures = failures
        self._askers: dict[str, Asker] = {}
        seeing.on_connection(self._opened)
        seeing.on_statement(self._said)

    def begin(self) -> None:
        """Begin with a task; who still asks for the one before is left to its end."""
        self._askers = {}

    def taken(self, seconds: float = _LAST_SECONDS) -> list[tuple[str | None, dict[str, list[str]]]]:
        """Return, by the ids of connections, the columns of tables under their names as they are written.

        So long it waits for what was asked last.
        """
        until = time.monotonic() + seconds
        askers, self._askers = self._askers, {}
        return [
            (asker.source.conn_id, {name: columns for name, columns in found.items() if columns})
            for asker in askers.values()
            if (found := asker.end(max(0.0, until - time.monotonic())))
        ]

    def _opened(self, hook: Any, _conn_id: str | None, connection: Any) -> None:
        if connection is None or len(self._askers) >= _MOST_CONNECTIONS:
            return
        own = copy.copy(hook)
        # So that the copy asks nobody for it: it may be a question to Airflow, which belongs to the task's thread.
        vars(own).update(_connection=connection, get_connection=lambda *_args, **_named: connection)
        source = source_of_hook(own, {})
        asker = self._askers[source.key] = Asker(source, partial(self._seeing.open_unseen, own), self._failures)
        asker.start()

    def _said(self, source: Source, sql: str) -> None:
        asker = self._askers.get(source.key)
        if asker is not None:
            asker.said.put(sql)


def _database(source: Source) -> Database | None:
    address = source.address()
    if address is None:
        return None
    with loading():
        from riverhead_emitter.naming import database

    return database(
        address["kind"],
        address["host"],
        address["port"],
        address["name"],
        schema=address["schema"],
        account=address["account"],
        region=address["region"],
    )


def _folded(name: str, store: Database) -> list[str]:
    return [part if is_quoted else _cased(part, store) for part, is_quoted in parts_of(name)]


def _cased(part: str, store: Database) -> str:
    if store.is_upper:
        return part.upper()
    return part.lower() if store.dialect in _IN_LOWER_CASE else part
