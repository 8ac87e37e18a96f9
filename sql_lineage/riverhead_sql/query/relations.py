"""What a name in a FROM can mean, and what each of its columns came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from riverhead_emitter.model import Column, Derivation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp

    from riverhead_emitter.model import Dataset, Unresolved
    from riverhead_sql.query.columns import KnownColumns

_STRENGTH = {Derivation.IDENTITY: 0, Derivation.TRANSFORMATION: 1, Derivation.AGGREGATION: 2}


def combined(outer: Derivation, inner: Derivation) -> Derivation:
    """Return the kind of a column used as `outer` that was itself made as `inner`."""
    if not outer.is_direct:
        return outer
    if not inner.is_direct:
        return inner
    return outer if _STRENGTH[outer] >= _STRENGTH[inner] else inner


class Ancestry:
    """The source columns of one column: those whose values it holds, and those that decide which value."""

    __slots__ = ("deciders", "values")

    def __init__(self) -> None:
        self.values: dict[Column, tuple[Derivation, bool]] = {}
        self.deciders: dict[tuple[Column, Derivation], None] = {}

    def add(self, source: Column, how: Derivation, *, is_masked: bool = False) -> None:
        """Add one source; of two direct kinds the stronger stays, and it is masked only if every way masks."""
        if not how.is_direct:
            self.deciders[source, how] = None
            return
        before = self.values.get(source)
        if before is not None:
            how, is_masked = combined(how, before[0]), is_masked and before[1]
        self.values[source] = (how, is_masked)

    def absorb(self, inner: Ancestry, how: Derivation = Derivation.IDENTITY, *, is_masked: bool = False) -> None:
        """Add the sources of a column that is used here as `how`."""
        for source, (kind, was_masked) in inner.values.items():
            self.add(source, combined(how, kind), is_masked=is_masked or was_masked)
        for source, kind in inner.deciders:
            self.add(source, combined(how, kind))

    def transformed(self) -> Ancestry:
        """Return the sources of whatever is computed from this column."""
        made = Ancestry()
        made.absorb(self, Derivation.TRANSFORMATION)
        return made

    def columns(self) -> Iterator[Column]:
        """Yield every source, whatever its kind."""
        yield from self.values
        for source, _ in self.deciders:
            yield source


@dataclass(frozen=True, slots=True)
class Output:
    """One column of a relation; `made_by` is the expression that computed it, where one did."""

    name: str
    ancestry: Ancestry
    made_by: exp.Expr | None = None
    fields: Mapping[str, Output] | None = None
    """The fields of a structure that the query itself puts together."""


class Relation(Protocol):
    """Something with columns that can stand in a FROM."""

    @property
    def names(self) -> tuple[str, ...] | None:
        """All column names in order, or None where they are not known."""

    def has(self, name: str) -> bool:
        """Return whether this column is known to exist."""

    def column(self, name: str) -> Output | None:
        """Return what a column came from, or None if that cannot be said."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A table or file; `datasets` are several where one name reads several files."""

    datasets: tuple[Dataset, ...]
    columns: KnownColumns | None = None
    is_file: bool = False
    is_read: bool = True
    """False for what a statement only changes."""

    @property
    def names(self) -> tuple[str, ...] | None:
        """All column names in order, or None where they are not known."""
        return self.columns.names if self.columns is not None else None

    def has(self, name: str) -> bool:
        """Return whether this column is known to exist."""
        return self.columns is not None and self.columns.find(name) is not None

    def column(self, name: str) -> Output:
        """Return the stored column itself; a schema that lacks it is older than the text."""
        found = (self.columns.find(name) if self.columns is not None else None) or name
        ancestry = Ancestry()
        for dataset in self.datasets:
            ancestry.add(Column(dataset, found), Derivation.IDENTITY)
        return Output(found, ancestry)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A relation that is read, but whose columns are not followed; `said` is what its `*` is called, if it has one."""

    said: str = ""
    names: None = None

    def has(self, name: str) -> bool:  # noqa: ARG002 - the signature is the protocol's - nothing is known of any name
        """Return that nothing is known."""
        return False

    def column(self, name: str) -> Output | None:  # noqa: ARG002 - the signature is the protocol's
        """Return that nothing can be said."""
        return None


@dataclass(frozen=True, slots=True)
class United:
    """The rows of several relations below each other, where not all their columns are known."""

    relations: tuple[Relation, ...]
    names: None = None

    def has(self, name: str) -> bool:
        """Return whether any part is known to have this column, and so all."""
        return any(relation.has(name) for relation in self.relations)

    def column(self, name: str) -> Output | None:
        """Return the sources in every part, or None if one part cannot say."""
        ancestry = Ancestry()
        for relation in self.relations:
            output = relation.column(name)
            if output is None:
                return None
            ancestry.absorb(output.ancestry)
        return Output(name, ancestry)


@dataclass(frozen=True, slots=True)
class Passing:
    """A `*` over a relation whose columns are not known: any name but these goes through it."""

    relation: Relation
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Derived:
    """The result of a query, or a temporary table that one filled."""

    outputs: tuple[Output, ...] = ()
    passing: tuple[Passing, ...] = ()
    deciding: Mapping[tuple[Column, Derivation], exp.Expr] = field(default_factory=dict)
    datasets: Mapping[Dataset, None] = field(default_factory=dict)
    unresolved: Mapping[Unresolved, None] = field(default_factory=dict)
    by_name: dict[str, Output] = field(init=False, default_factory=dict, compare=False)
    _by_fold: dict[str, Output] = field(init=False, default_factory=dict, compare=False, repr=False)
    # A `*` over a `*` over a `*`: each relation is asked once for a name, on however many ways it is reached.
    _had: dict[str, bool] = field(init=False, default_factory=dict, compare=False, repr=False)
    _found: dict[str, Output | None] = field(init=False, default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for output in reversed(self.outputs):
            self.by_name[output.name] = output

    @property
    def names(self) -> tuple[str, ...] | None:
        """All column names in order, or None where they are not known."""
        return None if self.passing else tuple(output.name for output in self.outputs)

    def has(self, name: str) -> bool:
        """Return whether this column is known to exist."""
        if self.named(name) is not None:
            return True
        if name not in self._had:
            self._had[name] = any(each.relation.has(name) for each in self.passing if name not in each.excluded)
        return self._had[name]

    def named(self, name: str) -> Output | None:
        """Return the output of this name, as it is written or else in any case."""
        if name in self.by_name or not self.outputs:
            return self.by_name.get(name)
        if not self._by_fold:
            self._by_fold.update((each.name.lower(), each) for each in reversed(self.outputs))
        return self._by_fold.get(name.lower())

    def column(self, name: str) -> Output | None:
        """Return what a column came from, through a `*` only where a single relation can have it."""
        output = self.named(name)
        if output is not None:
            return output
        if name not in self._found:
            fitting = [passing.relation for passing in self.passing if name not in passing.excluded]
            certain = [relation for relation in fitting if relation.has(name)] or fitting
            self._found[name] = certain[0].column(name) if len(certain) == 1 else None
        return self._found[name]


NOTHING = Derived()


def nothing_behind(name: str) -> Derived | None:  # noqa: ARG001 - the signature is that of every look-up
    """Say of any name that it is a column, and no variable whose rows are known."""
    return None
