"""One movement of rows → its lineage, and what its target is from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_emitter.model import Field, Lineage, Touched, Unresolved
from riverhead_sql.query.edges import text_of
from riverhead_sql.query.preparing import prepared
from riverhead_sql.query.relations import NOTHING, Ancestry, Derived, Output
from riverhead_sql.query.scope import traced
from riverhead_sql.schemas import folded_name, keeps_case
from riverhead_sql.scripts.mappings import inputs_of, mapping, unresolved_of
from riverhead_sql.scripts.names import is_session_own
from riverhead_sql.statements.files import settle_files
from riverhead_sql.statements.move import unfold_pivot_statements, unfold_streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.dialects.dialect import Dialect

    from riverhead_emitter.model import Dataset
    from riverhead_sql.deadline import Deadline
    from riverhead_sql.reading.parsing import Statement
    from riverhead_sql.scripts.session import Session
    from riverhead_sql.statements.move import Move


class Mover:
    """Answers the movements of a script."""

    def __init__(
        self,
        session: Session,
        dialect: Dialect,
        result: Dataset | None,
        deadline: Deadline,
        statement: Statement | None = None,
    ) -> None:
        self._session = session
        self._dialect = dialect
        self._result = result
        self._deadline = deadline
        self._rows = statement.rows if statement is not None else ""
        self._variables = statement.variables if statement is not None else {}

    def reading(self, statement: Statement) -> Mover:
        """Return one that answers a statement, with the variables round it.

        It may have been read as another dialect; names are folded as its own database would.
        """
        result = None if statement.is_asked else self._result
        return Mover(self._session, self._dialect, result, self._deadline, statement)

    def lineage_of(self, move: Move) -> Lineage:
        """Return the lineage of a movement, and remember what its target now is."""
        target = self._target(move)
        return self._filled(move, target) if move.query is None else self._queried(move, move.query, target)

    def _queried(self, move: Move, query: exp.Expr, target: Dataset | None) -> Lineage:
        written = _written_names(query, self._dialect) if move.target_path else ()
        settle_files(query, self._session.names.database)
        unfold_pivot_statements(query)
        unfold_streams(query)
        ready = prepared(query, self._dialect, self._deadline)
        # The files of a settled query are its own tables; a target's columns say which value goes where.
        self._session.learn(
            ready.find_all(exp.Table), *([target] if target is not None and move.target is None else [])
        )
        if move.target is not None and target is not None:
            self._session.learn([self._session.names.folded(move.target)])
        relation = traced(ready, self._dialect, self._session.relation, self._deadline, self._variable)
        if self._rows:
            self._session.rows[self._rows] = relation
        if target is None:
            return Lineage(inputs=inputs_of(relation), unresolved=unresolved_of(relation, with_stars=False))
        outputs, why_not = self._named(move, target, relation, written)
        if self._keeps(move, target, replace(relation, outputs=outputs)):
            return Lineage(inputs=inputs_of(relation), unresolved=unresolved_of(relation, with_stars=False))
        lineage = mapping(
            target,
            outputs,
            relation,
            self._dialect,
            self._deadline,
            is_star_known=not why_not,
        )
        fields = self._fields(target, lineage.outputs[0])
        touched = Touched(target, fields, facets=_lifecycle(move))
        return replace(lineage, outputs=(touched,), unresolved=(*lineage.unresolved, *why_not))

    def _variable(self, name: str) -> Derived | None:
        rows = self._variables.get(name)
        return self._session.rows.get(rows, NOTHING) if rows is not None else None

    def _target(self, move: Move) -> Dataset | None:
        if move.target is not None:
            return self._session.dataset(move.target)
        return self._session.path(move.target_path) if move.target_path else self._result

    def _filled(self, move: Move, target: Dataset | None) -> Lineage:
        """Answer a write without a query: a declared table, literal rows, loaded files."""
        fields = [
            Field(folded_name(column, self._dialect), _declared_type(column, self._dialect)) for column in move.columns
        ]
        names = [field.name for field in fields]
        read = [self._session.path(path) for path in move.source_paths]
        if move.alike is not None:
            self._session.learn([self._session.names.folded(move.alike)])
            read.append(self._session.dataset(move.alike))
            names = names or list(self._session.columns(read[-1]) or ())
        inputs = tuple(Touched(dataset) for dataset in read)
        if target is None:
            return Lineage(inputs=inputs)
        if self._is_temporary(move):
            self._session.define_temporary(target, Derived(tuple(Output(name, Ancestry()) for name in names)))
        elif move.is_new and names:
            self._session.define(target, names)
        if self._session.is_temporary(target):
            return Lineage(inputs=inputs)
        return Lineage(inputs=inputs, outputs=(Touched(target, tuple(fields), facets=_lifecycle(move)),))

    def _keeps(self, move: Move, target: Dataset, relation: Derived) -> bool:
        """Remember what a target now is; return whether it is temporary, so that it shows in no lineage."""
        if self._session.is_temporary(target) and not move.is_new:
            self._session.extend_temporary(target, relation)
        elif self._is_temporary(move):
            self._session.define_temporary(target, relation)
        elif move.is_new and relation.names is not None:
            self._session.define(target, relation.names)
        return self._session.is_temporary(target)

    def _is_temporary(self, move: Move) -> bool:
        if move.target is None:
            return False
        return move.is_temporary or is_session_own(self._session.names.parts(move.target))

    def _named(
        self, move: Move, target: Dataset, relation: Derived, written: Sequence[str]
    ) -> tuple[tuple[Output, ...], tuple[Unresolved, ...]]:
        """Return the outputs under the target's names, or none where a `*` hides which goes where."""
        outputs = [
            output if output.name else replace(output, name=self._made_name(output)) for output in relation.outputs
        ]
        names: Sequence[str] = [folded_name(column, self._dialect) for column in move.columns]
        if not names and not move.is_new and move.target is not None:
            names = self._session.columns(target) or ()
        if names and relation.passing:
            return (), (Unresolved(f"columns of {target.name}", "a * hides which source column goes into which"),)
        if not names and len(written) == len(outputs):
            names = written
        renamed = [replace(output, name=name or output.name) for output, name in zip(outputs, names, strict=False)]
        return (*renamed, *outputs[len(renamed) :]), ()

    def _fields(self, target: Dataset, touched: Touched) -> tuple[Field, ...]:
        """All columns of a dataset, not only those that one statement writes."""
        written = {field.name: field for field in touched.fields}
        columns = self._session.columns(target)
        return touched.fields if columns is None else tuple(written.get(name, Field(name)) for name in columns)

    def _made_name(self, output: Output) -> str:
        """Databases name an expression after its text, more or less."""
        return (text_of(output.made_by, self._dialect) if output.made_by is not None else "") or "expression"


def _lifecycle(move: Move) -> dict[str, object]:
    return {"lifecycleStateChange": lifecycle_state_change(move.lifecycle)} if move.lifecycle else {}


def _declared_type(column: exp.Expr, dialect: Dialect) -> str:
    declared = column.args.get("kind") if isinstance(column, exp.ColumnDef) else None
    return declared.sql(dialect=dialect) if isinstance(declared, exp.DataType) else ""


def _written_names(query: exp.Expr, dialect: Dialect) -> tuple[str, ...]:
    """Return a query's output names as they stand in the text: a file keeps their case, where the dialect does."""
    if not isinstance(query, exp.Query) or query.is_star or not keeps_case(dialect):
        return ()
    return tuple(query.named_selects)
