"""The `columnLineage` facet of one output dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, spec_facet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import ColumnEdge, DatasetEdge, Lineage, Touched

# Marquez and others read only `fields`, so what decides about rows is repeated there while that stays small;
# above, it would be columns × uses and goes to the facet's own list.
MOST_COLUMNS_WITH_REPEATED_EDGES = 50


def column_lineage(output: Touched, lineage: Lineage) -> Facet | None:
    """Return the facet for `output`, or None where nothing is known of its columns."""
    edges = [edge for edge in lineage.columns if edge.output.dataset == output.dataset]
    deciding = [edge for edge in lineage.datasets if edge.output == output.dataset]
    if not edges and not deciding:
        return None
    names = list(dict.fromkeys([field.name for field in output.fields] + [edge.output.name for edge in edges]))
    is_repeated = len(names) <= MOST_COLUMNS_WITH_REPEATED_EDGES
    repeated = deciding if is_repeated else []
    by_column: dict[str, list[ColumnEdge | DatasetEdge]] = {name: [] for name in names}
    for edge in edges:
        by_column[edge.output.name].append(edge)
    fields = {name: {"inputFields": _input_fields([*own, *repeated])} for name, own in by_column.items()}
    content: Facet = {"fields": {name: entry for name, entry in fields.items() if entry["inputFields"]}}
    if deciding and (not is_repeated or not names):
        content["dataset"] = _input_fields(deciding)
    return spec_facet("ColumnLineageDatasetFacet", "1-2-0", **content)


def _input_fields(edges: Iterable[ColumnEdge | DatasetEdge]) -> list[Facet]:
    """One entry per source column, with every way in which it takes part."""
    entries: dict[tuple[str, str, str], Facet] = {}
    for edge in edges:
        source = edge.source
        key = (source.dataset.namespace, source.dataset.name, source.name)
        entry = entries.setdefault(key, {"namespace": key[0], "name": key[1], "field": key[2], "transformations": []})
        transformation = _transformation(edge)
        if transformation not in entry["transformations"]:
            entry["transformations"].append(transformation)
    return list(entries.values())


def _transformation(edge: ColumnEdge | DatasetEdge) -> Facet:
    return {
        "type": "DIRECT" if edge.how.is_direct else "INDIRECT",
        "subtype": edge.how.value,
        "description": edge.expression,
        "masking": getattr(edge, "is_masking", False),
    }
