"""Traces → the edges of an output: one for each source column and way in which it takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.model import Column, ColumnEdge, DatasetEdge, Derivation, Unresolved
from riverhead_spark.columns.traces import decided, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.model import Dataset
    from riverhead_spark.columns.traces import Flow, Trace, Traces

_STRENGTH = {Derivation.IDENTITY: 0, Derivation.TRANSFORMATION: 1, Derivation.AGGREGATION: 2}
# Of hundreds of conditions on one column the first say enough.
_MOST_TEXTS = 5
# As much as a person reads; each edge repeats it.
_LONGEST_TEXT = 300
# A function over a table of a thousand columns could have used each for each: nobody reads a million of edges.
_MOST_EDGES = 50_000
_TOO_MANY = Unresolved("the columns of an output", f"they have more than {_MOST_EDGES} sources; the rest is left out")


class Edges(NamedTuple):
    """What is known of an output's columns, and of its rows."""

    columns: tuple[ColumnEdge, ...]
    datasets: tuple[DatasetEdge, ...]
    unresolved: tuple[Unresolved, ...] = ()


def edges_of(output: Dataset, columns: Iterable[tuple[str, int]], flow: Flow) -> Edges:
    """Return the edges of an output whose columns, by name, are filled from these attributes."""
    found: list[ColumnEdge] = []
    for name, id_ in columns:
        if len(found) > _MOST_EDGES:
            return Edges(tuple(found), _rows(output, flow), (_TOO_MANY,))
        found.extend(_of_column(Column(output, name), flow.columns.get(id_, ())))
    return Edges(tuple(found), _rows(output, flow))


def sources_of(ids: Iterable[int], flow: Flow) -> set[Column]:
    """Return every source column of these attributes, and of what decided about the rows."""
    traces = together([decided(flow), *(flow.columns.get(id_, ()) for id_ in ids)])
    return {trace.source for trace in traces if isinstance(trace.source, Column)}


def _rows(output: Dataset, flow: Flow) -> tuple[DatasetEdge, ...]:
    return tuple(DatasetEdge(output, source, how, _short(text)) for source, how, text in _indirect(decided(flow)))


def _of_column(output: Column, traces: Traces) -> Iterator[ColumnEdge]:
    for source, trace in _direct(traces).items():
        # What fills only a field of the output is not the whole of it.
        how = Derivation.TRANSFORMATION if trace.path and trace.how is Derivation.IDENTITY else trace.how
        yield ColumnEdge(output, source, how, _short(trace.text), trace.is_masking)
    for source, how, text in _indirect(traces):
        yield ColumnEdge(output, source, how, _short(text))


def _direct(traces: Traces) -> dict[Column, Trace]:
    """Of a source's direct ways the strongest stays, and it is masked only if every way masks."""
    found: dict[Column, Trace] = {}
    for trace in traces:
        source = trace.source
        if trace.how not in _STRENGTH or not isinstance(source, Column):
            continue
        before = found.get(source, trace)
        strongest = before if _STRENGTH[before.how] >= _STRENGTH[trace.how] else trace
        found[source] = strongest._replace(is_masking=before.is_masking and trace.is_masking)
    return found


def _indirect(traces: Traces) -> Iterator[tuple[Column, Derivation, str]]:
    texts: dict[tuple[Column, Derivation], list[str]] = {}
    for trace in traces:
        if trace.how in _STRENGTH or not isinstance(trace.source, Column):
            continue
        said = texts.setdefault((trace.source, trace.how), [])
        if trace.text not in said and len(said) < _MOST_TEXTS:
            said.append(trace.text)
            yield trace.source, trace.how, trace.text


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
