"""Names that a template was to fill in: no dataset and no column of an answer has one; each is named as written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from riverhead_emitter.model import Column, ColumnEdge, Dataset, DatasetEdge, Unresolved
from riverhead_sql.reading.templates import has_gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Field, Flow, Lineage, Touched
    from riverhead_sql.reading.templates import Gaps

_Edge = TypeVar("_Edge", ColumnEdge, DatasetEdge)
_NOT_FILLED = "its name is made by a template or a parameter, whose value is not known"


def without_unfilled(lineage: Lineage, gaps: Gaps) -> Lineage:
    """Return a lineage without made-up names, and with every template in it as it was written."""
    named: dict[str, None] = {}
    kept = _Kept(gaps, named)
    inputs, outputs = kept.touched(lineage.inputs), kept.touched(lineage.outputs)
    return replace(
        lineage,
        inputs=inputs,
        outputs=outputs,
        columns=kept.edges(lineage.columns),
        datasets=kept.edges(lineage.datasets),
        flows=tuple(flow for flow in lineage.flows if kept.has_flow(flow)),
        unresolved=_unresolved(lineage.unresolved, named, gaps),
    )


class _Kept:
    """Says what stays, and notes the name of what does not."""

    def __init__(self, gaps: Gaps, named: dict[str, None]) -> None:
        self._gaps = gaps
        self._named = named

    def has(self, what: Dataset | Column) -> bool:
        dataset = what.dataset if isinstance(what, Column) else what
        if has_gap(dataset.name) or has_gap(dataset.namespace):
            self._named[self._gaps.restored(dataset.name)] = None
            return False
        if isinstance(what, Column) and has_gap(what.name):
            self._named[self._gaps.restored(what.name)] = None
            return False
        return True

    def edges(self, each: Iterable[_Edge]) -> tuple[_Edge, ...]:
        return tuple(
            replace(edge, expression=self._gaps.restored(edge.expression))
            for edge in each
            if self.has(edge.output) and self.has(edge.source)
        )

    def has_flow(self, flow: Flow) -> bool:
        unfilled = [
            end for end in (flow.output, flow.source) if isinstance(end, (Dataset, Column)) and not self.has(end)
        ]
        return not unfilled

    def touched(self, each: Iterable[Touched]) -> tuple[Touched, ...]:
        return tuple(replace(one, fields=self._fields(one.fields)) for one in each if self.has(one.dataset))

    def _fields(self, fields: Iterable[Field]) -> tuple[Field, ...]:
        kept = []
        for field in fields:
            if has_gap(field.name):
                self._named[self._gaps.restored(field.name)] = None
            else:
                kept.append(field)
        return tuple(kept)


def _unresolved(before: Iterable[Unresolved], named: Iterable[str], gaps: Gaps) -> tuple[Unresolved, ...]:
    told = {name: Unresolved(name, _NOT_FILLED) for name in named}
    rest = (
        Unresolved(gaps.restored(each.what), gaps.restored(each.why))
        for each in before
        if not (has_gap(each.what) and _is_told(gaps.restored(each.what), told))
    )
    return tuple(dict.fromkeys([*told.values(), *rest]))


def _is_told(what: str, told: Iterable[str]) -> bool:
    """`* of {{ table }}` and `column {{ column }}` say nothing more than the name."""
    return any(name in what for name in told)
