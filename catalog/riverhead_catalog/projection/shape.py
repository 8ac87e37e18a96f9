"""A job's shape: what one run read and wrote and which column came from which, without anything of the run itself.

Thousands of runs share one shape, so it is addressed by its content and stored once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import Column, ColumnEdge, Dataset, DatasetEdge, Derivation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_KNOWN = {kind.value: kind for kind in Derivation}


@dataclass(frozen=True, slots=True)
class Shape:
    """The datasets of a job and the edges between their columns, each sorted and once."""

    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    columns: tuple[ColumnEdge, ...] = ()
    deciding: tuple[DatasetEdge, ...] = ()
    fields: tuple[Column, ...] = ()  # the columns of the outputs, as their schemas declare them

    @property
    def is_empty(self) -> bool:
        """True if nothing was read and nothing written."""
        return not (self.inputs or self.outputs)


def shape_of(event: Mapping[str, Any]) -> Shape:
    """Return the shape that an event's datasets and column lineage facets describe."""
    outputs = event.get("outputs") or []
    return _sorted(
        (_dataset(entry) for entry in event.get("inputs") or []),
        (_dataset(entry) for entry in outputs),
        (edge for entry in outputs for edge in _column_edges(entry)),
        (edge for entry in outputs for edge in _deciding_edges(entry)),
        (column for entry in outputs for column in _fields(entry)),
    )


def union(shapes: Iterable[Shape]) -> Shape:
    """Return what all shapes say together: a run may name its inputs at its start and its outputs at its end."""
    known = list(shapes)
    if len(known) == 1:
        return known[0]
    return _sorted(
        (dataset for shape in known for dataset in shape.inputs),
        (dataset for shape in known for dataset in shape.outputs),
        (edge for shape in known for edge in shape.columns),
        (edge for shape in known for edge in shape.deciding),
        (column for shape in known for column in shape.fields),
    )


def written(shape: Shape) -> bytes:
    """Return a shape as bytes; equal shapes give equal bytes."""
    body = {
        "inputs": [[dataset.namespace, dataset.name] for dataset in shape.inputs],
        "outputs": [[dataset.namespace, dataset.name] for dataset in shape.outputs],
        "columns": [_column_key(edge) for edge in shape.columns],
        "deciding": [_deciding_key(edge) for edge in shape.deciding],
        "fields": [[[field.dataset.namespace, field.dataset.name], field.name] for field in shape.fields],
    }
    return json.dumps(body, separators=(",", ":")).encode()


def read(body: bytes) -> Shape:
    """Return the shape of stored bytes."""
    data = json.loads(body)
    return Shape(
        tuple(Dataset(*parts) for parts in data["inputs"]),
        tuple(Dataset(*parts) for parts in data["outputs"]),
        tuple(
            ColumnEdge(Column(Dataset(*out), field), Column(Dataset(*source), name), Derivation(how), text, masking)
            for out, field, source, name, how, text, masking in data["columns"]
        ),
        tuple(
            DatasetEdge(Dataset(*out), Column(Dataset(*source), name), Derivation(how), text)
            for out, source, name, how, text in data["deciding"]
        ),
        tuple(Column(Dataset(*out), name) for out, name in data["fields"]),
    )


def digest_of(shape: Shape) -> bytes:
    """Return the address of a shape."""
    return hashlib.sha256(written(shape)).digest()


def _sorted(
    inputs: Iterable[Dataset],
    outputs: Iterable[Dataset],
    columns: Iterable[ColumnEdge],
    deciding: Iterable[DatasetEdge],
    fields: Iterable[Column],
) -> Shape:
    return Shape(
        tuple(sorted(set(inputs))),
        tuple(sorted(set(outputs))),
        tuple(sorted(set(columns), key=_column_key)),
        tuple(sorted(set(deciding), key=_deciding_key)),
        tuple(sorted(set(fields))),
    )


def _column_key(edge: ColumnEdge) -> list[Any]:
    out, source = edge.output.dataset, edge.source.dataset
    return [
        [out.namespace, out.name], edge.output.name, [source.namespace, source.name], edge.source.name,
        edge.how.value, edge.expression, edge.is_masking,
    ]  # fmt: skip


def _deciding_key(edge: DatasetEdge) -> list[Any]:
    source = edge.source.dataset
    return [
        [edge.output.namespace, edge.output.name], [source.namespace, source.name], edge.source.name,
        edge.how.value, edge.expression,
    ]  # fmt: skip


def _dataset(entry: Mapping[str, Any]) -> Dataset:
    return Dataset(entry["namespace"], entry["name"])


def _column_edges(output: Mapping[str, Any]) -> Iterator[ColumnEdge]:
    dataset = _dataset(output)
    for name, field in (_facet(output).get("fields") or {}).items():
        for source in field.get("inputFields") or []:
            for how, expression, is_masking in _uses(source, field):
                yield ColumnEdge(Column(dataset, name), _source(source), how, expression, is_masking)


def _deciding_edges(output: Mapping[str, Any]) -> Iterator[DatasetEdge]:
    for source in _facet(output).get("dataset") or []:
        for how, expression, _ in _uses(source, {}):
            yield DatasetEdge(_dataset(output), _source(source), how, expression)


def _fields(output: Mapping[str, Any]) -> Iterator[Column]:
    schema = (output.get("facets") or {}).get("schema") or {}
    for field in schema.get("fields") or []:
        yield Column(_dataset(output), field["name"])


def _facet(output: Mapping[str, Any]) -> Mapping[str, Any]:
    return (output.get("facets") or {}).get("columnLineage") or {}


def _source(entry: Mapping[str, Any]) -> Column:
    return Column(_dataset(entry), entry["field"])


def _uses(source: Mapping[str, Any], field: Mapping[str, Any]) -> Iterator[tuple[Derivation, str, bool]]:
    """Yield kind, expression and masking of every way in which a source takes part."""
    transformations = source.get("transformations") or []
    if not transformations:
        # Producers of the facet's first version say one thing for the whole output column.
        said = str(field.get("transformationType") or "").upper()
        yield _kind("DIRECT", said), str(field.get("transformationDescription") or ""), said == "MASKED"
    for entry in transformations:
        said = str(entry.get("subtype") or "").upper()
        yield (
            _kind(str(entry.get("type") or "").upper(), said),
            str(entry.get("description") or ""),
            entry.get("masking") is True,
        )


def _kind(type_: str, subtype: str) -> Derivation:
    # A producer may leave the subtype out, or write one that the specification does not list.
    fallback = Derivation.CONDITIONAL if type_ == "INDIRECT" else Derivation.TRANSFORMATION
    return _KNOWN.get(subtype, fallback)
