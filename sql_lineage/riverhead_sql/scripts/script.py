"""A script, statement by statement: each one's lineage, and what it leaves behind for the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import NO_LINEAGE, Lineage, Unresolved
from riverhead_sql.deadline import DeadlinePassed
from riverhead_sql.merging import merged
from riverhead_sql.query.relations import Ancestry, Derived, Output
from riverhead_sql.reading.choosing import read
from riverhead_sql.reading.dialects import name_of
from riverhead_sql.reading.failures import PARSER_FAILURES, quiet, reason_of
from riverhead_sql.schema_sources import GivenSchema
from riverhead_sql.schemas import folded_name
from riverhead_sql.scripts.fates import passing_statements
from riverhead_sql.scripts.lifecycles import Lifecycles
from riverhead_sql.scripts.moving import Mover
from riverhead_sql.scripts.names import Names
from riverhead_sql.scripts.session import Session
from riverhead_sql.scripts.tables import datasets_only
from riverhead_sql.scripts.unfilled import without_unfilled
from riverhead_sql.statements.changes import changes_of, parted
from riverhead_sql.statements.writes import moves_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_emitter.naming import Database
    from riverhead_sql.deadline import Deadline
    from riverhead_sql.reading.choosing import Read
    from riverhead_sql.reading.parsing import Statement
    from riverhead_sql.schema_sources import SchemaSource

# They move no rows, and nobody asks where their columns came from.
_MOVES_NOTHING = (
    exp.Set, exp.Transaction, exp.Commit, exp.Rollback, exp.Use, exp.Comment, exp.Grant, exp.Revoke,
    exp.Analyze, exp.Describe, exp.Show, exp.Pragma, exp.Attach, exp.Detach, exp.Kill, exp.Declare, exp.Semicolon,
    exp.Cache, exp.Uncache, exp.Refresh, exp.Install, exp.Create, exp.Alter,
)  # fmt: skip
_HARMLESS_COMMANDS = frozenset({
    "SET", "RESET", "GRANT", "REVOKE", "SHOW", "EXPLAIN", "VACUUM", "ANALYZE", "LOAD", "INSTALL", "CHECKPOINT",
    "BEGIN", "START", "END", "COMMIT", "ROLLBACK", "SAVEPOINT", "LOCK", "OPTIMIZE", "REINDEX", "CLUSTER", "PUT",
    "REMOVE",
    "DISCARD", "LISTEN", "NOTIFY", "PRAGMA", "MSCK", "PRINT", "ALTER", "COMMENT", "REFRESH", "LIST", "LS", "RM", "DENY",
    "GO", "COLLECT", "USE", "PREPARE", "DEALLOCATE", "KILL", "DESCRIBE", "DESC", "UNSET", "ADD", "DBCC", "FLUSH",
})  # fmt: skip


def answer(
    texts: Sequence[str],
    dialect: str | None,
    default: Database,
    *,
    schema: Mapping[str, Sequence[str]] | SchemaSource | None = None,
    result: Dataset | None = None,
    deadline: Deadline,
) -> tuple[list[Lineage], str]:
    """Return the lineage of each statement of some texts, and the dialect that they were read in."""
    with quiet():
        found = read(texts, dialect, deadline)
        used = name_of(found.dialect)
        database = replace(default, dialect=used)
        source = GivenSchema(schema, database) if isinstance(schema, Mapping) else schema
        lineages = Script(found, database, source, result, deadline).lineages()
    if lineages and found.doubts:
        lineages[0] = replace(lineages[0], unresolved=(*found.doubts, *lineages[0].unresolved))
    return lineages, used


class Script:
    """Statements that run one after the other in one session."""

    def __init__(
        self, found: Read, database: Database, source: SchemaSource | None, result: Dataset | None, deadline: Deadline
    ) -> None:
        self._statements = found.statements
        self._dialect = found.dialect
        self._names = Names(database, found.dialect)
        self._gaps = found.gaps
        self._session = Session(self._names, source)
        self._mover = Mover(self._session, found.dialect, result, deadline)
        self._lifecycles = Lifecycles(self._session)
        self._deadline = deadline

    def lineages(self) -> list[Lineage]:
        """Return the lineage of each statement; one that fails costs only itself."""
        passing = passing_statements(
            [statement.tree for statement in self._statements], Names(self._names.database, self._dialect)
        )
        told: list[Lineage] = []
        for place, statement in enumerate(self._statements):
            lineage = self._answered(statement, told, is_passing=place in passing)
            told.append(lineage)
        if self._gaps:
            told = [without_unfilled(lineage, self._gaps) for lineage in told]
        if told and self._session.doubts:
            told[-1] = replace(told[-1], unresolved=(*told[-1].unresolved, *self._session.doubts))
        return told

    def _answered(self, statement: Statement, told: list[Lineage], *, is_passing: bool) -> Lineage:
        tree = statement.tree
        if tree is None:
            return Lineage(unresolved=(Unresolved(statement.opening, statement.failure),))
        if self._deadline.is_exhausted:
            return Lineage(unresolved=(Unresolved(statement.opening, "the time for this text was over"),))
        try:
            lineage = self._traced(statement, tree, told, is_passing=is_passing)
        except DeadlinePassed:
            return self._datasets_only(tree, statement.opening, "the time for columns was over")
        except PARSER_FAILURES as failure:
            return self._datasets_only(tree, statement.opening, reason_of(failure))
        return lineage

    def _datasets_only(self, tree: exp.Expr, opening: str, why: str) -> Lineage:
        reason = Unresolved(opening, why)
        try:
            return datasets_only(tree, self._session, reason)
        except PARSER_FAILURES:
            return Lineage(unresolved=(reason,))

    def _traced(self, statement: Statement, tree: exp.Expr, told: list[Lineage], *, is_passing: bool) -> Lineage:
        if isinstance(tree, exp.Use):
            self._names.follow_use(tree)
        if isinstance(tree, (exp.Set, exp.Command)):
            self._names.follow_search_path(tree)
        if isinstance(tree, exp.Declare):
            self._declare(tree)
        if isinstance(tree, exp.LockingStatement):
            tree = tree.expression
        changed = self._lifecycles.of(tree, told, is_passing=is_passing)
        if changed is not None:
            return changed
        mover = self._mover.reading(statement)
        lineage = merged([self._part(part, statement.opening, mover, is_passing=is_passing) for part in parted(tree)])
        if not statement.read_as:
            return lineage
        foreign = Unresolved(
            statement.opening, f"its dialect cannot be read so; it was read as {statement.read_as} SQL"
        )
        return replace(lineage, unresolved=(*lineage.unresolved, foreign))

    def _declare(self, declare: exp.Declare) -> None:
        """T-SQL's DECLARE @t TABLE (…) makes a temporary table."""
        for item in declare.expressions:
            kind = item.args.get("kind")
            if isinstance(kind, exp.Schema):
                names = [folded_name(column, self._dialect) for column in kind.expressions]
                outputs = tuple(Output(name, Ancestry()) for name in names)
                for variable in item.this if isinstance(item.this, list) else [item.this]:
                    table = exp.Table(this=variable.copy())
                    self._session.define_temporary(self._session.dataset(table), Derived(outputs))

    def _part(self, tree: exp.Expr, opening: str, mover: Mover, *, is_passing: bool) -> Lineage:
        moves = moves_of(tree)
        moves = moves if moves is not None else changes_of(tree)
        if moves is not None:
            return merged(
                [mover.lineage_of(replace(move, is_temporary=True) if is_passing else move) for move in moves]
            )
        if isinstance(tree, _MOVES_NOTHING) or _is_harmless(tree):
            return NO_LINEAGE
        if isinstance(tree, (exp.Command, exp.Execute)):
            return Lineage(
                unresolved=(Unresolved(opening, "what it does is not known: it is not written in this text"),)
            )
        return self._datasets_only(tree, opening, "this kind of statement is not followed to its columns")


def _is_harmless(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Command) and tree.name.upper() in _HARMLESS_COMMANDS
