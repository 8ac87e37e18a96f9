"""Every facet of the specification: held against its JSON Schema, and beside what the official client serialises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openlineage.client import facet_v2
from openlineage.client.serde import Serde

import openlineage_schemas
from spec_facets import CASES, Case

if TYPE_CHECKING:
    from collections.abc import Iterator

# The client is newer than the specification that we follow (or older): file, our version, its version.
OTHER_VERSIONS = {"DataQualityMetricsDatasetFacet": ("1-0-0", "1-0-1")}
# What we never write: how a column was computed as the schema told it before `transformations`.
LEFT_TO_OTHERS = {"ColumnLineageDatasetFacet": {"transformationDescription", "transformationType"}}
each_facet = pytest.mark.parametrize("case", CASES, ids=[f"{at}-{case.file}" for at, case in enumerate(CASES)])
needs_schemas = pytest.mark.skipif(not openlineage_schemas.are_at_hand(), reason=openlineage_schemas.MISSING)


def said(facet: object) -> Any:
    """What a facet says: without its producer, and without the empty lists and mappings that the client adds."""
    if isinstance(facet, dict):
        found = {name: said(part) for name, part in facet.items() if name != "_producer"}
        return {name: part for name, part in found.items() if part not in ({}, [])}
    return [said(part) for part in facet] if isinstance(facet, list) else facet


def with_our_version(official: dict[str, Any], file: str) -> dict[str, Any]:
    """The official facet, told to keep the version of the schema that we keep."""
    ours, theirs = OTHER_VERSIONS.get(file, ("", ""))
    return {**official, "_schemaURL": official["_schemaURL"].replace(f"/{theirs}/", f"/{ours}/")}


def schema_of(file: str) -> dict[str, Any]:
    path = openlineage_schemas.FOLDER / "facets" / f"{file}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def properties_in(node: Any, schema: dict[str, Any], values: list[Any]) -> Iterator[tuple[tuple[int, str], bool]]:
    """Yield each property that a part of a schema has, as often as it is met, and whether these values have it."""
    if node.get("$ref", "").startswith("#/$defs/"):
        node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    objects = [value for value in values if isinstance(value, dict)]
    parts = [(part, values) for kind in ("allOf", "anyOf", "oneOf") for part in node.get(kind, ())]
    parts.append((node.get("items"), [item for value in values if isinstance(value, list) for item in value]))
    parts.append((node.get("additionalProperties"), [item for value in objects for item in value.values()]))
    for name, part in node.get("properties", {}).items():
        found = [value[name] for value in objects if name in value]
        yield (id(node), name), bool(found)
        parts.append((part, found))
    for part, found in parts:
        if isinstance(part, dict) and found:
            yield from properties_in(part, schema, found)


@each_facet
def test_a_facet_is_what_the_official_client_serialises(case: Case) -> None:
    official = with_our_version(said(Serde.to_dict(case.official)), case.file)

    assert said(case.ours) == official


@each_facet
@needs_schemas
def test_a_facet_keeps_its_json_schema_under_its_own_key(case: Case) -> None:
    schema = schema_of(case.file)

    assert case.key in schema["properties"]
    assert case.ours["_schemaURL"].partition("#")[0] == schema["$id"]
    assert openlineage_schemas.problems_against(case.ours["_schemaURL"], case.ours) == []
    assert openlineage_schemas.problems_against(schema["$id"], {case.key: case.ours}) == []


def test_the_official_client_keeps_other_versions_of_exactly_the_schemas_that_are_named_here() -> None:
    versions = {
        case.file: (case.ours["_schemaURL"].split("/")[-4], Serde.to_dict(case.official)["_schemaURL"].split("/")[-4])
        for case in CASES
    }

    assert {file: pair for file, pair in versions.items() if pair[0] != pair[1]} == OTHER_VERSIONS


@needs_schemas
def test_every_schema_of_the_specification_has_a_builder() -> None:
    files = {path.stem for path in (openlineage_schemas.FOLDER / "facets").glob("*.json")}

    assert files == {case.file for case in CASES}


@needs_schemas
@pytest.mark.parametrize("file", sorted({case.file for case in CASES}))
def test_every_property_of_every_facet_schema_is_written_by_some_case(file: str) -> None:
    schema = schema_of(file)
    facets = [{case.key: case.ours} for case in CASES if case.file == file]
    met = list(properties_in(schema, schema, facets))

    written = {place for place, is_written in met if is_written}
    assert {place[1] for place, _ in met if place not in written} == LEFT_TO_OTHERS.get(file, set())


def test_every_module_of_facets_that_the_official_client_has_is_compared() -> None:
    modules = {name for name in facet_v2.__all__ if name.islower()} - {"set_producer"}

    assert modules == {type(case.official).__module__.rpartition(".")[2] for case in CASES}
