"""What names mean inside one query: its relations, their shared columns, its own aliases, the query around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Derivation
from riverhead_sql.relations import Ancestry, Output, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riverhead_sql.relations import Relation


class Aliases(Enum):
    """When a name may be one that the query itself gives to an output."""

    FIRST = "before any source"
    THEN = "before a source that is not known to have it"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Shared:
    """A column that USING or NATURAL merges: every side joins by it, and `shown` are those whose value is seen."""

    sides: tuple[str, ...]
    shown: tuple[str, ...]


@dataclass(slots=True)
class View:
    """The names of one query; aliases are filled in as its outputs become known."""

    local: Mapping[str, Relation]
    outer: Callable[[], View] | None = None
    shared: Mapping[str, Shared] = field(default_factory=dict)
    aliases: dict[str, Output] = field(default_factory=dict)

    def resolve(self, column: exp.Column, aliases: Aliases) -> Output | None:
        """Return what a column reference means, or None where it cannot be said for certain."""
        if column.table:
            return self._qualified(column)
        return self._unqualified(column, aliases)

    def relation(self, name: str) -> Relation | None:
        """Return the relation of this name, here or in a query around."""
        view: View | None = self
        while view is not None:
            if name in view.local:
                return view.local[name]
            view = view.outer() if view.outer is not None else None
        return None

    def shown(self, name: str) -> Output | None:
        """Return what is seen of a column that the joins merge."""
        shown = self.shared[name].shown
        outputs = [self.local[side].column(name) for side in shown]
        if len(outputs) == 1:
            return outputs[0]
        ancestry = Ancestry()
        for output in outputs:
            if output is None:
                return None
            ancestry.absorb(output.ancestry, Derivation.TRANSFORMATION)
        return Output(name, ancestry)

    def _qualified(self, column: exp.Column) -> Output | None:
        relation = self.relation(column.table)
        if relation is not None:
            return relation.column(_written(column, relation))
        # `address.city` where no relation is called `address`: a field of a column.
        holder = self._unqualified(exp.column(column.parts[0].copy()), Aliases.THEN)
        if holder is None:
            return None
        ancestry = Ancestry()
        ancestry.absorb(holder.ancestry, Derivation.TRANSFORMATION)
        return Output(column.name, ancestry, column)

    def _unqualified(self, column: exp.Column, aliases: Aliases) -> Output | None:
        name = column.name
        if aliases is Aliases.FIRST and name in self.aliases:
            return self.aliases[name]
        if name in self.shared:
            return self.shown(name)
        certain = [relation for relation in self.local.values() if relation.has(_written(column, relation))]
        if not certain and aliases is Aliases.THEN and name in self.aliases:
            return self.aliases[name]
        fitting = certain or [relation for relation in self.local.values() if relation.names is None]
        if not fitting and self.outer is not None:
            return self.outer().resolve(column, Aliases.NEVER)
        if len(fitting) != 1:
            return self.aliases.get(name) if not fitting and aliases is not Aliases.NEVER else None
        return fitting[0].column(_written(column, fitting[0]))


def shared_columns(select: exp.Expr, local: Mapping[str, Relation]) -> dict[str, Shared]:
    """Return the columns that the query's joins merge."""
    shared: dict[str, Shared] = {}
    joins = [join for join in select.args.get("joins") or [] if join.alias_or_name in local]
    right_names = {join.alias_or_name for join in joins}
    before = [name for name in local if name not in right_names]
    for join in joins:
        right = join.alias_or_name
        for name in _merged_names(join, before, local):
            left = shared[name].shown if name in shared else _left_sides(name, before, local)
            shown = {"RIGHT": (right,), "FULL": (*left, right)}.get(join.side.upper(), left)
            sides = (*(shared[name].sides if name in shared else left), right)
            shared[name] = Shared(sides, shown or (right,))
        before.append(right)
    return shared


def _merged_names(join: exp.Join, before: list[str], local: Mapping[str, Relation]) -> list[str]:
    using = [identifier.name for identifier in join.args.get("using") or []]
    if using or join.method.upper() != "NATURAL":
        return using
    right = local[join.alias_or_name].names or ()
    return [name for name in right if any(local[left].has(name) for left in before)]


def _left_sides(name: str, before: list[str], local: Mapping[str, Relation]) -> tuple[str, ...]:
    certain = [left for left in before if local[left].has(name)]
    fitting = certain or [left for left in before if local[left].names is None]
    return tuple(fitting) if len(fitting) == 1 else ()


def _written(column: exp.Column, relation: Relation) -> str:
    """No catalog folds the names in a file: they are what was written."""
    written = column.meta_get("dot_parts")
    return str(written[-1]) if written and isinstance(relation, Stored) and relation.is_file else column.name
