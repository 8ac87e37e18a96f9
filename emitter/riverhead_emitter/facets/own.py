"""Facets that the specification has no word for; their JSON Schemas are in `schemas/`, beside this module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.facets.facet import Facet
    from riverhead_emitter.model import Unresolved

COVERAGE_SCHEMA = "urn:riverhead:facet:coverage:1-0-0"
MOST_NAMED = 100


def coverage(unresolved: Iterable[Unresolved]) -> Facet:
    """Return the `riverhead_coverage` run facet: what could not be traced, and why."""
    named = list(dict.fromkeys((gap.what, gap.why) for gap in unresolved))
    return {
        "_producer": PRODUCER,
        "_schemaURL": COVERAGE_SCHEMA,
        "unresolvedCount": len(named),
        "unresolved": [{"what": what, "why": why} for what, why in named[:MOST_NAMED]],
    }
