"""What the names in a text mean now: the database in use, and what no dataset's name is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from riverhead_sql.reading.dialects import is_tsql
from riverhead_sql.schema_sources import Table
from riverhead_sql.schemas import folded_name

if TYPE_CHECKING:
    from sqlglot.dialects.dialect import Dialect

    from riverhead_emitter.naming import Database
# Where a session's own tables live: PostgreSQL's, and Db2's.
_OWN_SCHEMAS = frozenset({"pg_temp", "session"})
_SEARCH_PATH = re.compile(
    r"(?:SET\s+(?:LOCAL\s+|SESSION\s+)?|RESET\s+)search_path\b\s*(?:=|TO)?\s*(?P<schemas>.*)", re.IGNORECASE | re.DOTALL
)
_SCHEMA = re.compile(r"\"(?P<quoted>[^\"]+)\"|(?P<plain>\w+)")
_MOST_SCHEMAS = 20


class Names:
    """The database in use while a script runs."""

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self.database = database
        self._first = database.schema
        self._path: tuple[str, ...] = ()
        self._dialect = dialect

    def folded(self, table: exp.Table) -> exp.Table:
        """Return a table's name, and nothing else of it, as the dialect compares it."""
        parts = {
            key: table.args[key].copy()
            for key in ("this", "db", "catalog")
            if isinstance(table.args.get(key), exp.Expr)
        }
        named = exp.Table(**parts)
        named.meta.update(table.meta)
        return normalize_identifiers(named, dialect=self._dialect)

    def column(self, column: exp.Expr) -> str:
        """Return a column's name as the dialect stores it."""
        return folded_name(column, self._dialect)

    def table(self, table: exp.Table) -> Table:
        """Return what a table's folded name means."""
        return Table.meant_by(self.parts(table), self.database)

    def candidates(self, table: exp.Table) -> list[Table]:
        """Return what a table's folded name may mean, in the order in which the database looks for it."""
        parts = self.parts(table)
        if len(parts) > 1 or len(self._path) < 2:  # noqa: PLR2004 - one schema is no choice
            return [Table.meant_by(parts, self.database)]
        return [Table.meant_by(parts, replace(self.database, schema=schema)) for schema in self._path]

    def parts(self, table: exp.Table) -> tuple[str, ...]:
        """Return a name's parts; a session's own table (#t) never meets a stored one of the same name."""
        parts = [part.name for part in table.parts]
        last = table.this
        if isinstance(last, exp.Parameter):
            parts[-1] = f"@{last.name}"
        elif isinstance(last, exp.Identifier):
            is_own = last.args.get("temporary") or last.args.get("global_")
            parts[-1] = f"#{last.name}" if is_own else self._without_suffix(last)
        if is_session_own(tuple(parts)) or (parts[0].lower() in _OWN_SCHEMAS and len(parts) > 1):
            # tempdb..#t and pg_temp.t are this session's own as well.
            return (parts[-1],)
        return tuple(parts)

    def follow_use(self, tree: exp.Use) -> None:
        """Let a USE change what unqualified names mean."""
        if isinstance(tree.this, exp.Table):
            kind = tree.args.get("kind")
            self.use(kind.name.upper() if kind is not None else "", tree.this)

    def use(self, kind: str, table: exp.Table) -> None:
        """Change what unqualified names mean: USE DATABASE, USE SCHEMA, USE name."""
        parts = self.parts(self.folded(table))
        if kind in {"DATABASE", "CATALOG"} or (not kind and len(parts) == 1 and is_tsql(self._dialect)):
            self.database = replace(self.database, catalog=parts[-1])
        elif kind in {"", "SCHEMA"} and parts:
            catalog = parts[-2] if len(parts) > 1 else self.database.catalog
            self.database = replace(self.database, catalog=catalog, schema=parts[-1])

    def follow_search_path(self, tree: exp.Expr) -> None:
        """PostgreSQL's SET search_path TO mart, public: plain names are looked for in one after the other."""
        said = tree.sql() if isinstance(tree, exp.Set) else f"{tree.name} {tree.text('expression')}"
        found = _SEARCH_PATH.match(said)
        if found is None:
            return
        # In quotes it is one name, or 'mart, public' as a client sets it.
        schemas = found["schemas"].replace("'", " ")
        names = [one["quoted"] or one["plain"].lower() for one in _SCHEMA.finditer(schemas)][:_MOST_SCHEMAS]
        self._path = () if names in ([], ["default"]) else tuple(name for name in names if name != "$user")
        self.database = replace(self.database, schema=self._path[0] if self._path else self._first)

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
