"""Reading the `riverhead_coverage` run facet: what a producer says it could not trace. A senseless one says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_catalog.projection.reading import is_object, is_text, objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FACET_NAME = "riverhead_coverage"


def unresolved_count(facet: object) -> int:
    """Return how many things could not be traced."""
    count = facet.get("unresolvedCount") if is_object(facet) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0


def gaps(facet: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what could not be traced, and why, as far as the facet names it."""
    known, _ = objects(facet.get("unresolved"), "unresolved")
    for _, entry in known:
        if is_text(entry.get("what")) and is_text(entry.get("why")):
            yield entry["what"], entry["why"]
