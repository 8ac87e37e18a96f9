"""A query's outputs where they are not plain expressions: stars, unions, renamed columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.query.relations import Ancestry, Derived, Opaque, Output, Passing, Stored, United

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riverhead_sql.query.relations import Relation
    from riverhead_sql.query.views import View


def star_outputs(
    projection: exp.Expr, view: View, output_of: Callable[[exp.Expr], Output]
) -> tuple[list[Output], list[Passing]]:
    """Return the outputs that a `*` or `t.*` stands for, and the relations whose columns it lets through unnamed.

    `output_of` reads the expressions of REPLACE.
    """
    if not isinstance(projection, (exp.Star, exp.Column)):
        # `(address).*`, the fields of a structure; DuckDB's COLUMNS('…'), whatever fits a pattern.
        return [], [Passing(Opaque(projection.sql()))]
    star = projection.this if isinstance(projection, exp.Column) else projection
    excluded = {node.name for node in star.args.get("except_") or []}
    renamed = {node.this.name: node.alias for node in star.args.get("rename") or [] if isinstance(node, exp.Alias)}
    replaced = {node.alias: output_of(node) for node in star.args.get("replace") or [] if isinstance(node, exp.Alias)}
    outputs: list[Output] = []
    passing: list[Passing] = []
    for relation in _starred(projection, view):
        if relation.names is None:
            passing.append(Passing(relation, frozenset({*excluded, *replaced, *renamed})))
        for name in _known_names(relation):
            is_merged = name in view.shared and not (isinstance(projection, exp.Column) and projection.table)
            output = view.shown(name) if is_merged else relation.column(name)
            is_repeated = is_merged and any(before.name == name for before in outputs)
            if output is not None and name not in excluded and not is_repeated:
                outputs.append(replace(replaced.pop(name, output), name=renamed.get(name, name)))
    return outputs + list(replaced.values()), passing


_NAMELESS = (Passing(Opaque()), Passing(Opaque()))


def united(left: Derived, right: Derived, *, is_by_name: bool) -> tuple[list[Output], list[Passing]]:
    """Return the outputs of a union: both sides' sources, column by column."""
    if left.passing or right.passing:
        return [], [Passing(United((left, right)))]
    partners = (
        [right.by_name.get(output.name) for output in left.outputs]
        if is_by_name
        else [*right.outputs, *([None] * len(left.outputs))]
    )
    outputs = [_both(output, partner) for output, partner in zip(left.outputs, partners, strict=False)]
    if is_by_name:
        outputs += [output for output in right.outputs if output.name not in left.by_name]
    return outputs, []


def renamed(relation: Derived, names: Sequence[str]) -> Derived:
    """Return the relation under the column names that its alias lists."""
    if not names:
        return relation
    if relation.passing:
        # Which column is under which of the listed names cannot be said.
        return replace(relation, outputs=(), passing=(*relation.passing, *_NAMELESS))
    named = [replace(output, name=name) for output, name in zip(relation.outputs, names, strict=False)]
    return replace(relation, outputs=(*named, *relation.outputs[len(named) :]))


def under_names(relation: Relation, names: Sequence[str]) -> Relation:
    """Return a stored relation under the column names that its alias lists: FROM t AS v (x, y)."""
    if not names or not isinstance(relation, Stored) or relation.names is None:
        return relation
    outputs = tuple(relation.column(name) for name in relation.names)
    read = dict.fromkeys(relation.datasets) if relation.is_read else {}
    return renamed(Derived(outputs, datasets=read), names)


def _both(left: Output, right: Output | None) -> Output:
    if right is None:
        return left
    ancestry = Ancestry()
    ancestry.absorb(left.ancestry)
    ancestry.absorb(right.ancestry)
    return replace(left, ancestry=ancestry)


def _starred(projection: exp.Expr, view: View) -> Iterator[Relation]:
    if isinstance(projection, exp.Column) and projection.table:
        yield view.relation(projection.table) or view.called(projection.table) or Opaque(f"{projection.table}.*")
        return
    yield from (relation for name, relation in view.local.items() if name not in view.hidden)


def _known_names(relation: Relation) -> tuple[str, ...]:
    if isinstance(relation, Derived):
        return tuple(output.name for output in relation.outputs)
    return relation.names or ()
