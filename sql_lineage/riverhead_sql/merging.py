"""The lineage of several statements as one task's lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Dataset, Lineage, Touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
