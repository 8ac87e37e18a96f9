"""For whoever must find or erase one document or row: which output document came from which part of which source."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, instant, known, own_facet
from riverhead_emitter.facets.own.bounds import first

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from riverhead_emitter.model import Dataset

MOST_SOURCES = 100


class Source(NamedTuple):
    """A document or row of a dataset, or a part of it: from `start` up to `end`, counted in `unit`.

    `unit` is BYTES, CHARACTERS, TOKENS, LINES, ROWS, PAGES, FRAMES or SECONDS; the times are of the clock.
    """

    dataset: Dataset
    document: str
    unit: str | None = None
    start: float | None = None
    end: float | None = None
    start_time: datetime | str | None = None
    end_time: datetime | str | None = None


class Derived(NamedTuple):
    """A document or row that a run wrote, and what it was made from; `method` is, say, CHUNK, OCR or TRANSLATION."""

    document: str
    sources: tuple[Source, ...]
    method: str | None = None


def derivation(documents: Iterable[Derived]) -> Facet:
    """Return the `riverhead_derivation` facet of an output."""
    named, count = first(documents)
    return own_facet("derivation", "1-0-0", documentCount=count, documents=[_derived(document) for document in named])


def _derived(derived: Derived) -> Facet:
    sources, count = first(derived.sources, MOST_SOURCES)
    return known(
        document=derived.document,
        method=derived.method,
        sourceCount=count,
        sources=[_source(source) for source in sources],
    )


def _source(source: Source) -> Facet:
    return known(
        namespace=source.dataset.namespace,
        name=source.dataset.name,
        document=source.document,
        unit=source.unit,
        start=source.start,
        end=source.end,
        startTime=None if source.start_time is None else instant(source.start_time),
        endTime=None if source.end_time is None else instant(source.end_time),
    )
