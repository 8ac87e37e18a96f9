"""Validates events against OpenLineage's own JSON Schemas, where they are at hand."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
from referencing import Registry, Resource

import riverhead_emitter.facets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from referencing.jsonschema import SchemaRegistry

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "openlineage-spec"
OURS = Path(riverhead_emitter.facets.__path__[0]) / "schemas"
_SAID: dict[tuple[str, bytes], list[str]] = {}
MISSING = f"the OpenLineage JSON Schemas are not beside this checkout ({FOLDER.name}); events are not validated"


def are_at_hand() -> bool:
    """True if the schemas can be read."""
    return (FOLDER / "OpenLineage.json").exists()


def problems_of(event: dict[str, Any]) -> list[str]:
    """Return what the schemas say against an event and each of its facets."""
    kind = "DatasetEvent" if "dataset" in event else "RunEvent" if "run" in event else "JobEvent"
    found = problems_against(f"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/{kind}", event)
    for facet in _facets(event):
        url = facet["_schemaURL"]
        if "/spec/facets/" in url or url.startswith("urn:riverhead:"):
            found += problems_against(url, facet)
    return found


def problems_against(url: str, value: object) -> list[str]:
    """Return what the schema of this address says against a value; the same value is asked about once."""
    # By its text, which tells a tuple, that is no array to a schema, from a list.
    key = (url, hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).digest())
    if key not in _SAID:
        found = _validator(url).iter_errors(value)
        _SAID[key] = [f"{url.rpartition('/')[2]} {error.json_path}: {error.message}" for error in found]
    return [*_SAID[key]]


@cache
def _validator(url: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        {"$ref": url}, registry=_registry(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def _facets(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    holders = [event[part] for part in ("run", "job", "dataset") if part in event]
    holders += [*event.get("inputs", []), *event.get("outputs", [])]
    for holder in holders:
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from holder.get(kind, {}).values()


@cache
def _registry() -> SchemaRegistry:
    files = [FOLDER / "OpenLineage.json", *sorted((FOLDER / "facets").glob("*.json")), *sorted(OURS.glob("*.json"))]
    contents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    resources = [(content["$id"], Resource.from_contents(content)) for content in contents]
    registry: SchemaRegistry = Registry().with_resources(resources)
    return registry
