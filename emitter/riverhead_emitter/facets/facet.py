"""What every facet carries: who produced it, and which schema it keeps."""

from __future__ import annotations

from typing import Any, TypeAlias

from riverhead_emitter.version import PRODUCER

Facet: TypeAlias = dict[str, Any]

_SPEC = "https://openlineage.io/spec/facets"


def spec_facet(schema_class: str, version: str, **content: object) -> Facet:
    """Return a facet of the OpenLineage specification, `version` written as `1-2-0`."""
    url = f"{_SPEC}/{version}/{schema_class}.json#/$defs/{schema_class}"
    return {"_producer": PRODUCER, "_schemaURL": url, **content}
