"""Facets of one run's use of a dataset: how much it read or wrote, and which part. `subset` has the conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, spec_facet

if TYPE_CHECKING:
    from riverhead_emitter.facets.subset import Condition


def input_statistics(rows: int | None, size: int | None, files: int | None) -> Facet:
    """Return the `inputStatistics` facet of what a run read, `size` in bytes; unknown figures are left out."""
    return spec_facet("InputStatisticsInputDatasetFacet", "1-0-0", rowCount=rows, size=size, fileCount=files)


def output_statistics(rows: int | None, size: int | None, files: int | None) -> Facet:
    """Return the `outputStatistics` facet of what a run wrote, `size` in bytes; unknown figures are left out."""
    return spec_facet("OutputStatisticsOutputDatasetFacet", "1-0-2", rowCount=rows, size=size, fileCount=files)


def input_subset(condition: Condition) -> Facet:
    """Return the `subset` facet of an input: which part of it was read."""
    return spec_facet("BaseSubsetDatasetFacet", "1-0-0", "InputSubsetInputDatasetFacet", inputCondition=condition)


def output_subset(condition: Condition) -> Facet:
    """Return the `subset` facet of an output: which part of it was written."""
    return spec_facet("BaseSubsetDatasetFacet", "1-0-0", "OutputSubsetOutputDatasetFacet", outputCondition=condition)
