"""What the names in a text mean now: the database in use, and what no dataset's name is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from riverhead_emitter.model import Unresolved
from riverhead_sql.reading.templates import has_gap
from riverhead_sql.schema_sources import Table

if TYPE_CHECKING:
    from sqlglot.dialects.dialect import Dialect

    from riverhead_emitter.naming import Database
    from riverhead_sql.reading.templates import Gaps

_NOT_FILLED = "its name is made by a template or a parameter, whose value is not known"


class Names:
    """The database in use while a script runs."""

    def __init__(self, database: Database, dialect: Dialect, gaps: Gaps) -> None:
        self.database = database
        self._dialect = dialect
        self._gaps = gaps

    def folded(self, table: exp.Table) -> exp.Table:
        """Return a table's name as the dialect compares it."""
        return normalize_identifiers(table.copy(), dialect=self._dialect)

    def table(self, table: exp.Table) -> Table:
        """Return what a table's folded name means."""
        return Table.meant_by(self.parts(table), self.database)

    def parts(self, table: exp.Table) -> tuple[str, ...]:
        """Return a name's parts; a session's own table (#t) never meets a stored one of the same name."""
        parts = [part.name for part in table.parts]
        last = table.this
        if isinstance(last, exp.Parameter):
            parts[-1] = f"@{last.name}"
        elif isinstance(last, exp.Identifier):
            parts[-1] = f"#{last.name}" if last.args.get("temporary") else self._without_suffix(last)
        return tuple(parts)

    def gap(self, table: exp.Table) -> Unresolved | None:
        """Return what to say of a name that nobody has filled in yet, or None for a whole one."""
        name = ".".join(part.name for part in table.parts)
        return Unresolved(self._gaps.restored(name), _NOT_FILLED) if has_gap(name) else None

    def restored(self, text: str) -> str:
        """Return a text with its templates as they were written."""
        return self._gaps.restored(text)

    def use(self, kind: str, table: exp.Table) -> None:
        """Change what unqualified names mean: USE DATABASE, USE SCHEMA, USE name."""
        parts = self.parts(self.folded(table))
        if kind in {"DATABASE", "CATALOG"} or (not kind and len(parts) == 1 and self.database.dialect == "tsql"):
            self.database = replace(self.database, catalog=parts[-1])
        elif kind in {"", "SCHEMA"} and parts:
            catalog = parts[-2] if len(parts) > 1 else self.database.catalog
            self.database = replace(self.database, catalog=catalog, schema=parts[-1])

    def _without_suffix(self, name: exp.Identifier) -> str:
        """Leave out what says which part of a table is meant, or on which server: t$20260101, t@link."""
        said = name.name
        if self.database.dialect == "bigquery":
            return said.partition("$")[0] or said
        if self.database.dialect == "oracle" and not name.quoted:
            return said.partition("@")[0] or said
        return said


def is_session_own(parts: tuple[str, ...]) -> bool:
    """Return whether a name can only be a session's own table: #t, @t."""
    return parts[-1][:1] in {"#", "@"} and len(parts[-1]) > 1
