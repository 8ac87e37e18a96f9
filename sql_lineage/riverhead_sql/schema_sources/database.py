"""A database that is asked for its own columns, over any DB-API driver."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from riverhead_sql.schema_sources.dictionaries import DICTIONARIES
from riverhead_sql.schema_sources.parameters import bound, paramstyle_of, texts
from riverhead_sql.schema_sources.questions import columns_by_name, names_of, needs_path, questions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from riverhead_emitter.model import Dataset
    from riverhead_sql.schema_sources.questions import Name
    from riverhead_sql.schema_sources.source import Table

log = logging.getLogger(__name__)

_MOST_FAILURES = 2


class DatabaseSchema:
    """Asks a database's dictionary, a bounded number of times; whatever goes wrong, it only answers less.

    The connection is its own, opened at the first question, so that no transaction of the host's is ever touched.
    How long connecting and asking may take is set where `connect` connects: DB-API has no word for it.
    One thread of one process asks: a connection survives no fork.

    Args:
        connect: opens a new DB-API connection.
        dialect: as sqlglot calls it; of one whose databases keep no record of columns, it knows nothing.
        paramstyle: how the driver takes values; without it, what the driver's module says.
        most_lookups: how many queries it makes in its life.
        most_columns: how many columns it reads in its life.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        dialect: str,
        *,
        paramstyle: str = "",
        most_lookups: int = 20,
        most_columns: int = 50_000,
    ) -> None:
        self._connect = connect
        self._dictionary = DICTIONARIES.get(dialect)
        self._style = paramstyle
        self._lookups_left = most_lookups
        self._columns_left = most_columns
        self._failures = 0
        self._connection: Any = None
        self._path: list[tuple[str | None, str | None]] | None = None
        self._answers: dict[Name, tuple[str, ...]] = {}

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        """Return the columns of those tables that the database knows; each is asked for once."""
        names = self._names(tables)
        self._ask([name for candidates in names.values() for name in candidates])
        found = {}
        for dataset, candidates in names.items():
            columns = next((known for name in candidates if (known := self._answers.get(name))), None)
            if columns:
                found[dataset] = columns
        return found

    def forget_unknown(self) -> None:
        """Ask once more, where they are named again, for tables that were not there."""
        self._answers = {name: columns for name, columns in self._answers.items() if columns}

    def close(self) -> None:
        """Close the connection; what was asked before is still answered."""
        self._lookups_left = 0
        self._disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _names(self, tables: Sequence[Table]) -> dict[Dataset, list[Name]]:
        if self._dictionary is None:
            return {}
        if self._path is None and any(needs_path(table, self._dictionary) for table in tables):
            rows = self._rows(self._dictionary.path, (), width=2) or []
            self._path = [(catalog, schema) for catalog, schema in rows]
        return {table.dataset: names_of(table, self._path or [], self._dictionary) for table in tables}

    def _ask(self, names: Sequence[Name]) -> None:
        new = [name for name in dict.fromkeys(names) if name not in self._answers]
        if not new or self._dictionary is None or not self._is_open():
            return
        for question in questions(new, self._dictionary, self._style):
            rows = self._rows(question.sql, question.values)
            if rows is not None:
                self._answers.update(columns_by_name(question, rows, self._dictionary))

    def _rows(self, sql: str, values: Sequence[str], width: int = 3) -> list[tuple[str | None, ...]] | None:
        """Return a query's rows, None where there is no answer."""
        if not self._is_open():
            return None
        self._lookups_left -= 1
        try:
            cursor = self._connection.cursor()
            try:
                cursor.execute(sql, *([bound(values, self._style)] if values else []))
                rows = [texts(row, width) for row in cursor.fetchmany(self._columns_left + 1)]
            finally:
                cursor.close()
        except Exception as error:  # noqa: BLE001 - a driver raises what it likes, and lineage goes on with fewer columns
            self._fail(error)
            return None
        # No transaction stays open between questions: it would hold back a server's cleaning up.
        with suppress(Exception):
            self._connection.rollback()
        self._columns_left -= len(rows)
        if self._columns_left < 0:
            self.close()
            return None
        return rows

    def _is_open(self) -> bool:
        """Return whether there is a connection to ask, opened if there is still a look-up to make."""
        if self._lookups_left <= 0:
            return False
        if self._connection is not None:
            return True
        try:
            self._connection = self._connect()
        except Exception as error:  # noqa: BLE001 - whatever keeps it from connecting, lineage goes on with fewer columns
            self._fail(error)
            return False
        self._style = self._style or paramstyle_of(self._connection)
        if not self._style:
            log.warning("this driver does not say how it takes values: name its paramstyle to have columns looked up")
            self.close()
        return bool(self._style)

    def _fail(self, error: Exception) -> None:
        """Begin anew with the next question, on a new connection; and ask no more after the second time."""
        self._failures += 1
        # Of what a driver says only the kind is repeated: the rest may hold a password.
        kind = type(error).__name__
        if self._failures < _MOST_FAILURES:
            log.debug("a look-up of columns failed (%s)", kind)
            self._disconnect()
        else:
            log.warning("no more columns are looked up in the database: it failed %s times (%s)", self._failures, kind)
            self.close()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
