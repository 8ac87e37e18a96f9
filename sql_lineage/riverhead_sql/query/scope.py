"""The walk over a query: every scope once, its children before itself.

sqlglot's `qualify` folds names and gives each relation its alias; columns are resolved here. Its own column pass gives
up on a whole statement where one name is doubtful (`x + 1 AS y … WHERE y > 1` without a schema) and takes seconds on
long conditions; this walk names the doubtful column and keeps the rest.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.scope import Scope, build_scope

from riverhead_emitter.model import Derivation
from riverhead_sql.query.clauses import conditions, orderings
from riverhead_sql.query.functions import is_function
from riverhead_sql.query.habits import habits_of
from riverhead_sql.query.named_values import named_values
from riverhead_sql.query.outputs import renamed, star_outputs, under_names, united
from riverhead_sql.query.pivots import pivoted
from riverhead_sql.query.relations import NOTHING, Derived, Output, Passing, nothing_behind
from riverhead_sql.query.rows import Rows
from riverhead_sql.query.unfolding import Unfolding, unfolded_column
from riverhead_sql.query.views import Aliases, View, shared_columns
from riverhead_sql.schemas import folded_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot.dialects.dialect import Dialect

    from riverhead_sql.deadline import Deadline
    from riverhead_sql.query.relations import Relation

_HIERARCHY = frozenset({"level", "connect_by_isleaf", "connect_by_iscycle", "connect_by_root"})


def traced(
    query: exp.Expr,
    dialect: Dialect,
    stored: Callable[[exp.Table], Relation],
    deadline: Deadline,
    variable: Callable[[str], Derived | None] = nothing_behind,
) -> Derived:
    """Return what a prepared query's outputs came from and what decided about its rows.

    `stored` gives a table's meaning; `variable` the rows behind a name that looks like a column and is none.
    """
    root = build_scope(query)
    if root is None:
        raise OptimizeError("there is no query in it")
    return Walk(root, dialect, stored, deadline, variable).result()


class Walk:
    """One query's scopes, each answered once and remembered."""

    def __init__(
        self,
        root: Scope,
        dialect: Dialect,
        stored: Callable[[exp.Table], Relation],
        deadline: Deadline,
        variable: Callable[[str], Derived | None],
    ) -> None:
        self._variable = variable
        self._root = root
        self._stored = stored
        self._dialect = dialect
        self._deadline = deadline
        self._habits = habits_of(dialect)
        self._unfolding = Unfolding(dialect, stored, self._subquery)
        self._scopes = list(root.traverse())
        # A recursive CTE's inner reference is a scope of its own; it means the first query of its union.
        self._by_query = {id(scope.expression): scope for scope in self._scopes}
        self._relations: dict[int, Derived] = {}
        self._views: dict[int, View] = {}

    def result(self) -> Derived:
        """Return the outermost query's relation."""
        for scope in self._scopes:
            self._deadline.check()
            self._relation(scope)
        return self._relation(self._root)

    def _relation(self, scope: Scope) -> Derived:
        scope = self._by_query.get(id(scope.expression), scope)
        known = self._relations.get(id(scope))
        if known is not None:
            return known
        self._relations[id(scope)] = NOTHING  # what refers to itself adds nothing to itself
        expression = scope.expression
        if isinstance(expression, exp.Select):
            relation = self._selected(scope, expression)
        elif isinstance(expression, exp.SetOperation):
            relation = self._set_operation(scope, expression)
        else:
            relation = self._function(scope)
        # What a function makes goes by the names that its alias lists already.
        self._relations[id(scope)] = relation if scope.is_udtf else renamed(relation, scope.outer_columns)
        return self._relations[id(scope)]

    def _view(self, scope: Scope) -> View:
        view = self._views.get(id(scope))
        if view is None:
            # What a function in a FROM does not find among its siblings is looked for round the query it stands in.
            around = scope.parent if scope.is_udtf else scope
            parent = around.parent if around is not None and around.can_be_correlated else None
            # Looked up late: a LATERAL is itself one of the relations that the query around it sees.
            outer = partial(self._view, parent) if parent is not None else None
            local = self._local(scope, outer)
            hidden = (
                frozenset(scope.semi_or_anti_join_tables) if isinstance(scope.expression, exp.Select) else frozenset()
            )
            view = View(local, outer, shared_columns(scope.expression, local), habits=self._habits, hidden=hidden)
            # A query in a FROM may ask for the view round it while that is still being made: it is not whole yet.
            if not any(self._is_open(source) for source in scope.sources.values()):
                self._views[id(scope)] = view
        return view

    def _is_open(self, source: exp.Table | Scope) -> bool:
        if not isinstance(source, Scope):
            return False
        known = self._by_query.get(id(source.expression), source)
        return self._relations.get(id(known)) is NOTHING

    def _local(self, scope: Scope, outer: Callable[[], View] | None) -> dict[str, Relation]:
        if scope.is_udtf:
            return {name: self._source(source) for name, source in scope.lateral_sources.items()}
        local: dict[str, Relation] = {}
        for name, node in scope.references:
            source = scope.sources.get(name)
            if source is None:
                continue
            unfolded = self._unfolded(scope, source, local, outer)
            if unfolded is not None:
                local[name] = unfolded
                continue
            pivots = node.args.get("pivots")
            if not pivots:
                listed = node.alias_column_names if isinstance(source, exp.Table) else []
                local[name] = under_names(self._source(source), listed)
                continue
            # What is turned may be a CTE, which sqlglot's scope takes for a table then.
            turned = node.name if isinstance(source, exp.Table) and not source.db else ""
            relation = self._source(scope.cte_sources.get(turned, source))
            local[pivots[-1].alias or name] = pivoted(relation, pivots, self._folded)
        return local

    def _unfolded(
        self, scope: Scope, source: exp.Table | Scope, before: dict[str, Relation], outer: Callable[[], View] | None
    ) -> Derived | None:
        """Return what a function in a table's place makes, or a column there; it sees the relations before it."""
        if not isinstance(source, exp.Table):
            return None
        if is_function(source):
            return self._unfolding.function(source, View(dict(before), outer, habits=self._habits))
        if source.db and self._habits.unfolds_columns:
            return unfolded_column(source, scope, View(dict(before), outer, habits=self._habits))
        return None

    def _source(self, source: exp.Table | Scope) -> Relation:
        return self._relation(source) if isinstance(source, Scope) else self._stored(source)

    def _behind(self, select: exp.Select, name: str) -> Derived | None:
        """Return the rows behind a name that looks like a column and is none."""
        is_own = name in self._habits.own_names or (name in _HIERARCHY and select.args.get("connect") is not None)
        return NOTHING if is_own else self._variable(name)

    def _folded(self, name: exp.Expr) -> str:
        return folded_name(name, self._dialect)

    def _selected(self, scope: Scope, select: exp.Select) -> Derived:
        view = self._view(scope)
        rows = Rows(view, self._subquery, partial(self._behind, select))
        rows.read_view()
        for output in named_values(select, rows):
            view.aliases[output.name] = output
        outputs, passing = self._projected(select, view, rows)
        for condition in conditions(select, reads_aliases_early=self._habits.reads_aliases_early):
            rows.decide(condition, outputs)
        return rows.derived(outputs, passing)

    def _projected(self, select: exp.Select, view: View, rows: Rows) -> tuple[list[Output], list[Passing]]:
        """Return a query's outputs, and what its stars let through; the names of its outputs become aliases."""
        early = Aliases.THEN if self._habits.reads_aliases_early else Aliases.LAST
        early = Aliases.FIRST if isinstance(select.args.get("match"), exp.MatchRecognize) else early
        windows = {window.name: window for window in select.args.get("windows") or []}
        outputs: list[Output] = []
        passing: list[Passing] = []
        for projection in select.expressions:
            if projection.is_star or isinstance(projection.unalias(), exp.Columns):
                known, unnamed = star_outputs(projection, view, lambda node: rows.output(node, early, windows))
                outputs += known
                passing += unnamed
                continue
            output = rows.output(projection, early, windows)
            if isinstance(projection, exp.Aliases):
                # explode(m) AS (key, value): one expression, several columns.
                outputs += [replace(output, name=name.name) for name in projection.aliases]
                continue
            outputs.append(output)
            # In `UPPER(a) AS a` the source has an `a`, and it goes before the alias.
            if not any(column.name == output.name for column in projection.find_all(exp.Column)):
                view.aliases.setdefault(output.name, output)
        return outputs, passing

    def _set_operation(self, scope: Scope, query: exp.SetOperation) -> Derived:
        left, right = (self._relation(side) for side in scope.set_operation_scopes)
        is_by_name = bool(query.args.get("by_name"))
        outputs, passing = united(left, right, is_by_name=is_by_name)
        view = View({}, aliases={output.name: output for output in outputs})
        rows = Rows(view, self._subquery)
        rows.read(left)
        rows.read(right)
        if not isinstance(query, exp.Union):
            # EXCEPT and INTERSECT return the left side's values; the right side only decides which.
            rows.decide_by(right.outputs, Derivation.FILTER, query.expression)
            outputs, passing = list(left.outputs), list(left.passing)
        for condition in orderings(query):
            rows.decide(condition, outputs)
        return rows.derived(outputs, passing)

    def _function(self, scope: Scope) -> Derived:
        """Answer LATERAL, UNNEST, VALUES."""
        expression = scope.expression
        if isinstance(expression, exp.Lateral) and isinstance(expression.this, exp.Subquery):
            inner = expression.this.unnest()
            if isinstance(inner, exp.Values):
                return self._unfolding.rows(inner, expression.alias_column_names, self._view(scope))
            return self._subquery(inner) if isinstance(inner, exp.Query) else NOTHING
        return self._unfolding.function(expression, self._view(scope))

    def _subquery(self, query: exp.Query) -> Derived:
        scope = self._by_query.get(id(query))
        return self._relation(scope) if scope is not None else NOTHING
