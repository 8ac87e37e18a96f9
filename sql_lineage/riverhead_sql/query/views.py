"""What names mean inside one query: its relations, their shared columns, its own aliases, the query around it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Derivation
from riverhead_sql.query.habits import GENERAL, Habits
from riverhead_sql.query.relations import Ancestry, Output, Stored, combined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from riverhead_sql.query.relations import Relation


class Aliases(Enum):
    """When a name may be one that the query itself gives to an output."""

    FIRST = "before any source"
    THEN = "before a source that is not known to have it"
    LAST = "where no source can have it"
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
    habits: Habits = GENERAL
    hidden: frozenset[str] = frozenset()
    """Relations of semi and anti joins: only the condition of a join sees their columns."""

    def resolve(self, column: exp.Column, aliases: Aliases, path: tuple[str, ...] = ()) -> Output | None:
        """Return what a column reference means, or None where it cannot be said for certain.

        `path` are the fields of it that the expression goes on to name.
        """
        if not column.table:
            return _field(self._unqualified(column, aliases), path)
        return self._qualified(column, path)

    def why_not(self, column: exp.Column) -> str:
        """Return why a column reference cannot be resolved."""
        if column.table:
            return "there is no relation of this name here, or it has no such column"
        if sum(relation.has(column.name) for relation in self.local.values()) > 1:
            return "more than one relation has it"
        if any(relation.names is None for relation in self.local.values()):
            return "which relation it belongs to cannot be said without a schema"
        return "no relation here has it"

    def relation(self, name: str) -> Relation | None:
        """Return the relation of this name, here or in a query around."""
        view: View | None = self
        while view is not None:
            if name in view.local:
                return view.local[name]
            view = view.outer() if view.outer is not None else None
        return None

    def called(self, *names: str) -> Relation | None:
        """Return the one stored relation of this name, though it is known by an alias here."""
        called = [each for each in self.local.values() if _is_called(each, names)]
        return called[0] if len(called) == 1 else None

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

    def _qualified(self, column: exp.Column, path: tuple[str, ...]) -> Output | None:
        """`o.id`, `mart.orders.id`, `o.address.city`, `address.city`: relations go before columns."""
        parts = column.parts
        relation = self.relation(column.table)
        if relation is not None and isinstance(column.this, exp.Parameter):
            return _at_position(relation, column.this.name)
        is_short = column.args.get("db") is None
        if relation is not None and (is_short or _is_called(relation, [part.name for part in parts[:-1]])):
            return _field(relation.column(_written(column, relation)), path)
        names = tuple(part.name for part in parts)
        relation = self.relation(names[0])
        if relation is not None:
            return _field(relation.column(names[1]), names[2:] + path)
        called = self.called(*names[:-1])
        if called is not None:
            return _field(called.column(_written(column, called)), path)
        if not self.habits.reads_fields and not any(each.has(names[0]) for each in self.local.values()):
            return None
        return _field(self._unqualified(exp.column(parts[0].copy()), Aliases.THEN), names[1:] + path)

    def _unqualified(self, column: exp.Column, aliases: Aliases) -> Output | None:
        if isinstance(column.this, exp.Parameter):
            return self._numbered(column.this.name)
        name = column.name
        if aliases is Aliases.FIRST and name in self.aliases:
            return self.aliases[name]
        if name in self.shared:
            return self.shown(name)
        visible = self._visible(column)
        certain = [relation for relation in visible if relation.has(_written(column, relation))]
        if not certain and aliases is Aliases.THEN and name in self.aliases:
            return self.aliases[name]
        fitting = certain or self._may_have(name, visible)
        if fitting:
            return fitting[0].column(_written(column, fitting[0])) if len(fitting) == 1 else None
        return self._elsewhere(column, aliases)

    def _visible(self, column: exp.Column) -> list[Relation]:
        if not self.hidden or isinstance(column.find_ancestor(exp.Join, exp.Query), exp.Join):
            return list(self.local.values())
        return [relation for name, relation in self.local.items() if name not in self.hidden]

    def _may_have(self, name: str, visible: Sequence[Relation]) -> list[Relation]:
        """Return the relations whose columns are not known; none where the name is a relation's own."""
        if self._row(name) is not None:
            return []
        return [relation for relation in visible if relation.names is None]

    def _elsewhere(self, column: exp.Column, aliases: Aliases) -> Output | None:
        """Return what a name means that no relation here can have: a row, an alias, something further out."""
        row = self._row(column.name)
        if row is not None:
            return row
        if aliases is not Aliases.NEVER and column.name in self.aliases:
            return self.aliases[column.name]
        return self.outer().resolve(column, Aliases.NEVER) if self.outer is not None else None

    def _numbered(self, digits: str) -> Output | None:
        if not self.habits.counts_columns:
            return Output(digits, Ancestry())
        relations = list(self.local.values())
        return _at_position(relations[0], digits) if len(relations) == 1 else None

    def _row(self, name: str) -> Output | None:
        """A relation's own name, where a column could stand, means its whole row."""
        relation = self.local.get(name)
        if relation is None or relation.names is None:
            return None
        ancestry = Ancestry()
        for each in relation.names:
            output = relation.column(each)
            if output is not None:
                ancestry.absorb(output.ancestry, Derivation.TRANSFORMATION)
        return Output(name, ancestry)


def shared_columns(select: exp.Expr, local: Mapping[str, Relation]) -> dict[str, Shared]:
    """Return the columns that the query's joins merge."""
    shared: dict[str, Shared] = {}
    joins = [join for join in _joins_of(select) if join.alias_or_name in local]
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


def _joins_of(select: exp.Expr) -> Iterator[exp.Join]:
    """Yield the joins of a query, those inside parentheses and of a FROM that stands first as well."""
    source = select.args.get("from_")
    nested = source.this if source is not None else None
    while isinstance(nested, (exp.Paren, exp.Subquery)) and isinstance(nested.this, exp.Table):
        nested = nested.this
    if isinstance(nested, exp.Table):
        yield from nested.args.get("joins") or []
    yield from select.args.get("joins") or []


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


def _field(holder: Output | None, path: tuple[str, ...]) -> Output | None:
    """Return a field of a structure; of a stored column it has a name of its own."""
    if holder is None or not path:
        return holder
    if holder.fields is not None and path[0] in holder.fields:
        return _field(holder.fields[path[0]], path[1:])
    ancestry = Ancestry()
    for source, (how, is_masked) in holder.ancestry.values.items():
        is_stored = how is Derivation.IDENTITY and not is_masked
        named = replace(source, name=".".join((source.name, *path))) if is_stored else source
        ancestry.add(named, how if is_stored else combined(how, Derivation.TRANSFORMATION), is_masked=is_masked)
    for source, how in holder.ancestry.deciders:
        ancestry.add(source, how)
    return Output(path[-1], ancestry)


def _is_called(relation: Relation, names: Sequence[str]) -> bool:
    """Return whether a stored table has this name, however much of it is written."""
    if not isinstance(relation, Stored):
        return False
    name = ".".join(names).lower()
    return any((known := dataset.name.lower()) == name or known.endswith(f".{name}") for dataset in relation.datasets)


def _at_position(relation: Relation, digits: str) -> Output | None:
    """Snowflake's t.$2 is the second column; of a file there are no other names."""
    place = int(digits) - 1 if digits.isdigit() else -1
    if relation.names is not None:
        return relation.column(relation.names[place]) if 0 <= place < len(relation.names) else None
    return relation.column(f"${digits}") if isinstance(relation, Stored) and relation.is_file else None
