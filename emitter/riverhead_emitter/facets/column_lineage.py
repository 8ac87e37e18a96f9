"""The `columnLineage` facet of an output dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from riverhead_emitter.facets.facet import Facet, spec_facet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_emitter.model import ColumnEdge, Dataset, DatasetEdge, Derivation, Lineage, Touched

    # The edges of each column of one output, and those that decide about its rows.
    Edges: TypeAlias = tuple[dict[str, list[ColumnEdge]], list[DatasetEdge]]

# Marquez and others read only `fields`, so what decides about rows is repeated there while that stays small: it is
# columns × uses. Above, it goes to the facet's own list.
MOST_COLUMNS_WITH_REPEATED_EDGES = 50
MOST_REPEATED_EDGES = 2_500


def column_lineage(output: Touched, lineage: Lineage) -> Facet | None:
    """Return the facet for `output`, or None where nothing is known of its columns."""
    edges = edges_by_output(lineage).get(output.dataset)
    return None if edges is None else facet_of(output, edges)


def edges_by_output(lineage: Lineage) -> dict[Dataset, Edges]:
    """Return what is known of each output's columns: one walk over the edges, however many outputs there are."""
    outputs: dict[Dataset, Edges] = {}
    for edge in lineage.columns:
        output = edge.output
        by_column, _ = outputs.setdefault(output.dataset, ({}, []))
        by_column.setdefault(output.name, []).append(edge)
    for deciding in lineage.datasets:
        outputs.setdefault(deciding.output, ({}, []))[1].append(deciding)
    return outputs


def facet_of(output: Touched, edges: Edges) -> Facet:
    """Return the facet for an output of which these edges are known."""
    by_column, deciding = edges
    names = dict.fromkeys([*(field.name for field in output.fields), *by_column])
    is_small = len(names) * len(deciding) <= MOST_REPEATED_EDGES
    is_repeated = is_small and len(names) <= MOST_COLUMNS_WITH_REPEATED_EDGES
    repeated = deciding if is_repeated else []
    fields = {name: {"inputFields": _input_fields([*by_column.get(name, ()), *repeated])} for name in names}
    content: Facet = {"fields": {name: found for name, found in fields.items() if found["inputFields"]}}
    if deciding and (not is_repeated or not names):
        content["dataset"] = _input_fields(deciding)
    return spec_facet("ColumnLineageDatasetFacet", "1-2-0", **content)


def transformation(how: Derivation, expression: str, *, is_masking: bool = False) -> Facet:
    """Return how a source takes part, as both facets of lineage say it."""
    kind = "DIRECT" if how.is_direct else "INDIRECT"
    return {"type": kind, "subtype": how.value, "description": expression, "masking": is_masking}


def _input_fields(edges: Sequence[ColumnEdge | DatasetEdge]) -> list[Facet]:
    """One entry per source column, with every way in which it takes part, once."""
    if len(edges) == 1:  # as of most columns
        edge = edges[0]
        how = transformation(edge.how, edge.expression, is_masking=getattr(edge, "is_masking", False))
        dataset = edge.source.dataset
        return [
            {
                "namespace": dataset.namespace,
                "name": dataset.name,
                "field": edge.source.name,
                "transformations": [how],
            }
        ]
    entries: dict[tuple[str, str, str], Facet] = {}
    said = set()
    for edge in edges:
        source, is_masking = edge.source, getattr(edge, "is_masking", False)
        key = (source.dataset.namespace, source.dataset.name, source.name)
        use = (key, edge.how, edge.expression, is_masking)
        if use not in said:
            said.add(use)
            how = transformation(edge.how, edge.expression, is_masking=is_masking)
            if key in entries:
                entries[key]["transformations"].append(how)
            else:
                entries[key] = {"namespace": key[0], "name": key[1], "field": key[2], "transformations": [how]}
    return list(entries.values())
