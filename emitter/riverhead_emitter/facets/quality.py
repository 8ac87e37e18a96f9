"""What was measured of data and what was checked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, entry, instant, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class Assertion(NamedTuple):
    """One test of a dataset, or of one column of it, and whether it holds."""

    assertion: str
    success: bool
    column: str | None = None
    severity: str | None = None
    name: str | None = None
    description: str | None = None
    expected: str | None = None
    actual: str | None = None
    content: str | None = None
    content_type: str | None = None
    params: Mapping[str, Any] | None = None


class Check(NamedTuple):
    """One test that a run made, whatever it was of; `status` is pass, fail or skip."""

    name: str
    status: str
    severity: str | None = None
    type: str | None = None
    description: str | None = None
    expected: str | None = None
    actual: str | None = None
    content: str | None = None
    content_type: str | None = None
    params: Mapping[str, Any] | None = None


class ColumnMetrics(NamedTuple):
    """What was measured of one column; `quantiles` are keyed by the quantile, as in `0.5`."""

    null_count: int | None = None
    distinct_count: int | None = None
    sum: float | None = None
    value_count: float | None = None
    min: float | None = None
    max: float | None = None
    quantiles: Mapping[str, float] | None = None


class Size(NamedTuple):
    """How much data was measured, and when it last changed."""

    rows: int | None = None
    size_bytes: int | None = None
    files: int | None = None
    last_updated: datetime | str | None = None


_UNMEASURED = Size()


def assertions(results: Iterable[Assertion]) -> Facet:
    """Return the `dataQualityAssertions` facet of an input."""
    return spec_facet("DataQualityAssertionsDatasetFacet", "1-1-0", assertions=entries(results))


def dataset_metrics(columns: Mapping[str, ColumnMetrics], measured: Size = _UNMEASURED) -> Facet:
    """Return the `dataQualityMetrics` facet of a dataset."""
    return spec_facet("DataQualityMetricsDatasetFacet", "1-0-0", **_metrics(columns, measured))


def input_metrics(columns: Mapping[str, ColumnMetrics], measured: Size = _UNMEASURED) -> Facet:
    """Return the `dataQualityMetrics` facet of an input: what was measured as the run read it."""
    return spec_facet("DataQualityMetricsInputDatasetFacet", "1-0-3", **_metrics(columns, measured))


def checks(results: Iterable[Check]) -> Facet:
    """Return the `test` facet of a run."""
    return spec_facet("TestRunFacet", "1-0-1", tests=entries(results))


def _metrics(columns: Mapping[str, ColumnMetrics], measured: Size) -> Facet:
    return {
        "rowCount": measured.rows,
        "bytes": measured.size_bytes,
        "fileCount": measured.files,
        "lastUpdated": None if measured.last_updated is None else instant(measured.last_updated),
        "columnMetrics": {name: _column(metrics) for name, metrics in columns.items()},
    }


def _column(metrics: ColumnMetrics) -> Facet:
    """`count` is a tuple's own, so that it has another name in the value."""
    return {"count" if name == "valueCount" else name: figure for name, figure in entry(metrics).items()}
