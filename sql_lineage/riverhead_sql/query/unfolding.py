"""What a FROM unfolds into rows: functions, literal rows, a column of what stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Derivation
from riverhead_sql.query.functions import (
    Unfolded,
    arguments_of,
    function_of,
    is_known,
    is_made_up,
    name_of_function,
    names_made,
)  # fmt: skip
from riverhead_sql.query.relations import Ancestry, Derived, Output, Passing
from riverhead_sql.query.rows import Rows
from riverhead_sql.query.views import Aliases
from riverhead_sql.schemas import folded_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlglot.dialects.dialect import Dialect
    from sqlglot.optimizer.scope import Scope

    from riverhead_sql.query.relations import Relation
    from riverhead_sql.query.views import View


@dataclass(frozen=True, slots=True)
class Unfolding:
    """Answers what the FROMs of one walk unfold; `view` is always what the place itself may name."""

    dialect: Dialect
    stored: Callable[[exp.Table], Relation]
    subquery: Callable[[exp.Query], Derived]

    def function(self, relation: exp.Expr, view: View) -> Derived:
        """Return a function's relation: every column of it comes from everything that goes in."""
        rows = Rows(view, self.subquery)
        made = self._taken_in(relation, rows)
        names = names_made(relation, lambda name: self._folded(exp.to_identifier(name)))
        outputs = self._columns(relation, names, made, rows)
        offset = relation.args.get("offset")
        if isinstance(offset, exp.Identifier):
            outputs.append(Output(self._folded(offset), Ancestry()))
        function = function_of(relation)
        if isinstance(function, (exp.Func, exp.Dot)) and not is_known(function):
            rows.name_unresolved(f"function {name_of_function(function)}", "what a table function reads is not known")
        if names:
            # The fields of what BigQuery unnests are meant by their own names, where nothing else is read.
            is_open = isinstance(relation, exp.Unnest) and view.habits.opens_structures and not view.local
            return rows.derived(outputs, [Passing(Unfolded(made))] if is_open else [])
        is_called = bool(relation.alias_or_name) and not is_made_up(relation.alias_or_name)
        named = [Output(relation.alias_or_name, made, relation)] if is_called else []
        return rows.derived(named, [Passing(Unfolded(made))])

    def rows(self, values: exp.Values, names: Sequence[str], view: View) -> Derived:
        """Return the relation of CROSS APPLY (VALUES (o.a), (o.b)) v (x): a column is from its place in every row."""
        rows = Rows(view, self.subquery)
        outputs = []
        for place, name in enumerate(names):
            made = Ancestry()
            for row in values.expressions:
                if isinstance(row, exp.Tuple) and place < len(row.expressions):
                    made.absorb(rows.output(row.expressions[place], Aliases.NEVER, {}).ancestry)
            outputs.append(Output(name, made))
        return rows.derived(outputs)

    def _taken_in(self, relation: exp.Expr, rows: Rows) -> Ancestry:
        made = Ancestry()
        for argument in arguments_of(relation):
            if isinstance(argument, exp.Table):
                # TABLE t as an argument of a function.
                rows.read(self.stored(argument))
            else:
                made.absorb(rows.output(argument, Aliases.NEVER, {}).ancestry, Derivation.TRANSFORMATION)
        return made

    @staticmethod
    def _columns(relation: exp.Expr, names: Sequence[str], made: Ancestry, rows: Rows) -> list[Output]:
        if isinstance(relation, exp.Unnest) and len(relation.expressions) == len(names) > 1:
            # UNNEST (a, b) AS u (x, y): side by side.
            return [
                Output(name, rows.output(argument, Aliases.NEVER, {}).ancestry.transformed(), relation)
                for name, argument in zip(names, relation.expressions, strict=True)
            ]
        return [Output(name, made, relation) for name in names]

    def _folded(self, name: exp.Expr) -> str:
        return folded_name(name, self.dialect)


def unfolded_column(source: exp.Table, scope: Scope, view: View) -> Derived | None:
    """Return the relation of BigQuery's FROM o.items, where o is one here or further out: UNNEST (o.items)."""
    is_called = not source.catalog and _is_called_round(scope, source.db)
    holder = view.relation(source.db) if is_called else None
    column = holder.column(source.name) if holder is not None else None
    if column is None:
        return None
    made = column.ancestry.transformed()
    return Derived((Output(source.alias_or_name, made, source),), (Passing(Unfolded(made)),))


def _is_called_round(scope: Scope, name: str) -> bool:
    """Return whether a relation of a query, or of one round it, has this name."""
    around: Scope | None = scope
    while around is not None:
        if any(called == name for called, _ in around.references):
            return True
        around = around.parent
    return False
