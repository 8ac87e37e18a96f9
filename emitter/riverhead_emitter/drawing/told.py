"""An event of ours → the lineage that it tells, for whoever draws what was sent. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Field,
    Lineage,
    Touched,
    Unresolved,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    # Where a use comes from, and how: its source, kind, expression, masking.
    Use = tuple[Column, Derivation, str, bool]

_OF_ROWS = frozenset({Derivation.JOIN, Derivation.FILTER, Derivation.GROUP_BY, Derivation.SORT})


def told_by(event: Mapping[str, Any]) -> Lineage:
    """Return what a run read and wrote and which column came from which; explicit flows are left out."""
    columns: list[ColumnEdge] = []
    deciding: list[DatasetEdge] = []
    for output in event["outputs"]:
        facet = output["facets"].get("columnLineage", {"fields": {}})
        uses = {name: list(_uses(field["inputFields"])) for name, field in facet["fields"].items()}
        rows = _of_rows(uses, len(uses.keys() | {field.name for field in _fields(output)}))
        whole = _dataset(output)
        deciding += [DatasetEdge(whole, *use[:3]) for use in (*rows, *_uses(facet.get("dataset", ())))]
        columns += [
            ColumnEdge(Column(whole, name), *use) for name, found in uses.items() for use in found if use not in rows
        ]
    gaps = event["run"]["facets"].get("riverhead_coverage", {"unresolved": ()})["unresolved"]
    return Lineage(
        _touched(event["inputs"]),
        _touched(event["outputs"]),
        tuple(columns),
        tuple(deciding),
        tuple(Unresolved(gap["what"], gap["why"]) for gap in gaps),
    )


def _of_rows(uses: Mapping[str, list[Use]], number: int) -> dict[Use, None]:
    """Return the uses that decide about whole rows: an event repeats them for every column while that is little."""
    if len(uses) < number:
        return {}
    first, *others = uses.values() or ([],)
    return {use: None for use in first if use[1] in _OF_ROWS and all(use in other for other in others)}


def _uses(sources: Iterable[Mapping[str, Any]]) -> Iterator[Use]:
    for source in sources:
        column = Column(_dataset(source), source["field"])
        for how in source["transformations"]:
            yield column, Derivation(how["subtype"]), how["description"], how["masking"]


def _touched(datasets: Iterable[Mapping[str, Any]]) -> tuple[Touched, ...]:
    return tuple(Touched(_dataset(dataset), _fields(dataset)) for dataset in datasets)


def _fields(dataset: Mapping[str, Any]) -> tuple[Field, ...]:
    schema = dataset["facets"].get("schema", {"fields": ()})
    return tuple(Field(field["name"], field.get("type", "")) for field in schema["fields"])


def _dataset(named: Mapping[str, Any]) -> Dataset:
    return Dataset(named["namespace"], named["name"])
