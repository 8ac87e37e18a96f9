"""UPDATE and DELETE as the queries that find their rows and values, and what RETURNING makes of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.merges import merged_query, merges_of
from riverhead_sql.statements.move import Move, put_before, with_ctes
from riverhead_sql.statements.values import Assignment, assignments, changed, mark_changed, selected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def parted(statement: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the writes in a statement's CTEs, each by itself, and then the statement, which reads what they return."""
    if any(isinstance(cte.this, _WRITES) for cte in statement.find_all(exp.CTE)):
        statement = statement.copy()
        # Innermost first, and those of one WITH in their order: each finds the ones before it replaced already.
        for cte in sorted(statement.find_all(exp.CTE), key=lambda cte: -cte.depth):
            if isinstance(cte.this, _WRITES):
                yield _taken_out(cte)
    yield statement


def changes_of(statement: exp.Expr) -> tuple[Move, ...] | None:
    """Return what a statement changes in rows that are there, or None for another kind."""
    match statement:
        case exp.Update():
            return tuple(_update(statement))
        case exp.Delete():
            return tuple(_delete(statement))
        case exp.Merge():
            return tuple(merges_of(statement))
    return None


def _update(update: exp.Update) -> Iterator[Move]:
    """One movement for each table that is written: MySQL's UPDATE of a join may write several."""
    main, relations = _target_and_relations(update.this, _from(update))
    main_names = {main.alias_or_name.lower(), main.name.lower(), update.this.alias_or_name.lower()}
    named = {table.alias_or_name.lower(): table for table in update.this.find_all(exp.Table)}
    by_target: dict[int, list[Assignment]] = {}
    targets: dict[int, exp.Expr] = {}
    for assignment in assignments(update.expressions):
        qualifier = assignment.column.args.get("table")
        target = named.get(qualifier.name.lower(), main) if qualifier is not None else main
        target = main if target is update.this else target
        targets[id(target)] = target
        by_target.setdefault(id(target), []).append(assignment)
    for key, target in (targets or {id(main): main}).items():
        written = by_target.get(key, [])
        mark_changed(target, stored_target(update, target))
        query = selected([each.value for each in written], relations, update.args.get("where"))
        names = tuple(_written_name(each.column, main_names | set(named)) for each in written)
        yield changed(update, stored_target(update, target), query, names)


def _written_name(column: exp.Column, tables: set[str]) -> exp.Expr:
    """`o.addr.city` is a field of a column: what stands behind the table's name is the column's."""
    parts = column.parts
    place = max((place for place, part in enumerate(parts[:-1]) if part.name.lower() in tables), default=-1)
    written = parts[place + 1 :]
    is_quoted = any(part.args.get("quoted") for part in written)
    return exp.to_identifier(".".join(part.name for part in written), quoted=is_quoted)


def _updated(update: exp.Update, values: Sequence[exp.Expr]) -> exp.Select:
    relations = _target_and_relations(update.this, _from(update))[1]
    return selected(values, relations, update.args.get("where"))


def _from(update: exp.Update) -> list[exp.Expr]:
    source = update.args.get("from_")
    return [source.this] if source is not None else []


def _delete(delete: exp.Delete) -> Iterator[Move]:
    targets, relations = _deleted_from(delete)
    _mark_all(targets, relations, delete)
    for target in targets:
        query = selected([], relations, delete.args.get("where"))
        yield changed(delete, stored_target(delete, target), query, ())


def _mark_all(targets: Sequence[exp.Expr], relations: Sequence[exp.Expr], delete: exp.Delete) -> None:
    """A target may stand once more among the relations that say which rows go."""
    names = {(target.alias_or_name.lower(), target.name.lower()) for target in targets}
    mark_changed(*(stored_target(delete, target) for target in targets))
    for relation in relations:
        for table in relation.find_all(exp.Table):
            if (table.alias_or_name.lower(), table.name.lower()) in names:
                mark_changed(table)


def _deleted(delete: exp.Delete, values: Sequence[exp.Expr]) -> exp.Select:
    return selected(values, _deleted_from(delete)[1], delete.args.get("where"))


def _deleted_from(delete: exp.Delete) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """Return the tables that lose rows, and those that say which rows."""
    named = list(delete.args.get("tables") or [])
    using = list(delete.args.get("using") or [])
    this = delete.this if isinstance(delete.this, exp.Expr) else None
    if this is not None and this.args.get("joins") and using:
        # DELETE FROM a, b USING a JOIN b
        named = [this, *(join.this for join in this.args["joins"])]
        this = None
    relations = [*([this] if this is not None else []), *using] or [named[0]]
    if not named:
        target, relations = _target_and_relations(relations[0], relations[1:])
        return [target], relations
    targets = [_target_and_relations(each, relations)[0] for each in named]
    return targets, relations


def stored_target(statement: exp.Expr, target: exp.Expr) -> exp.Expr:
    """A CTE that is changed is a view of the table that it reads: that is what changes."""
    ctes = statement.args.get("with_")
    by_name = {cte.alias.lower(): cte.this for cte in ctes.expressions} if ctes is not None else {}
    while isinstance(target, exp.Table) and not target.db and target.name.lower() in by_name:
        source = by_name.pop(target.name.lower()).args.get("from_")
        if source is None or not isinstance(source.this, exp.Table):
            break
        target = source.this
    return target


def _target_and_relations(named: exp.Expr, others: Sequence[exp.Expr]) -> tuple[exp.Expr, list[exp.Expr]]:
    """`UPDATE t … FROM dbo.orders AS t` changes dbo.orders: a name may be an alias that stands further on."""
    tables = [table for other in others for table in other.find_all(exp.Table)]
    name = named.name.lower()
    aliased = [table for table in tables if table.alias.lower() == name and table is not named]
    if aliased and isinstance(named, exp.Table) and not named.db:
        return aliased[0], list(others)
    parts = [part.name.lower() for part in named.parts] if isinstance(named, exp.Table) else []
    same = [table for table in tables if not table.alias and [part.name.lower() for part in table.parts] == parts]
    if same:
        return same[0], list(others)
    return named, [named, *(other for other in others if other is not named)]


def _taken_out(cte: exp.CTE) -> exp.Expr:
    """Put a query in the place of the write in a CTE; return the write, with the CTEs that stand before it."""
    write: exp.Expr = cte.this
    returning = write.args.get("returning")
    values = returning.expressions if returning is not None else [exp.Null()]
    cte.set("this", with_ctes(write, _returned(write, values)))
    siblings = cte.parent
    if isinstance(siblings, exp.With):
        put_before(write, siblings.expressions[: cte.index], siblings)
    return write


def _returned(write: exp.Expr, values: Sequence[exp.Expr]) -> exp.Select:
    """Return RETURNING as a query: it reads the target as the write left it, and whatever stands beside it."""
    match write:
        case exp.Update():
            return _updated(write, values)
        case exp.Delete():
            return _deleted(write, values)
        case exp.Merge():
            return merged_query(write, values, None)
    return selected(values, [write.this.this if isinstance(write.this, exp.Schema) else write.this], None)
