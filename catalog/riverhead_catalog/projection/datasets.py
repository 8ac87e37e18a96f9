"""What an event says of the datasets that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_catalog.projection.registers import merged
from riverhead_emitter.model import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_catalog.projection.contents import Contents
    from riverhead_catalog.projection.registers import Registers


def registers(event: Mapping[str, Any], contents: Contents) -> dict[Dataset, Registers]:
    """Return the registers of every dataset that the event names."""
    touched: dict[Dataset, Registers] = {}
    for entry in _entries(event):
        facets = {
            **(entry.get("inputFacets") or {}), **(entry.get("outputFacets") or {}), **(entry.get("facets") or {}),
        }  # fmt: skip
        dataset = Dataset(entry["namespace"], entry["name"])
        said = {**contents.seen(), **contents.facets(facets)}
        touched[dataset] = merged(touched.get(dataset, {}), said)
    return touched


def _entries(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from event.get("inputs") or []
    yield from event.get("outputs") or []
    if "job" not in event and event.get("dataset"):
        yield event["dataset"]
