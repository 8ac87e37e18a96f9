"""A trace: one source column and how it takes part; and how traces change on their way up a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from riverhead_emitter.model import Column, Derivation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_RANK = {Derivation.IDENTITY: 0, Derivation.TRANSFORMATION: 1, Derivation.AGGREGATION: 2}


@dataclass(frozen=True, slots=True)
class Trace:
    """A source column, or the id of an outer query's attribute that is not bound yet."""

    source: Column | int
    how: Derivation
    is_masking: bool = False


Traces: TypeAlias = frozenset[Trace]
NO_TRACES: Traces = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """What a node puts out: the traces of each attribute id, and of what decides about every row."""

    columns: Mapping[int, Traces]
    deciding: Traces = NO_TRACES


def together(many: Iterable[Traces]) -> Traces:
    """Return all of these traces."""
    return NO_TRACES.union(*many)


def through(traces: Traces, how: Derivation, *, is_masking: bool = False) -> Traces:
    """Return traces after a direct step; the strongest step on the way names the whole of it."""
    return frozenset(_stepped(trace, how, is_masking=is_masking) for trace in traces)


def as_deciding(traces: Traces, how: Derivation) -> Traces:
    """Return traces as what decides in this way, however they came so far."""
    return frozenset(Trace(trace.source, how) for trace in traces)


def bound(traces: Traces, outer: Mapping[int, Traces]) -> Traces:
    """Return a subquery's traces with the outer query's attributes followed to their sources."""
    known = {trace for trace in traces if not isinstance(trace.source, int) or trace.source not in outer}
    for trace in traces - known:
        found = outer[trace.source] if isinstance(trace.source, int) else NO_TRACES
        known |= through(found, trace.how) if trace.how.is_direct else as_deciding(found, trace.how)
    return frozenset(known)


def _stepped(trace: Trace, how: Derivation, *, is_masking: bool) -> Trace:
    if not trace.how.is_direct:
        return trace
    strongest = max(trace.how, how, key=_RANK.__getitem__)
    return replace(trace, how=strongest, is_masking=trace.is_masking or is_masking)
