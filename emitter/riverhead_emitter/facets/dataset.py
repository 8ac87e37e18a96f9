"""Facets of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Field


def schema(fields: Iterable[Field]) -> Facet:
    """Return the `schema` facet; a type that is not known is left out."""
    described = [{"name": field.name, "type": field.type} if field.type else {"name": field.name} for field in fields]
    return spec_facet("SchemaDatasetFacet", "1-2-0", fields=described)


def symlinks(identifiers: Iterable[tuple[str, str, str]]) -> Facet:
    """Return the `symlinks` facet of other names of the same data: namespace, name and type of each."""
    entries = [{"namespace": namespace, "name": name, "type": kind} for namespace, name, kind in identifiers]
    return spec_facet("SymlinksDatasetFacet", "1-0-1", identifiers=entries)


def lifecycle_state_change(change: str) -> Facet:
    """Return the `lifecycleStateChange` facet, say of OVERWRITE."""
    return spec_facet("LifecycleStateChangeDatasetFacet", "1-0-1", lifecycleStateChange=change)


def output_statistics(rows: int | None, size: int | None, files: int | None) -> Facet:
    """Return the `outputStatistics` facet of what a run wrote, `size` in bytes; unknown figures are left out."""
    figures = {"rowCount": rows, "size": size, "fileCount": files}
    known = {name: figure for name, figure in figures.items() if figure is not None}
    return spec_facet("OutputStatisticsOutputDatasetFacet", "1-0-2", **known)
