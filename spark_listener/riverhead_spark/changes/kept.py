"""What a command that changes rows leaves as it was: no lineage, though the plan reads and writes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation

if TYPE_CHECKING:
    from riverhead_emitter.model import ColumnEdge, Lineage


def without_kept(lineage: Lineage) -> Lineage:
    """Return the lineage without values that stay; the target is an input only where its old values make new ones."""
    target = lineage.outputs[0].dataset
    columns = tuple(edge for edge in lineage.columns if not _is_kept(edge))
    if any(edge.source.dataset == target and edge.how.is_direct for edge in columns):
        return replace(lineage, columns=columns)
    return replace(
        lineage,
        inputs=tuple(touched for touched in lineage.inputs if touched.dataset != target),
        columns=tuple(edge for edge in columns if edge.source.dataset != target),
        datasets=tuple(edge for edge in lineage.datasets if edge.source.dataset != target),
    )


def _is_kept(edge: ColumnEdge) -> bool:
    return edge.source == edge.output and edge.how is Derivation.IDENTITY
