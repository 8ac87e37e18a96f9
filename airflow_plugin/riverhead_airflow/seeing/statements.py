"""The statements of one task, each kept once and within bounds, as they were said; scrubbed when they are taken.

No lock is taken: what two threads do at the same moment costs at most a count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from riverhead_airflow.seeing.session_talk import serves_only_the_session
from riverhead_airflow.texts import MARGIN, MOST_SQL, kept, word
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from riverhead_airflow.seeing.sources import Source
    from riverhead_airflow.snapshot import Address, Sighting
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction

Key = tuple[str, int, int]
Extra = Literal["default_db", "default_schema"]
EXTRAS: tuple[Extra, Extra] = ("default_db", "default_schema")
MOST_STATEMENTS = 500
_MOST_COLUMNS = 1_000


class Statement:
    """One statement while its task runs."""

    __slots__ = (
        "columns",
        "count",
        "done",
        "extras",
        "job_id",
        "key",
        "kind",
        "most",
        "rows",
        "source",
        "sql",
        "table",
    )

    def __init__(self, key: Key, source: Source, kind: str, sql: str, most: int) -> None:
        self.key = key
        self.source = source
        self.kind = kind
        self.sql = sql
        self.most = most
        self.count = 1
        self.done = 0
        self.rows: int | None = None
        self.job_id: str | None = None
        self.table: str | None = None
        self.columns: list[str] = []
        self.extras: dict[Extra, str] = {}

    def succeeds(self, rows: object = None, job_id: object = None) -> None:
        """Count one run that came to its end, with what its cursor says of it."""
        self.done += 1
        if isinstance(rows, int) and rows >= 0:
            self.rows = rows if self.rows is None else self.rows + rows
        if isinstance(job_id, str) and job_id:
            self.job_id = job_id


class Statements:
    """Keeps what is told, in its order.

    A statement that follows the same one as before is counted and not kept again: a million rows, or a loop over
    days, are a few. Behind another one it may mean something else, as when a temporary table was filled anew.
    """

    def __init__(self) -> None:
        self.left_out = 0
        self._kept: list[Statement] = []
        self._latest: dict[Key, Statement] = {}
        self._pairs: set[tuple[Key | None, Key]] = set()
        self._room = MOST_SQL

    def told(self, source: Source, kind: str, sql: str, before: Key | None) -> Statement | None:
        """Keep or count one statement; None where it means nothing, or there is no room."""
        key = (source.key, hash(sql), len(sql))
        found = self._latest.get(key)
        if found is not None and (before == key or (before, key) in self._pairs or self._is_full()):
            found.count += 1
            return found
        if found is None and serves_only_the_session(sql):
            return None
        if self._is_full():
            self.left_out += 1
            return None
        self._pairs.add((before, key))
        return self._keep(key, source, kind, sql)

    def told_table(self, source: Source, kind: str, table: str, columns: list[str]) -> Statement | None:
        """Keep what was done to a table by its name, where no SQL was seen for it."""
        told = self.told(source, kind, f"\0{kind} {table} {columns}", None)
        if told is not None:
            told.sql, told.table, told.columns = "", table, columns[:_MOST_COLUMNS]
        return told

    def found(self, conn_id: str | None, sql: str) -> Statement | None:
        """Return the last statement with this text on this connection."""
        wanted = (hash(sql), len(sql))
        for statement in reversed(self._kept):
            if statement.key[1:] == wanted and conn_id in (None, statement.source.conn_id):
                return statement
        return None

    def sightings(self, redaction: Redaction, failures: FailureLog) -> list[Sighting]:
        """Return every statement as plain facts without secrets; one that cannot be told is left out."""
        found: list[Sighting] = []
        addresses: dict[str, Address | None] = {}
        for statement in list(self._kept):
            with guard("telling a statement", failures):
                source = statement.source
                if source.key not in addresses:
                    addresses[source.key] = _address(source, failures)
                found.append(_sighting(statement, addresses[source.key], redaction))
        self.left_out += len(self._kept) - len(found)
        return found

    def _is_full(self) -> bool:
        return len(self._kept) >= MOST_STATEMENTS or self._room <= 0

    def _keep(self, key: Key, source: Source, kind: str, sql: str) -> Statement:
        # A little more than is told, for the redaction's sake: half a secret looks like none.
        statement = Statement(key, source, kind, sql[: self._room + MARGIN], self._room)
        self._room -= len(sql)
        self._kept.append(statement)
        self._latest[key] = statement
        return statement


def _address(source: Source, failures: FailureLog) -> Address | None:
    """A connection that cannot be read costs its address, and not what was said on it."""
    with guard("reading a hook's connection", failures):
        return source.address()
    return None


def _sighting(statement: Statement, address: Address | None, redaction: Redaction) -> Sighting:
    source, is_cut = statement.source, len(statement.sql) > statement.most
    sighting: Sighting = {
        "sql": kept(statement.sql, statement.most, redaction) if is_cut else redaction.scrubbed(statement.sql),
        "is_cut": is_cut,
        "kind": statement.kind,
        "count": statement.count,
        "is_failed": statement.done == 0,
        "rows": statement.rows,
        "job_id": word(statement.job_id) if statement.job_id else None,
        "hook": word(source.hook) if source.hook else None,
        "conn_id": word(source.conn_id) if source.conn_id else None,
        "address": address,
    }
    if statement.table is not None:
        sighting["table"] = word(statement.table)
        sighting["columns"] = [word(column) for column in statement.columns]
    for name in EXTRAS:
        if name in statement.extras:
            sighting[name] = word(statement.extras[name])
    return sighting
