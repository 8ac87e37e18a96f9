"""Short forms of what SQL lineage answers, for tables of expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Dataset, Derivation
from riverhead_sql import lineage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riverhead_emitter.model import Column, Lineage, Touched
    from riverhead_sql import SqlLineage


def told(
    sql: str | Sequence[str], dialect: str | None = "postgres", schema: Mapping[str, Sequence[str]] | None = None
) -> SqlLineage:
    """Return the lineage of a text whose names live nowhere in particular."""
    return lineage_of(sql, dialect=dialect, schema=schema)


def names(touched: Iterable[Touched]) -> list[str]:
    """Return the datasets' names."""
    return [each.dataset.name for each in touched]


def movements(answer: SqlLineage) -> list[str]:
    """Return one line `outputs <- inputs` for each statement that touches a dataset."""
    return [
        f"{', '.join(names(each.outputs))} <- {', '.join(names(each.inputs))}".strip()
        for each in answer.statements
        if each.inputs or each.outputs
    ]


def pairs(lineage: Lineage) -> set[str]:
    """Return `output <- source` for each pair of columns whose value goes from one to the other."""
    return {f"{_path(edge.output)} <- {_path(edge.source)}" for edge in lineage.columns if edge.how.is_direct}


def kinds(lineage: Lineage) -> set[str]:
    """Return `output <- source KIND` for each pair of columns, and `masked` where it is."""
    return {
        f"{edge.output.name} <- {edge.source.name} {edge.how.value}{' masked' if edge.is_masking else ''}"
        for edge in lineage.columns
    }


def deciding(lineage: Lineage) -> set[str]:
    """Return `source KIND` for each column that decides about every row of an output."""
    return {f"{_path(edge.source)} {edge.how.value}" for edge in lineage.datasets}


def flows(lineage: Lineage) -> set[str]:
    """Return `output <- source` for each flow between datasets, with `*` where all columns went."""
    return {
        f"{flow.output.name} <- {flow.source.name if flow.source else 'nothing'}"
        + (" *" if flow.how is Derivation.IDENTITY else "")
        for flow in lineage.flows
        if isinstance(flow.output, Dataset) and (flow.source is None or isinstance(flow.source, Dataset))
    }


def doubts(answer: SqlLineage) -> list[str]:
    """Return what could not be traced, and why."""
    return [f"{doubt.what}: {doubt.why}" for doubt in answer.merged.unresolved]


def lifecycles(lineage: Lineage) -> dict[str, str]:
    """Return what became of each output as a whole, where something did."""
    return {
        touched.dataset.name: touched.facets["lifecycleStateChange"]["lifecycleStateChange"]
        for touched in lineage.outputs
        if "lifecycleStateChange" in touched.facets
    }


def _path(column: Column) -> str:
    return f"{column.dataset.name}.{column.name}"
