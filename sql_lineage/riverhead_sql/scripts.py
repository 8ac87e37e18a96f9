"""A script, statement by statement: each one's lineage, and what it leaves behind for the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from riverhead_emitter.model import NO_LINEAGE, Field, Lineage, Touched, Unresolved
from riverhead_sql.changes import changes_of, parted
from riverhead_sql.deadline import Deadline, DeadlinePassed
from riverhead_sql.edges import text_of
from riverhead_sql.files import settle_files
from riverhead_sql.mappings import inputs_of, mapping, unresolved_of
from riverhead_sql.merging import merged
from riverhead_sql.relations import Ancestry, Derived, Output
from riverhead_sql.schemas import folded_name
from riverhead_sql.scope import traced
from riverhead_sql.session import Session
from riverhead_sql.statements import PARSER_FAILURES, Statement, quiet, reason_of, statements_of
from riverhead_sql.tables import datasets_only
from riverhead_sql.writes import Flow, flows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_emitter.naming import Database

# They move no rows, and nobody asks where their columns came from.
_MOVES_NOTHING = (
    exp.Set, exp.Transaction, exp.Commit, exp.Rollback, exp.Use, exp.Drop, exp.Comment, exp.Grant, exp.Revoke,
    exp.Analyze, exp.Describe, exp.Show, exp.Pragma, exp.Attach, exp.Detach, exp.Kill, exp.Declare, exp.Semicolon,
    exp.TruncateTable, exp.Cache, exp.Uncache, exp.Refresh, exp.Install, exp.Create,
)  # fmt: skip
_HARMLESS_COMMANDS = frozenset({
    "SET", "RESET", "GRANT", "REVOKE", "SHOW", "EXPLAIN", "VACUUM", "ANALYZE", "LOAD", "INSTALL", "CHECKPOINT",
    "BEGIN", "START", "END", "COMMIT", "ROLLBACK", "SAVEPOINT", "LOCK", "OPTIMIZE", "REINDEX", "CLUSTER",
    "DISCARD", "LISTEN", "NOTIFY", "PRAGMA", "MSCK", "PRINT", "ALTER", "COMMENT", "REFRESH",
})  # fmt: skip


class Script:
    """Statements that run one after the other in one session."""

    def __init__(
        self, database: Database, schema: Mapping[str, Sequence[str]], result: Dataset | None, deadline_seconds: float
    ) -> None:
        self._dialect, self._doubts = _dialect(database.dialect)
        self._session = Session(database, schema, self._dialect)
        self._result = result
        self._deadline = Deadline(deadline_seconds)

    def run(self, text: str) -> list[Lineage]:
        """Return the lineage of each statement of a text; one that fails costs only itself."""
        with quiet():
            lineages = [self._answered(statement) for statement in statements_of(text, self._dialect)]
        if not lineages or not self._doubts:
            return lineages
        return [replace(lineages[0], unresolved=(*self._doubts, *lineages[0].unresolved)), *lineages[1:]]

    def _answered(self, statement: Statement) -> Lineage:
        tree = statement.tree
        if tree is None:
            return Lineage(unresolved=(Unresolved(statement.opening, statement.failure),))
        if self._deadline.is_exhausted:
            return Lineage(unresolved=(Unresolved(statement.opening, "the time for this text was over"),))
        try:
            return self._traced(tree, statement.opening)
        except DeadlinePassed:
            return self._datasets_only(tree, statement.opening, "the time for columns was over")
        except PARSER_FAILURES as failure:
            return self._datasets_only(tree, statement.opening, reason_of(failure))

    def _datasets_only(self, tree: exp.Expr, opening: str, why: str) -> Lineage:
        reason = Unresolved(opening, why)
        try:
            return datasets_only(tree, self._session, reason)
        except PARSER_FAILURES:
            return Lineage(unresolved=(reason,))

    def _traced(self, tree: exp.Expr, opening: str) -> Lineage:
        self._follow(tree)
        return merged([self._part(part, opening) for part in parted(tree)])

    def _part(self, tree: exp.Expr, opening: str) -> Lineage:
        flows = flows_of(tree) or changes_of(tree)
        if flows is not None:
            return merged([self._moved(flow) for flow in flows])
        if isinstance(tree, _MOVES_NOTHING) or (
            isinstance(tree, exp.Command) and tree.name.upper() in _HARMLESS_COMMANDS
        ):
            return NO_LINEAGE
        if isinstance(tree, exp.Alter):
            is_rename = tree.find(exp.AlterRename, exp.SwapTable) is not None
            return Lineage(unresolved=(Unresolved(opening, "renaming is not followed"),)) if is_rename else NO_LINEAGE
        return self._datasets_only(tree, opening, "this kind of statement is not followed to its columns")

    def _follow(self, tree: exp.Expr) -> None:
        """Let a statement change what names mean."""
        if isinstance(tree, exp.Use) and isinstance(tree.this, exp.Table):
            kind = tree.args.get("kind")
            self._session.use(kind.name.upper() if kind is not None else "", tree.this)
        if isinstance(tree, exp.Drop):
            for table in tree.find_all(exp.Table):
                self._session.drop(self._session.dataset(table))

    def _moved(self, flow: Flow) -> Lineage:
        target = self._target(flow)
        if flow.query is None:
            return self._filled(flow, target)
        written = _written_names(flow.query) if flow.target_path else ()
        settle_files(flow.query, self._session.database)
        relation = traced(flow.query, self._dialect, self._session.relation, self._deadline)
        if flow.is_change:
            relation = replace(relation, datasets={name: None for name in relation.datasets if name != target})
        if target is None:
            return Lineage(inputs=inputs_of(relation), unresolved=unresolved_of(relation, with_stars=False))
        outputs, why_not = self._named(flow, target, relation, written)
        if self._keeps(flow, target, replace(relation, outputs=outputs)):
            return Lineage(inputs=inputs_of(relation), unresolved=unresolved_of(relation, with_stars=False))
        lineage = mapping(target, outputs, relation, self._dialect, self._deadline)
        columns = self._session.columns(target)
        if columns is not None:
            lineage = replace(lineage, outputs=(Touched(target, _typed(columns, lineage.outputs[0])),))
        return replace(lineage, unresolved=(*lineage.unresolved, *why_not))

    def _target(self, flow: Flow) -> Dataset | None:
        if flow.target is not None:
            return self._session.dataset(flow.target)
        return self._session.path(flow.target_path) if flow.target_path else self._result

    def _filled(self, flow: Flow, target: Dataset | None) -> Lineage:
        """Answer a write without a query: a declared table, literal rows, loaded files."""
        fields = [
            Field(folded_name(column, self._dialect), _declared_type(column, self._dialect)) for column in flow.columns
        ]
        names = [field.name for field in fields]
        inputs = tuple(Touched(self._session.path(path)) for path in flow.source_paths)
        if target is None:
            return Lineage(inputs=inputs)
        if flow.is_temporary:
            self._session.define_temporary(target, Derived(tuple(Output(name, Ancestry()) for name in names)))
        elif flow.is_new and names:
            self._session.define(target, names)
        if self._session.is_temporary(target):
            return Lineage(inputs=inputs)
        return Lineage(inputs=inputs, outputs=(Touched(target, tuple(fields)),))

    def _keeps(self, flow: Flow, target: Dataset, relation: Derived) -> bool:
        """Remember what a target now is; return whether it is temporary, so that it shows in no lineage."""
        if flow.is_temporary:
            self._session.define_temporary(target, relation)
        elif self._session.is_temporary(target) and not flow.is_new:
            self._session.extend_temporary(target, relation)
        elif flow.is_new and relation.names is not None:
            self._session.define(target, relation.names)
        return self._session.is_temporary(target)

    def _named(
        self, flow: Flow, target: Dataset, relation: Derived, written: Sequence[str]
    ) -> tuple[tuple[Output, ...], tuple[Unresolved, ...]]:
        """Return the outputs under the target's names, or none where a `*` hides which goes where."""
        outputs = [
            output if output.name else replace(output, name=self._made_name(output)) for output in relation.outputs
        ]
        names: Sequence[str] = [folded_name(column, self._dialect) for column in flow.columns]
        if not names and not flow.is_new and flow.target is not None:
            names = self._session.columns(target) or ()
        if names and relation.passing:
            return (), (Unresolved(f"columns of {target.name}", "a * hides which source column goes into which"),)
        if not names and len(written) == len(outputs):
            names = written
        renamed = [replace(output, name=name or output.name) for output, name in zip(outputs, names, strict=False)]
        return (*renamed, *outputs[len(renamed) :]), ()

    def _made_name(self, output: Output) -> str:
        """Databases name an expression after its text, more or less."""
        return (text_of(output.made_by, self._dialect) if output.made_by is not None else "") or "expression"


def _dialect(name: str) -> tuple[Dialect, tuple[Unresolved, ...]]:
    try:
        return Dialect.get_or_raise(name), ()
    except ValueError:
        return Dialect(), (Unresolved(f"dialect {name}", "it is not known; the text was read as general SQL"),)


def _declared_type(column: exp.Expr, dialect: Dialect) -> str:
    declared = column.args.get("kind") if isinstance(column, exp.ColumnDef) else None
    return declared.sql(dialect=dialect) if isinstance(declared, exp.DataType) else ""


def _typed(columns: Sequence[str], touched: Touched) -> tuple[Field, ...]:
    """All columns of a dataset, not only those that one statement writes."""
    written = {field.name: field for field in touched.fields}
    return tuple(written.get(column, Field(column)) for column in columns)


def _written_names(query: exp.Expr) -> tuple[str, ...]:
    """Return a query's output names as they stand in the text: a file keeps their case."""
    return tuple(query.named_selects) if isinstance(query, exp.Query) else ()
