"""PIVOT and UNPIVOT: which column each of them makes from which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Derivation, Unresolved
from riverhead_sql.query.edges import uses
from riverhead_sql.query.outputs import renamed
from riverhead_sql.query.relations import Ancestry, Derived, Opaque, Output, Passing, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from riverhead_sql.query.relations import Relation

_UNKNOWN = Unresolved("PIVOT", "which columns it makes is only known when it runs")


def pivoted(relation: Relation, pivots: Sequence[exp.Expr], fold: Callable[[exp.Expr], str]) -> Derived:
    """Return a relation after its PIVOTs and UNPIVOTs; `fold` gives a name as the dialect compares it."""
    for pivot in pivots:
        relation = _Turning(relation, pivot, fold).result()
    return relation if isinstance(relation, Derived) else _as_read(relation)


@dataclass(frozen=True, slots=True)
class _Turning:
    """One PIVOT or UNPIVOT of a relation."""

    relation: Relation
    pivot: exp.Expr
    fold: Callable[[exp.Expr], str]

    def result(self) -> Derived:
        made, used = self._made()
        if not made:
            return replace(
                _as_read(self.relation), outputs=(), passing=(Passing(Opaque()),), unresolved={_UNKNOWN: None}
            )
        return self._under_listed_names(self._beside(made, used), len(made))

    def _made(self) -> tuple[list[Output], set[str]]:
        """Return the columns that are made, and the names of those that go into them; none if the text does not say."""
        fields = self.pivot.args.get("fields") or []
        if not fields or not self.pivot.expressions or any(field.find(exp.Query, exp.PivotAny) for field in fields):
            return [], set()
        return self._unpivoted(fields[0]) if self.pivot.args.get("unpivot") else self._pivoted(fields)

    def _under_listed_names(self, turned: Derived, made: int) -> Derived:
        """`AS p (id, jan, feb)` names the columns that stay, and then those that are made."""
        alias = self.pivot.args.get("alias")
        listed = [self.fold(column) for column in alias.args.get("columns") or []] if alias is not None else []
        if not turned.passing:
            return renamed(turned, listed)
        names = listed[-made:] if len(listed) >= made else []
        outputs = [replace(output, name=name) for output, name in zip(turned.outputs, names, strict=False)]
        return replace(turned, outputs=tuple(outputs) or turned.outputs)

    def _pivoted(self, fields: Sequence[exp.Expr]) -> tuple[list[Output], set[str]]:
        """Each value of the turned column becomes a column, once for each aggregate."""
        names = [self.fold(column) for column in self.pivot.args.get("columns") or []]
        aggregates = self.pivot.expressions
        turned = [column for field in fields if isinstance(field, exp.In) for column in _columns_of(field.this)]
        deciders = [self.fold(column) for column in turned]
        ancestries = [self._aggregated(aggregate, deciders) for aggregate in aggregates]
        used = {self.fold(column) for aggregate in aggregates for column in aggregate.find_all(exp.Column)}
        made = [
            Output(name, ancestries[place % len(ancestries)], aggregates[place % len(aggregates)])
            for place, name in enumerate(names)
        ]
        return made, used | set(deciders)

    def _aggregated(self, aggregate: exp.Expr, deciders: Iterable[str]) -> Ancestry:
        ancestry = Ancestry()
        for use in uses(aggregate):
            if isinstance(use.node, exp.Column):
                self._add(ancestry, self.fold(use.node), use.how, is_masked=use.is_masked)
        for name in deciders:
            self._add(ancestry, name, Derivation.CONDITIONAL)
        return ancestry

    def _unpivoted(self, field: exp.Expr) -> tuple[list[Output], set[str]]:
        """Several columns become rows of one, or of a few that are turned together."""
        holders = self.pivot.expressions[0]
        values = holders.expressions if isinstance(holders, exp.Tuple) else self.pivot.expressions
        ancestries = [Ancestry() for _ in values]
        used: set[str] = set()
        for choice in field.expressions if isinstance(field, exp.In) else []:
            for place, column in enumerate(_columns_of(choice)):
                name = self.fold(column)
                used.add(name)
                self._add(ancestries[place % len(ancestries)], name, Derivation.IDENTITY)
        label = field.this if isinstance(field, exp.In) else field
        made = [Output(self.fold(label), Ancestry())] if used else []
        made += [Output(self.fold(value), each) for value, each in zip(values, ancestries, strict=True) if used]
        return made, used

    def _add(self, ancestry: Ancestry, name: str, how: Derivation, *, is_masked: bool = False) -> None:
        output = self.relation.column(name)
        if output is not None:
            ancestry.absorb(output.ancestry, how, is_masked=is_masked)

    def _kept(self, used: set[str]) -> list[str] | None:
        names = self.relation.names
        return None if names is None else [name for name in names if name not in used]

    def _beside(self, made: Sequence[Output], used: set[str]) -> Derived:
        read = _as_read(self.relation)
        kept = self._kept(used)
        if kept is None:
            hidden = frozenset(used) | {output.name for output in made}
            return replace(read, outputs=tuple(made), passing=(Passing(self.relation, hidden),))
        known = [output for name in kept if (output := self.relation.column(name)) is not None]
        return replace(read, outputs=(*known, *made), passing=())


def _columns_of(choice: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(choice, (exp.PivotAlias, exp.Alias, exp.Paren)):
        yield from _columns_of(choice.this)
    elif isinstance(choice, exp.Tuple):
        yield from choice.expressions
    else:
        yield choice


def _as_read(relation: Relation) -> Derived:
    """Return what reading a relation brings along, without its columns."""
    if isinstance(relation, Derived):
        return relation
    return Derived(datasets=dict.fromkeys(relation.datasets) if isinstance(relation, Stored) else {})
