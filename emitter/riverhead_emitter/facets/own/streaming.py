"""For who runs streams: which part of an endless query a run was, from where to where it read, and what it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, entry, own_facet
from riverhead_emitter.facets.own.bounds import first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Batch(NamedTuple):
    """One batch of a streaming query: the query lives as long as its checkpoint, its run from a start to an end.

    A query may fail without one: before its first, or between two.
    """

    query_id: str
    query_run_id: str
    batch_id: int | None = None
    query_name: str | None = None
    trigger_time: str | None = None
    watermark: str | None = None
    input_rows: int | None = None
    output_rows: int | None = None


class Source(NamedTuple):
    """What a batch read of one source; offsets are in the source's own words."""

    description: str | None = None
    start_offset: str | None = None
    end_offset: str | None = None
    latest_offset: str | None = None
    input_rows: int | None = None


class Operator(NamedTuple):
    """What an operator keeps between batches; late rows came behind the watermark and were dropped."""

    name: str | None = None
    rows: int | None = None
    updated_rows: int | None = None
    removed_rows: int | None = None
    late_rows: int | None = None
    memory_bytes: int | None = None


def streaming(
    batch: Batch,
    *,
    seconds: Mapping[str, float] | None = None,
    sources: Iterable[Source] = (),
    operators: Iterable[Operator] = (),
) -> Facet:
    """Return the `riverhead_streaming` run facet of a batch; `seconds` says what each step of it took."""
    told_sources, _ = first(sources)
    told_operators, _ = first(operators)
    return own_facet(
        "streaming",
        "1-0-0",
        **entry(batch),
        seconds=dict(seconds) if seconds else None,
        sources=entries(told_sources) or None,
        operators=entries(told_operators) or None,
    )
