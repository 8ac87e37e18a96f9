"""Tags of a run, a job or a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable


class Tag(NamedTuple):
    """A key and its value; `source` says who tagged (USER, an integration's name)."""

    key: str
    value: str = "true"
    source: str | None = None


class DatasetTag(NamedTuple):
    """A tag of a dataset, or of one field of it."""

    key: str
    value: str = "true"
    source: str | None = None
    field: str | None = None


def run_tags(tags: Iterable[Tag]) -> Facet:
    """Return a run's `tags` facet."""
    return spec_facet("TagsRunFacet", "1-0-0", tags=entries(tags))


def job_tags(tags: Iterable[Tag]) -> Facet:
    """Return a job's `tags` facet."""
    return spec_facet("TagsJobFacet", "1-0-0", tags=entries(tags))


def dataset_tags(tags: Iterable[DatasetTag]) -> Facet:
    """Return a dataset's `tags` facet."""
    return spec_facet("TagsDatasetFacet", "1-0-0", tags=entries(tags))
