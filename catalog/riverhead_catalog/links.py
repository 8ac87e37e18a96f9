"""Edges of lineage as questions see them: each with its kind and the job that makes it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riverhead_emitter.model import Column, Dataset, Derivation, Job


@dataclass(frozen=True, slots=True)
class Link:
    """One way in which a source column takes part in an output column."""

    output: Column
    source: Column
    how: Derivation
    expression: str
    is_masking: bool
    decides_rows: bool
    job: Job


@dataclass(frozen=True, slots=True)
class DatasetLink:
    """That a job made a dataset from another one, and said nothing of their columns."""

    output: Dataset
    source: Dataset
    job: Job


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything on the way from one column, upstream or downstream."""

    column: Column
    links: tuple[Link, ...] = ()
    datasets: tuple[DatasetLink, ...] = ()


def trace_as_json(trace: Trace) -> dict[str, Any]:
    """Return a trace as plain JSON."""
    return {
        "column": _column(trace.column),
        "links": [
            {
                "output": _column(link.output),
                "source": _column(link.source),
                "type": "DIRECT" if link.how.is_direct else "INDIRECT",
                "subtype": link.how.value,
                "description": link.expression,
                "masking": link.is_masking,
                "decidesRows": link.decides_rows,
                "job": {"namespace": link.job.namespace, "name": link.job.name},
            }
            for link in trace.links
        ],
        "datasetLinks": [
            {
                "output": {"namespace": link.output.namespace, "dataset": link.output.name},
                "source": {"namespace": link.source.namespace, "dataset": link.source.name},
                "job": {"namespace": link.job.namespace, "name": link.job.name},
            }
            for link in trace.datasets
        ],
    }


def trace_from_json(data: dict[str, Any]) -> Trace:
    """Return the trace of its JSON."""
    return Trace(
        _column_from(data["column"]),
        tuple(
            Link(
                _column_from(link["output"]),
                _column_from(link["source"]),
                Derivation(link["subtype"]),
                link["description"],
                link["masking"],
                link["decidesRows"],
                Job(link["job"]["namespace"], link["job"]["name"]),
            )
            for link in data["links"]
        ),
        tuple(
            DatasetLink(
                Dataset(link["output"]["namespace"], link["output"]["dataset"]),
                Dataset(link["source"]["namespace"], link["source"]["dataset"]),
                Job(link["job"]["namespace"], link["job"]["name"]),
            )
            for link in data["datasetLinks"]
        ),
    )


def _column(column: Column) -> dict[str, str]:
    return {"namespace": column.dataset.namespace, "dataset": column.dataset.name, "field": column.name}


def _column_from(data: dict[str, str]) -> Column:
    return Column(Dataset(data["namespace"], data["dataset"]), data["field"])
