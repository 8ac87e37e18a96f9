"""The table of facets in the documents is the code's."""

from __future__ import annotations

import importlib
import json

import pytest

import house
import openlineage_schemas
from riverhead_emitter.facets.own.shipped import own_schemas

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (house.ROOT / "docs" / "facets.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
PLACES = {"run", "job", "dataset", "input", "output"}
needs_schemas = pytest.mark.skipif(not openlineage_schemas.are_at_hand(), reason=openlineage_schemas.MISSING)


def names_in(cell: str) -> list[str]:
    return [name.strip(" `") for name in cell.split(",")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].strip('`')} of {row[2]}")
def test_a_documented_facet_has_the_builder_and_the_place_that_the_table_says(row: list[str]) -> None:
    builders = [name.rpartition(".") for name in names_in(row[1])]

    assert all(getattr(importlib.import_module(f"riverhead_emitter.facets.{home}"), name) for home, _, name in builders)
    assert set(names_in(row[2])) <= PLACES


@needs_schemas
def test_every_facet_of_the_specification_is_documented_under_its_own_key() -> None:
    files = sorted((openlineage_schemas.FOLDER / "facets").glob("*.json"))
    keys = {(file.stem, *json.loads(file.read_text(encoding="utf-8"))["properties"]) for file in files}

    assert {(row[-1], row[0].strip("`")) for row in ROWS if not row[0].startswith("`riverhead_")} == keys


def test_every_facet_of_ours_is_documented_under_its_own_key() -> None:
    names = {(file.removesuffix(".json"), f"riverhead_{file.partition('-')[0]}") for file in own_schemas()}

    assert {(row[-1], row[0].strip("`")) for row in ROWS if row[0].startswith("`riverhead_")} == names
