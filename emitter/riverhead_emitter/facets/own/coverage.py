"""What of a run's lineage could not be traced: for everybody who wants to know how far to trust the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, own_facet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Unresolved

MOST_NAMED = 100


def coverage(unresolved: Iterable[Unresolved]) -> Facet:
    """Return the `riverhead_coverage` run facet: what could not be traced, and why."""
    named = list(dict.fromkeys((gap.what, gap.why) for gap in unresolved))
    gaps = [{"what": what, "why": why} for what, why in named[:MOST_NAMED]]
    return own_facet("coverage", "1-0-0", unresolvedCount=len(named), unresolved=gaps)
