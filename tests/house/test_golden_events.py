"""Every event that is kept as a golden file is valid OpenLineage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import house
import openlineage_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = house.ROOT / "tests" / "golden"
needs_schemas = pytest.mark.skipif(not openlineage_schemas.are_at_hand(), reason=openlineage_schemas.MISSING)


def events_in(value: object) -> Iterator[dict[str, Any]]:
    """Yield each event, wherever in the file it stands."""
    if isinstance(value, list):
        for part in value:
            yield from events_in(part)
    elif isinstance(value, dict):
        if {"eventTime", "run", "job"} <= set(value):
            yield value
        else:
            yield from events_in(list(value.values()))


def golden_events() -> dict[str, list[dict[str, Any]]]:
    return {
        path.relative_to(FOLDER).as_posix(): list(events_in(json.loads(path.read_text(encoding="utf-8"))))
        for path in sorted(FOLDER.rglob("*.json"))
    }


@needs_schemas
def test_every_golden_event_is_valid() -> None:
    events = golden_events()

    assert sum(map(len, events.values())) > 0
    assert {
        name: problems
        for name, found in events.items()
        if (problems := [problem for event in found for problem in openlineage_schemas.problems_of(event)])
    } == {}


@needs_schemas
def test_an_invalid_event_is_noticed() -> None:
    broken = {"eventTime": "yesterday", "producer": "p", "schemaURL": "s", "run": {"runId": "1"}, "job": {"name": "n"}}

    assert openlineage_schemas.problems_of(broken)
