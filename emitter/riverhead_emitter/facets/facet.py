"""What every facet carries: who produced it, and which schema it keeps. What is not known is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import NamedTuple

Facet: TypeAlias = dict[str, Any]

_SPEC = "https://openlineage.io/spec/facets"


def spec_facet(schema_class: str, version: str, definition: str = "", /, **content: object) -> Facet:
    """Return a facet of the OpenLineage specification, `version` written as `1-2-0`.

    `definition` names the part of the schema's file that is meant, where it is not the one named like the file.
    """
    url = f"{_SPEC}/{version}/{schema_class}.json#/$defs/{definition or schema_class}"
    return {"_producer": PRODUCER, "_schemaURL": url, **known(**content)}


def own_facet(name: str, version: str, /, **content: object) -> Facet:
    """Return a facet of ours, whose JSON Schema lies in `schemas/` beside this module."""
    return {"_producer": PRODUCER, "_schemaURL": f"urn:riverhead:facet:{name}:{version}", **known(**content)}


def known(**content: object) -> Facet:
    """Return what is known of this content: what is None is left out."""
    return {name: value for name, value in content.items() if value is not None}


def entry(value: NamedTuple) -> Facet:
    """Return what is known of a value, under the names that JSON has for its parts: `content_type` → `contentType`."""
    return {_in_json(name): part for name, part in value._asdict().items() if part is not None}


def entries(values: Iterable[NamedTuple]) -> list[Facet]:
    """Return the entry of each value."""
    return [entry(value) for value in values]


def instant(time: datetime | str) -> str:
    """Return a time as OpenLineage tells it; it must carry its zone. Text is taken for a time told already."""
    if isinstance(time, str):
        return time
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _in_json(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
