"""What one query gathers while it is read: its datasets, what decides about its rows, what could not be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Derivation, Unresolved
from riverhead_sql.query.clauses import position
from riverhead_sql.query.edges import column_and_path, uses
from riverhead_sql.query.relations import NOTHING, Ancestry, Derived, Output, Stored, nothing_behind
from riverhead_sql.reading.templates import has_gap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from riverhead_emitter.model import Column, Dataset
    from riverhead_sql.query.clauses import Condition
    from riverhead_sql.query.relations import Passing, Relation
    from riverhead_sql.query.views import Aliases, View

_NO_WINDOWS: Mapping[str, exp.Expr] = {}


class Rows:
    """The gathering of one query, open until `derived` closes it."""

    def __init__(
        self,
        view: View,
        subquery: Callable[[exp.Query], Derived],
        behind: Callable[[str], Derived | None] = nothing_behind,
    ) -> None:
        self._view = view
        self._behind = behind
        self._subquery = subquery
        self._deciding: dict[tuple[Column, Derivation], exp.Expr] = {}
        self._datasets: dict[Dataset, None] = {}
        self._unresolved: dict[Unresolved, None] = {}

    def read(self, relation: Relation) -> None:
        """Take over what a relation read, and what decided about its rows."""
        if isinstance(relation, Stored) and relation.is_read:
            self._datasets.update(dict.fromkeys(relation.datasets))
        elif isinstance(relation, Derived):
            self._datasets.update(relation.datasets)
            self._unresolved.update(relation.unresolved)
            for decided, text in relation.deciding.items():
                self._deciding.setdefault(decided, text)

    def read_view(self) -> None:
        """Take over every relation of the query's FROM, and the keys that USING merges."""
        for relation in self._view.local.values():
            self.read(relation)
        for name, shared in self._view.shared.items():
            for side in shared.sides:
                output = self._view.local[side].column(name)
                if output is not None:
                    self._decide(output.ancestry, Derivation.JOIN, exp.column(name))

    def output(self, projection: exp.Expr, aliases: Aliases, windows: Mapping[str, exp.Expr]) -> Output:
        """Return one output; a column that is only handed on keeps the expression that once made it."""
        inner = projection.unalias()
        column, path = column_and_path(inner)
        if column is not None and not isinstance(column.this, exp.Star):
            if has_gap(column.name):
                self.name_unresolved(f"column {column.name}", "it is a template that was not filled in")
            source = self._resolved(column, aliases, path)
            ancestry = source.ancestry if source is not None else Ancestry()
            fields = source.fields if source is not None else None
            return Output(projection.alias_or_name, ancestry, (source and source.made_by) or inner, fields)
        fields = self._fields(inner, aliases, windows) if isinstance(inner, exp.Struct) else None
        return Output(projection.output_name, self._ancestry(inner, aliases, windows), inner, fields)

    def _fields(self, struct: exp.Struct, aliases: Aliases, windows: Mapping[str, exp.Expr]) -> dict[str, Output]:
        named = {
            each.name: each.expression if isinstance(each, exp.PropertyEQ) else each
            for each in struct.expressions
            if isinstance(each, (exp.PropertyEQ, exp.Column))
        }
        return {name: self.output(value, aliases, windows) for name, value in named.items()}

    def decide(self, condition: Condition, outputs: Sequence[Output]) -> None:
        """Add a condition; a plain number in it means one of the outputs."""
        expression, how, aliases = condition
        index = position(expression)
        if index is None or how not in {Derivation.SORT, Derivation.GROUP_BY}:
            self._decide(self._ancestry(expression, aliases, _NO_WINDOWS), how, expression)
        elif 0 <= index < len(outputs):
            self._decide(outputs[index].ancestry, how, outputs[index].made_by or expression)

    def decide_by(self, outputs: Sequence[Output], how: Derivation, text: exp.Expr) -> None:
        """Add every source of some outputs as deciding."""
        for output in outputs:
            self._decide(output.ancestry, how, text)

    def name_unresolved(self, what: str, why: str) -> None:
        """Say that something could not be traced."""
        self._unresolved[Unresolved(what, why)] = None

    def derived(self, outputs: Sequence[Output], passing: Sequence[Passing] = ()) -> Derived:
        """Return the relation that these outputs and everything gathered make."""
        return Derived(tuple(outputs), tuple(passing), self._deciding, self._datasets, self._unresolved)

    def _decide(self, ancestry: Ancestry, how: Derivation, text: exp.Expr) -> None:
        for source in ancestry.columns():
            self._deciding.setdefault((source, how), text)

    def _ancestry(self, expression: exp.Expr, aliases: Aliases, windows: Mapping[str, exp.Expr]) -> Ancestry:
        ancestry = Ancestry()
        for use in uses(expression, windows):
            if isinstance(use.node, exp.Column):
                source = self._resolved(use.node, aliases, use.path)
                if source is not None:
                    ancestry.absorb(source.ancestry, use.how, is_masked=use.is_masked)
                continue
            relation = self._subquery(use.node)
            self.read(relation)
            for output in relation.outputs:
                ancestry.absorb(output.ancestry, use.how, is_masked=use.is_masked)
        return ancestry

    def _no_column(self, column: exp.Column) -> Derived | None:
        """Return the rows behind a sequence, a pseudo-column, a script's record: named like a column, no table's."""
        name = column.name.lower()
        if not column.table:
            is_column = self._behind(name) is None or any(each.has(column.name) for each in self._view.local.values())
            return None if is_column else NOTHING
        if self._view.relation(column.table) is not None:
            return None
        return NOTHING if name in {"nextval", "currval"} else self._behind(column.table.lower())

    def _resolved(self, column: exp.Column, aliases: Aliases, path: tuple[str, ...]) -> Output | None:
        if has_gap(column.name):
            return None
        rows = self._no_column(column)
        if rows is not None:
            self.read(rows)
            return rows.column(column.name)
        is_named = bool(column.name) or isinstance(column.this, exp.Parameter)
        output = self._view.resolve(column, aliases, path) if is_named else None
        if output is None:
            place = f"${column.this.name}" if isinstance(column.this, exp.Parameter) else ""
            name = place or ".".join(part.name for part in column.parts)
            self.name_unresolved(f"column {name}", self._view.why_not(column))
        return output
