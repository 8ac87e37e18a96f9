"""A trace: one source column and how it takes part; and how traces change on their way up a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from riverhead_emitter.model import Column, Derivation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_RANK = {Derivation.IDENTITY: 0, Derivation.TRANSFORMATION: 1, Derivation.AGGREGATION: 2}


class Outer(NamedTuple):
    """An attribute that another part of the plan gives: the query round a subquery, or a loop's last round."""

    id: int
    fields: tuple[str, ...] = ()


class Trace(NamedTuple):
    """A source column as one value has it; `text` is the last expression on the way that changed it.

    `path` is the field of the value that the source fills, empty where it fills all of it; `has_fields` says whether
    the source's own fields are still in there, to be taken one by one.
    """

    source: Column | Outer
    how: Derivation
    is_masking: bool = False
    text: str = ""
    path: tuple[str, ...] = ()
    has_fields: bool = True


# Each trace once, in the order in which they were met.
Traces: TypeAlias = tuple[Trace, ...]
NO_TRACES: Traces = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """What a node puts out: the traces of each attribute id, and of what it decides about every row by.

    What decided further down stays in the flows `below`, shared by all that are built on them.
    """

    columns: Mapping[int, Traces]
    deciding: Traces = NO_TRACES
    below: tuple[Flow, ...] = ()


def decided(flow: Flow) -> Traces:
    """Return the traces of everything that decided about a flow's rows, its own last."""
    seen = {id(flow)}
    waiting = [flow]
    found: list[Traces] = []
    while waiting:
        flow = waiting.pop()
        if flow.deciding:
            found.append(flow.deciding)
        for below in flow.below:
            if id(below) not in seen:
                seen.add(id(below))
                waiting.append(below)
    return together(reversed(found))


def together(many: Iterable[Traces]) -> Traces:
    """Return all of these traces."""
    found = [traces for traces in many if traces]
    if not found:
        return NO_TRACES
    return found[0] if len(found) == 1 else tuple(dict.fromkeys(trace for traces in found for trace in traces))


def through(traces: Traces, how: Derivation, *, is_masking: bool = False, keeps_fields: bool = False) -> Traces:
    """Return traces after a direct step; the strongest step on the way names the whole of it."""
    return tuple([_after(trace, how, is_masking, keeps_fields) for trace in traces])


def as_deciding(traces: Traces, how: Derivation, text: str = "") -> Traces:
    """Return traces as what decides in this way, however they came so far."""
    return tuple(dict.fromkeys(Trace(trace.source, how, text=text or trace.text) for trace in traces))


def named(traces: Traces, text: str) -> Traces:
    """Return traces with the expression that made the value of them."""
    return tuple(
        [trace if trace.text == text else Trace(*trace[:3], text, trace.path, trace.has_fields) for trace in traces]
    )


def field_of(traces: Traces, name: str) -> Traces:
    """Return the traces of one field of a structure, or of an array of them."""
    return tuple(found for trace in traces for found in _field(trace, name))


def inside(traces: Traces, name: str) -> Traces:
    """Return the traces of a value as this field of a structure that is made of it."""
    return tuple(trace if trace.how not in _RANK else trace._replace(path=(name, *trace.path)) for trace in traces)


def bound(traces: Traces, outer: Mapping[int, Traces]) -> Traces:
    """Return a subquery's traces with the outer query's attributes followed to their sources."""
    if not any(isinstance(trace.source, Outer) and trace.source.id in outer for trace in traces):
        return traces
    return together(_bound(trace, outer) for trace in traces)


def _after(trace: Trace, how: Derivation, is_masking: bool, keeps_fields: bool) -> Trace:
    if trace.how not in _RANK:
        return trace
    strongest = how if _RANK[how] > _RANK[trace.how] else trace.how
    if strongest is trace.how and (trace.is_masking or not is_masking) and (keeps_fields or not trace.has_fields):
        return trace
    path, has_fields = (trace.path, trace.has_fields) if keeps_fields else ((), False)
    return Trace(trace.source, strongest, trace.is_masking or is_masking, trace.text, path, has_fields)


def _bound(trace: Trace, outer: Mapping[int, Traces]) -> Traces:
    source = trace.source
    if not isinstance(source, Outer) or source.id not in outer:
        return (trace,)
    found = outer[source.id]
    for field in source.fields:
        found = field_of(found, field)
    if trace.how not in _RANK:
        return as_deciding(found, trace.how, trace.text)
    found = through(found, trace.how, is_masking=trace.is_masking, keeps_fields=trace.has_fields)
    for field in reversed(trace.path):
        found = inside(found, field)
    return named(found, trace.text) if trace.text else found


def _field(trace: Trace, name: str) -> Traces:
    if trace.how not in _RANK:
        return (trace,)
    if trace.path:
        return (trace._replace(path=trace.path[1:]),) if trace.path[0] == name else NO_TRACES
    if not trace.has_fields:
        return (trace,)
    source = trace.source
    if isinstance(source, Outer):
        return (trace._replace(source=Outer(source.id, (*source.fields, name))),)
    return (trace._replace(source=Column(source.dataset, f"{source.name}.{name}")),)
