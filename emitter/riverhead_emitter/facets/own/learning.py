"""For the ML engineer: from the split over the training run to the model's version, and on to its predictions.

A model is a dataset: the run that trains it writes it, the run that predicts reads it, and both say which version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, entry, known, own_facet
from riverhead_emitter.facets.own.bounds import first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Dataset, Run


class Learned(NamedTuple):
    """Data that a model was trained on: a dataset, its version and the part of it."""

    dataset: Dataset
    version: str | None = None
    split: str | None = None


class Metric(NamedTuple):
    """A figure that a run measured; `step` orders several of one name."""

    name: str
    value: float
    step: int | None = None
    split: str | None = None


class FidelityMetric(NamedTuple):
    """How well synthetic data keeps one property of the real data, of a column or of all of it."""

    name: str
    value: float
    column: str | None = None
    threshold: float | None = None
    is_passed: bool | None = None


class Privacy(NamedTuple):
    """What protects the people behind the real data, with its budget where it has one."""

    method: str
    epsilon: float | None = None
    delta: float | None = None


def model_version(
    name: str,
    version: str,
    *,
    registry: str | None = None,
    framework: str | None = None,
    task: str | None = None,
    stage: str | None = None,
    base_model: tuple[str, str] | None = None,
    trained_by: Run | None = None,
    trained_on: Iterable[Learned] = (),
) -> Facet:
    """Return the `riverhead_model` dataset facet; `base_model` is name and version of what was tuned further."""
    named, count = first(trained_on)
    return own_facet(
        "model",
        "1-0-0",
        name=name,
        version=version,
        registry=registry,
        framework=framework,
        task=task,
        stage=stage,
        baseModel=None if base_model is None else {"name": base_model[0], "version": base_model[1]},
        trainedBy=None if trained_by is None else _run(trained_by),
        trainedOnCount=count or None,
        trainedOn=[_data(data.dataset, version=data.version, split=data.split) for data in named] or None,
    )


def metrics(measured: Iterable[Metric]) -> Facet:
    """Return the `riverhead_metrics` run facet."""
    named, count = first(measured)
    return own_facet("metrics", "1-0-0", metricCount=count, metrics=entries(named))


def dataset_split(
    name: str,
    *,
    of: Dataset | None = None,
    of_version: str | None = None,
    method: str | None = None,
    seed: int | None = None,
    fraction: float | None = None,
    by: Iterable[str] | None = None,
    rows: int | None = None,
) -> Facet:
    """Return the `riverhead_split` dataset facet, say of `train`; `by` are the columns that decide."""
    return own_facet(
        "split",
        "1-0-0",
        name=name,
        of=None if of is None else _data(of, version=of_version),
        method=method,
        seed=seed,
        fraction=fraction,
        by=None if by is None else first(by)[0],
        rowCount=rows,
    )


def fidelity(
    measured: Iterable[FidelityMetric],
    *,
    of: Dataset | None = None,
    of_version: str | None = None,
    generator: tuple[str, str] | None = None,
    rows: int | None = None,
    privacy: Privacy | None = None,
) -> Facet:
    """Return the `riverhead_fidelity` dataset facet of synthetic data; `generator` is a name and a version."""
    named, count = first(measured)
    return own_facet(
        "fidelity",
        "1-0-0",
        of=None if of is None else _data(of, version=of_version),
        generator=None if generator is None else {"name": generator[0], "version": generator[1]},
        rowCount=rows,
        privacy=None if privacy is None else entry(privacy),
        metricCount=count,
        metrics=entries(named),
    )


def _data(dataset: Dataset, **more: str | None) -> Facet:
    return {"namespace": dataset.namespace, "name": dataset.name, **known(**more)}


def _run(run: Run) -> Facet:
    return {"runId": run.id, "namespace": run.job.namespace, "name": run.job.name}
