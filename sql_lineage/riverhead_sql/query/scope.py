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
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from riverhead_emitter.model import Derivation
from riverhead_sql.query.clauses import conditions, orderings
from riverhead_sql.query.functions import (
    Unfolded,
    arguments_of,
    function_of,
    is_function,
    is_known,
    is_made_up,
    name_of_function,
    names_made,
)  # fmt: skip
from riverhead_sql.query.outputs import renamed, star_outputs, under_names, united
from riverhead_sql.query.pivots import pivoted
from riverhead_sql.query.pruning import flatten_chains
from riverhead_sql.query.relations import NOTHING, Ancestry, Derived, Output, Passing
from riverhead_sql.query.rows import Rows
from riverhead_sql.query.views import Aliases, Habits, View, shared_columns
from riverhead_sql.reading.dialects import name_of
from riverhead_sql.schemas import folded_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlglot.dialects.dialect import Dialect

    from riverhead_sql.deadline import Deadline
    from riverhead_sql.query.relations import Relation

# Elsewhere an alias is not a name yet where the query still reads.
_READS_ALIASES_EARLY = frozenset({"duckdb", "snowflake", "redshift", "databricks", "spark", "clickhouse", "teradata"})
# Here `a.b` is the column b of a relation a, and nothing else.
_NO_FIELDS = frozenset({"oracle", "tsql", "fabric", "postgres", "mysql", "sqlite", "teradata", "exasol"})
_UNFOLDS_COLUMNS = frozenset({"bigquery", "redshift"})
_RECURSES_SILENTLY = frozenset({"", "oracle", "tsql", "fabric", "teradata", "snowflake"})
_OWN_NAMES = {
    "oracle": frozenset({"rownum", "sysdate", "systimestamp", "user", "uid"}),
    "teradata": frozenset({"date", "time", "user", "database"}),
    "hive": frozenset({"grouping__id"}),
    "spark": frozenset({"grouping__id"}),
    "tsql": frozenset({"$action"}),
}
_HIERARCHY = frozenset({"level", "connect_by_isleaf", "connect_by_iscycle", "connect_by_root"})


