"""A traced query and its target → model values: which output column came from which source column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    DatasetEdge,
    Derivation,
    Field,
    Flow,
    Lineage,
    Touched,
    Unresolved,
)  # fmt: skip
from riverhead_sql.query.edges import text_of
from riverhead_sql.query.relations import Derived, Opaque, Output, Stored, United

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.dialects.dialect import Dialect

    from riverhead_emitter.model import Dataset
    from riverhead_sql.deadline import Deadline
    from riverhead_sql.query.relations import Relation

_MOST_UNRESOLVED = 100


def mapping(
    target: Dataset,
    outputs: Sequence[Output],
    relation: Derived,
    dialect: Dialect,
    deadline: Deadline,
    *,
    is_star_known: bool,
) -> Lineage:
    """Return the lineage of writing a relation's rows, under these output columns, into a dataset.

    `is_star_known` says that a `*` hands columns on under their own
    names, whatever they are.
    """
    texts = _Texts(dialect)
    columns: list[ColumnEdge] = []
    for output in outputs:
        deadline.check()
        columns += _column_edges(Column(target, output.name), output, texts)
    deadline.check()
    return Lineage(
        inputs=inputs_of(relation),
        outputs=(Touched(target, tuple(Field(output.name, _type_of(output, dialect)) for output in outputs)),),
        columns=tuple(columns),
        datasets=tuple(
            DatasetEdge(target, source, how, texts.of(expression))
            for (source, how), expression in relation.deciding.items()
        ),
        unresolved=unresolved_of(relation, with_stars=True),
        flows=_star_flows(target, relation) if is_star_known else (),
    )


def inputs_of(relation: Derived) -> tuple[Touched, ...]:
    """Return every dataset that a relation reads."""
    return tuple(Touched(dataset) for dataset in relation.datasets)


def unresolved_of(relation: Derived, *, with_stars: bool) -> tuple[Unresolved, ...]:
    """Return what could not be said; a `*` counts only where its columns were to be written somewhere."""
    stars = _stars(relation) if with_stars else ()
    return tuple(dict.fromkeys([*stars, *relation.unresolved]))[:_MOST_UNRESOLVED]


class _Texts:
    """Expressions as text, each rendered once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._by_node: dict[int, str] = {}

    def of(self, expression: exp.Expr | None) -> str:
        if expression is None:
            return ""
        text = self._by_node.get(id(expression))
        if text is None:
            text = self._by_node[id(expression)] = text_of(expression, self._dialect)
        return text


def _column_edges(column: Column, output: Output, texts: _Texts) -> Iterator[ColumnEdge]:
    ancestry = output.ancestry
    if not ancestry.values and not ancestry.deciders:
        return
    text = texts.of(output.made_by)
    for source, (how, is_masked) in ancestry.values.items():
        yield ColumnEdge(column, source, how, text or source.name, is_masked)
    for source, how in ancestry.deciders:
        yield ColumnEdge(column, source, how, text)


def _type_of(output: Output, dialect: Dialect) -> str:
    made_by = output.made_by
    return made_by.to.sql(dialect=dialect) if isinstance(made_by, exp.Cast) else ""


def _star_flows(target: Dataset, relation: Derived) -> tuple[Flow, ...]:
    """Say that every column of a dataset went into the target under its own name, and name what else went there."""
    starred = {
        dataset: None for stored in _starred(relation) if isinstance(stored, Stored) for dataset in stored.datasets
    }
    others = [dataset for dataset in relation.datasets if dataset not in starred]
    flows = [Flow(target, dataset, Derivation.IDENTITY, "*") for dataset in starred]
    return tuple(flows + [Flow(target, dataset) for dataset in others]) if flows else ()


def _stars(relation: Relation) -> Iterator[Unresolved]:
    """Name the datasets at the end of every `*` whose columns are not known."""
    for starred in _starred(relation):
        if isinstance(starred, Stored):
            names = ", ".join(dataset.name for dataset in starred.datasets)
            yield Unresolved(f"* of {names}", "its columns are not known: no schema says them")
        elif starred.said:
            yield Unresolved(starred.said, "which columns it stands for cannot be said")


def _starred(relation: Relation) -> Iterator[Stored | Opaque]:
    seen: set[int] = set()
    waiting: list[Relation] = [relation]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, (Stored, Opaque)):
            yield current
        elif isinstance(current, Derived):
            waiting += [passing.relation for passing in current.passing]
        elif isinstance(current, United):
            waiting += current.relations
