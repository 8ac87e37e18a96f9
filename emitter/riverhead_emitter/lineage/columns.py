"""Which column came from which, as a person says it: `{"total": ["orders.amount"]}` → edges."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.lineage.arguments import text
from riverhead_emitter.lineage.datasets import dataset_meant
from riverhead_emitter.lineage.gaps import MisunderstoodError
from riverhead_emitter.model import Column, ColumnEdge, Dataset, DatasetEdge, Derivation, Field, Unresolved

if TYPE_CHECKING:
    from riverhead_emitter.lineage.gaps import Gaps

# A catalog, a schema and a table, and some more.
_MOST_STEPS = 10


class ColumnUse(NamedTuple):
    """A source column and how it is used; without a dataset, its name says which input it is of."""

    name: str
    dataset: Dataset | None = None
    # What a person says may be no kind of use at all, which is found out when a verb takes it.
    how: Derivation = Derivation.TRANSFORMATION
    expression: str = ""
    is_masking: bool = False


class Table(NamedTuple):
    """What an input is called besides its own name, and the columns that it is said to have."""

    aliases: Iterable[str]
    columns: Iterable[str]


class Inputs:
    """What a run reads, by whatever a column may call it: an alias, its name, the last step or the end of that."""

    def __init__(self, tables: Mapping[Dataset, Table]) -> None:
        self.tables = tables

    def called(self, name: str) -> list[Dataset]:
        """Return the inputs of this name."""
        return self._by_name.get(name, [])

    @cached_property
    def structures(self) -> set[str]:
        """What the columns are called, or the structures that they lie in."""
        return {column.partition(".")[0] for table in self.tables.values() for column in table.columns}

    @cached_property
    def _by_name(self) -> dict[str, list[Dataset]]:
        found: dict[str, list[Dataset]] = {}
        for dataset, table in self.tables.items():
            for name in {*table.aliases, *_names_of(dataset)}:
                found.setdefault(name, []).append(dataset)
        return found


class Wanted(NamedTuple):
    """An output (a column of it, or all of its rows) and a source column as it was said."""

    output: Dataset
    column: str | None
    use: ColumnUse


def declared(doing: str, columns: object, gaps: Gaps) -> dict[str, str]:
    """Return the columns that somebody lists, with their types where a mapping tells them."""
    if isinstance(columns, Mapping):
        listed = gaps.first(doing, columns.items())
        return {text(name): kind if isinstance(kind, str) else "" for name, kind in listed}
    return {use_of(column).name: "" for column in gaps.first(doing, several(columns))}


def several(things: object) -> Iterable[object]:
    """Return one or several columns, which may have no end."""
    if things is None:
        return ()
    if isinstance(things, Iterable) and not isinstance(things, (str, ColumnUse, Column)):
        return things
    return (things,)


def use_of(source: object) -> ColumnUse:
    """Return the use of a source column that somebody names by a text, a column, or by `lineage.column(…)`."""
    match source:
        case ColumnUse():
            dataset = None if source.dataset is None else dataset_meant(source.dataset)
            return ColumnUse(
                text(source.name), dataset, _kind(source.how), text(source.expression), source.is_masking is True
            )
        case Column():
            return ColumnUse(source.name, source.dataset)
        case str():
            return ColumnUse(text(source))
    raise MisunderstoodError(f"a column is a text such as 'orders.amount', and not of type {type(source).__name__}")


def _kind(how: object) -> Derivation:
    try:
        return Derivation(how)
    except ValueError as error:
        known = ", ".join(kind.value for kind in Derivation)
        raise MisunderstoodError(f"a column is used by one of {known}") from error


def wanted(output: Dataset, columns: object, decided_by: object, gaps: Gaps) -> list[Wanted]:
    """Return the source columns that somebody says an output's columns, and its rows, come from."""
    by_column = columns if isinstance(columns, Mapping) else {}
    of_columns = [
        Wanted(output, text(name), use)
        for name, sources in gaps.first("columns", by_column.items())
        for use in gaps.understood(f"column {name}", use_of, several(sources))
    ]
    deciding = gaps.understood("decided_by", use_of, several(decided_by))
    of_rows = [use._replace(how=Derivation.FILTER) if use.how.is_direct else use for use in deciding]
    return [*of_columns, *(Wanted(output, None, use) for use in of_rows)]


def resolved(wanted: Iterable[Wanted], inputs: Inputs) -> tuple[list[ColumnEdge], list[DatasetEdge], list[Unresolved]]:
    """Return the edges of what was said, once all inputs are known, and what could not be told apart."""
    edges, rows, gaps = [], [], []
    for output, column, use in wanted:
        source = _source(use, inputs)
        if isinstance(source, str):
            gaps.append(Unresolved(f"column {use.name}", source))
        elif column is None:
            rows.append(DatasetEdge(output, source, use.how, use.expression))
        else:
            edges.append(ColumnEdge(Column(output, column), source, use.how, use.expression, use.is_masking))
    return edges, rows, gaps


def _source(use: ColumnUse, inputs: Inputs) -> Column | str:
    if use.dataset is not None:
        return Column(use.dataset, use.name)
    before, dot, name = use.name.rpartition(".")
    while dot:
        found = inputs.called(before)
        if len(found) == 1:
            return Column(found[0], name)
        if found:
            return f"{len(found)} inputs are called {before}: tell them apart by `as_`"
        # What stands before may be a structure's name: `orders.address.city`.
        before, dot, step = before.rpartition(".")
        name = f"{step}.{name}"
    return _of_the_only(use.name, inputs)


def _of_the_only(name: str, inputs: Inputs) -> Column | str:
    """Return a column of the only input, or why it can be none of it."""
    if not inputs.tables:
        return "the run has read no data"
    head, dot, _ = name.partition(".")
    if len(inputs.tables) > 1:
        nearest = _short(*next(iter(inputs.tables.items())))
        why = f"there are {len(inputs.tables)} inputs: say which one, as in '{nearest}.{name}'"
        return f"no input is called '{head}'" if dot else why
    dataset = next(iter(inputs.tables))
    # A path into a structure needs the structure, or every misspelt alias would be one.
    if dot and head not in inputs.structures:
        return f"no input is called '{head}', and the only one is not said to have such a column"
    return Column(dataset, name)


def _short(dataset: Dataset, table: Table) -> str:
    last = _last(dataset)
    return next(iter(sorted(table.aliases)), last.partition(".")[0] if "/" in dataset.name else last)


def _last(dataset: Dataset) -> str:
    return posixpath.basename(dataset.name.rstrip("/"))


def _names_of(dataset: Dataset) -> set[str]:
    """Return what a dataset is called by its own name: `shop.public.orders` is also `public.orders` and `orders`."""
    last = _last(dataset)
    steps = dataset.name.rsplit(".", _MOST_STEPS)
    ends = (".".join(steps[at:]) for at in range(1, len(steps)))
    return {dataset.name, last, last.partition(".")[0], *ends}


def fields_of(columns: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the columns as a schema has them."""
    return tuple(Field(name, kind) for name, kind in columns.items())