def prepared(query: exp.Expr, dialect: Dialect, deadline: Deadline) -> exp.Expr:
    """Return a query whose names are folded and whose relations all have one."""
    deadline.check()
    flatten_chains(query)
    _know_recursion(query, dialect)
    qualified = qualify(
        query,
        dialect=dialect,
        qualify_columns=False,
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    deadline.check()
    return qualified


def _is_called_round(scope: Scope, name: str) -> bool:
    """Return whether a relation of a query, or of one round it, has this name."""
    around: Scope | None = scope
    while around is not None:
        if any(called == name for called, _ in around.references):
            return True
        around = around.parent
    return False


def _know_recursion(query: exp.Expr, dialect: Dialect) -> None:
    """Where RECURSIVE is not written, a CTE refers to itself in a later part of its union."""
    if name_of(dialect) not in _RECURSES_SILENTLY:
        return
    for cte in query.find_all(exp.CTE):
        if isinstance(cte.this, exp.SetOperation) and isinstance(cte.parent, exp.With):
            later = cte.this.expression.find_all(exp.Table)
            if any(table.name.lower() == cte.alias.lower() and not table.db for table in later):
                cte.parent.set("recursive", True)


def traced(
    query: exp.Expr,
    dialect: Dialect,
    stored: Callable[[exp.Table], Relation],
    deadline: Deadline,
    variables: frozenset[str] = frozenset(),
) -> Derived:
    """Return what a prepared query's outputs came from and what decided about its rows.

    `stored` gives a table's meaning; `variables` are names that look like columns and are none.
    """
    root = build_scope(query)
    if root is None:
        raise OptimizeError("there is no query in it")
    return Walk(root, dialect, stored, deadline, variables).result()


class Walk:
    """One query's scopes, each answered once and remembered."""

    def __init__(
        self,
        root: Scope,
        dialect: Dialect,
        stored: Callable[[exp.Table], Relation],
        deadline: Deadline,
        variables: frozenset[str] = frozenset(),
    ) -> None:
        self._variables = variables
        self._root = root
        self._stored = stored
        self._dialect = dialect
        self._deadline = deadline
        self._dialect_name = name_of(dialect)
        self._habits = Habits(self._dialect_name not in _NO_FIELDS, self._dialect_name == "snowflake")
        self._reads_aliases_early = self._dialect_name in _READS_ALIASES_EARLY
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
            pivots = node.args.get("pivots")
            if isinstance(source, exp.Table) and is_function(source):
                local[name] = self._unfolded(source, View(dict(local), outer, habits=self._habits))
                continue
            unfolded = self._unfolded_column(scope, source, View(dict(local), outer, habits=self._habits))
            if unfolded is not None:
                local[name] = unfolded
                continue
            if not pivots:
                listed = node.alias_column_names if isinstance(source, exp.Table) else []
                local[name] = under_names(self._source(source), listed)
                continue
            # What is turned may be a CTE, which sqlglot's scope takes for a table then.
            turned = node.name if isinstance(source, exp.Table) and not source.db else ""
            relation = self._source(scope.cte_sources.get(turned, source))
            local[pivots[-1].alias or name] = pivoted(relation, pivots, self._folded)
        return local

    def _unfolded_column(self, scope: Scope, source: exp.Table | Scope, view: View) -> Derived | None:
        """BigQuery's FROM o.items, where o is a relation here or further out, is UNNEST (o.items)."""
        if not isinstance(source, exp.Table) or not source.db or self._dialect_name not in _UNFOLDS_COLUMNS:
            return None
        is_called = not source.catalog and _is_called_round(scope, source.db)
        holder = view.relation(source.db) if is_called else None
        column = holder.column(source.name) if holder is not None else None
        if column is None:
            return None
        made = _transformed(column.ancestry)
        return Derived((Output(source.alias_or_name, made, source),), (Passing(Unfolded(made)),))

    def _source(self, source: exp.Table | Scope) -> Relation:
        return self._relation(source) if isinstance(source, Scope) else self._stored(source)

    def _made_by_the_database(self, select: exp.Select) -> frozenset[str]:
        """Return the names that look like columns and come from no dataset."""
        names = self._variables | (_OWN_NAMES.get(self._dialect_name) or frozenset())
        return names | _HIERARCHY if select.args.get("connect") is not None else names

    def _folded(self, name: exp.Expr) -> str:
        return folded_name(name, self._dialect)

    def _selected(self, scope: Scope, select: exp.Select) -> Derived:
        view = self._view(scope)
        rows = Rows(view, self._subquery, self._made_by_the_database(select))
        rows.read_view()
        early = Aliases.THEN if self._reads_aliases_early else Aliases.LAST
        self._name_unfolded(select, view, rows)
        self._name_time_windows(select, view, rows)
        if isinstance(select.args.get("match"), exp.MatchRecognize):
            early = Aliases.FIRST
            for measure in select.args["match"].args.get("measures") or []:
                made = rows.output(measure.this, Aliases.NEVER, {})
                view.aliases[made.name] = made
        for scalar in self._scalars(scope):
            view.aliases[scalar.alias] = replace(rows.output(scalar.this, Aliases.LAST, {}), name=scalar.alias)
        windows = {window.name: window for window in select.args.get("windows") or []}
        outputs: list[Output] = []
        passing: list[Passing] = []
        for projection in select.expressions:
            if projection.is_star or isinstance(projection.unalias(), exp.Columns):
                known, unnamed = star_outputs(
                    projection, view, scope.semi_or_anti_join_tables, lambda node: rows.output(node, early, windows)
                )
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
        for condition in conditions(select, reads_aliases_early=self._reads_aliases_early):
            rows.decide(condition, outputs)
        return rows.derived(outputs, passing)

    @staticmethod
    def _name_time_windows(select: exp.Select, view: View, rows: Rows) -> None:
        """Spark's GROUP BY window (at, '1 hour') makes a column of that name."""
        group = select.args.get("group")
        for key in group.expressions if group is not None else ():
            if isinstance(key, exp.Anonymous) and key.name.lower() in {"window", "session_window"}:
                made = _transformed(rows.output(key, Aliases.NEVER, {}).ancestry)
                view.aliases[key.name.lower()] = Output(key.name.lower(), made, key)

    @staticmethod
    def _scalars(scope: Scope) -> list[exp.CTE]:
        """ClickHouse's WITH (SELECT max(day) FROM t) AS latest names a value."""
        ctes = scope.expression.args.get("with_")
        return [cte for cte in ctes.expressions if cte.args.get("scalar")] if ctes is not None else []

    @staticmethod
    def _name_unfolded(select: exp.Select, view: View, rows: Rows) -> None:
        """ClickHouse's ARRAY JOIN tags AS tag gives each element of a column a name."""
        for join in select.args.get("joins") or []:
            for unfolded in [join.this, *join.expressions] if join.kind == "ARRAY" else ():
                if isinstance(unfolded, exp.Alias):
                    made = _transformed(rows.output(unfolded, Aliases.NEVER, {}).ancestry)
                    view.aliases[unfolded.alias] = Output(unfolded.alias, made, unfolded.this)

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
        """Answer LATERAL, UNNEST, VALUES: every column comes from everything that goes in."""
        expression = scope.expression
        if isinstance(expression, exp.Lateral) and isinstance(expression.this, exp.Subquery):
            inner = expression.this.unnest()
            if isinstance(inner, exp.Values):
                return self._listed(inner, expression.alias_column_names, self._view(scope))
            return self._subquery(inner) if isinstance(inner, exp.Query) else NOTHING
        return self._unfolded(expression, self._view(scope))

    def _listed(self, values: exp.Values, names: Sequence[str], view: View) -> Derived:
        """CROSS APPLY (VALUES (o.a), (o.b)) v (x): a column comes from its place in every row."""
        rows = Rows(view, self._subquery)
        outputs = []
        for place, name in enumerate(names):
            made = Ancestry()
            for row in values.expressions:
                if isinstance(row, exp.Tuple) and place < len(row.expressions):
                    made.absorb(rows.output(row.expressions[place], Aliases.NEVER, {}).ancestry)
            outputs.append(Output(name, made))
        return rows.derived(outputs)

    def _unfolded(self, relation: exp.Expr, view: View) -> Derived:
        """Answer a function in a FROM: every column of it comes from everything that goes in."""
        rows = Rows(view, self._subquery)
        made = Ancestry()
        for argument in arguments_of(relation):
            if isinstance(argument, exp.Table):
                # TABLE t as an argument of a function.
                rows.read(self._stored(argument))
                continue
            made.absorb(rows.output(argument, Aliases.NEVER, {}).ancestry, Derivation.TRANSFORMATION)
        names = names_made(relation, lambda name: self._folded(exp.to_identifier(name)))
        outputs = [Output(name, made, relation) for name in names]
        if isinstance(relation, exp.Unnest) and len(relation.expressions) == len(names) > 1:
            # UNNEST (a, b) AS u (x, y): side by side.
            outputs = [
                Output(name, _transformed(rows.output(argument, Aliases.NEVER, {}).ancestry), relation)
                for name, argument in zip(names, relation.expressions, strict=True)
            ]
        offset = relation.args.get("offset")
        if isinstance(offset, exp.Identifier):
            outputs.append(Output(self._folded(offset), Ancestry()))
        function = function_of(relation)
        if isinstance(function, (exp.Func, exp.Dot)) and not is_known(function):
            rows.name_unresolved(f"function {name_of_function(function)}", "what a table function reads is not known")
        if names:
            # The fields of what BigQuery unnests are meant by their own names, where nothing else is read.
            is_open = isinstance(relation, exp.Unnest) and self._dialect_name == "bigquery" and not view.local
            return rows.derived(outputs, [Passing(Unfolded(made))] if is_open else [])
        is_called = bool(relation.alias_or_name) and not is_made_up(relation.alias_or_name)
        named = [Output(relation.alias_or_name, made, relation)] if is_called else []
        return rows.derived(named, [Passing(Unfolded(made))])

    def _subquery(self, query: exp.Query) -> Derived:
        scope = self._by_query.get(id(query))
        return self._relation(scope) if scope is not None else NOTHING


def _transformed(ancestry: Ancestry) -> Ancestry:
    """Return the sources of whatever is made of a value."""
    made = Ancestry()
    made.absorb(ancestry, Derivation.TRANSFORMATION)
    return made
