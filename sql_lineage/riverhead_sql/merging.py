"""The lineage of several statements as one task's lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Dataset, Flow, Lineage, Touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def merged(statements: Sequence[Lineage]) -> Lineage:
    """Return what the statements did together; a dataset that is written and then read is both."""
    if len(statements) == 1:
        return statements[0]
    return Lineage(
        inputs=_touched(touched for statement in statements for touched in statement.inputs),
        outputs=_touched(touched for statement in statements for touched in statement.outputs),
        columns=tuple(dict.fromkeys(edge for statement in statements for edge in statement.columns)),
        datasets=tuple(dict.fromkeys(edge for statement in statements for edge in statement.datasets)),
        unresolved=tuple(dict.fromkeys(reason for statement in statements for reason in statement.unresolved)),
        flows=_flows([statement for statement in statements if statement.outputs]),
    )


def _touched(each: Iterable[Touched]) -> tuple[Touched, ...]:
    """One entry per dataset, with the fields of all of them in the order they were first named."""
    by_dataset: dict[Dataset, Touched] = {}
    for touched in each:
        before = by_dataset.get(touched.dataset)
        by_dataset[touched.dataset] = touched if before is None else _joined(before, touched)
    return tuple(by_dataset.values())


def _joined(before: Touched, after: Touched) -> Touched:
    named = {field.name: field for field in before.fields}
    for field in after.fields:
        if field.type or field.name not in named:
            named[field.name] = field
    return Touched(before.dataset, tuple(named.values()), {**before.facets, **after.facets})


def _flows(writing: Sequence[Lineage]) -> tuple[Flow, ...]:
    """Say which input went into which output, where not every one went into all."""
    told = dict.fromkeys(flow for statement in writing for flow in statement.flows)
    if len(writing) <= 1 or (not told and len({frozenset(_read(statement)) for statement in writing}) == 1):
        return tuple(told)
    flows = dict.fromkeys(flow for statement in writing for flow in _flows_of(statement))
    sourced = {flow.output for flow in flows if flow.source is not None}
    return tuple(flow for flow in flows if flow.source is not None or flow.output not in sourced)


def _flows_of(statement: Lineage) -> Iterator[Flow]:
    yield from statement.flows
    spoken_of = {flow.output for flow in statement.flows}
    for touched in statement.outputs:
        if touched.dataset not in spoken_of:
            yield from (Flow(touched.dataset, source) for source in _read(statement))
            if not statement.inputs:
                yield Flow(touched.dataset, None)


def _read(statement: Lineage) -> list[Dataset]:
    return [touched.dataset for touched in statement.inputs]
