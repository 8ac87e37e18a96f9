"""What all tests share: every event made is held against OpenLineage's schemas, and golden files."""

from __future__ import annotations

import functools
import gc
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import openlineage_schemas
import riverhead_emitter.event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_emitter.observation import Observation

GOLDEN = Path(__file__).parent / "golden"
ASSEMBLERS = ("run_event", "job_event", "dataset_event")


def _held_against_schemas(assemble: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @functools.wraps(assemble)
    def valid_event(*facts: Any, **more_facts: Any) -> dict[str, Any]:
        event = assemble(*facts, **more_facts)
        assert openlineage_schemas.problems_of(event) == []
        return event

    return valid_event


if openlineage_schemas.are_at_hand():
    # These alone assemble events, and rooms import them after this: no test can go round it.
    for name in ASSEMBLERS:
        setattr(riverhead_emitter.event, name, _held_against_schemas(getattr(riverhead_emitter.event, name)))


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """Hosts hand a run to their children by this process's environment; the next test is no child of theirs."""
    before = dict(os.environ)
    yield
    after = dict(os.environ)
    for name in after.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before.items() - after.items())


class ListOutbox:
    """An outbox that remembers."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self.events: list[dict[str, Any]] = []

    def observe(self, observation: Observation) -> bool:
        """Remember an observation."""
        self.observations.append(observation)
        return True

    def emit(self, event: dict[str, Any]) -> bool:
        """Remember an event."""
        self.events.append(event)
        return True


@pytest.fixture
def outbox() -> ListOutbox:
    return ListOutbox()


@pytest.fixture
def read_events() -> Callable[[Path], list[dict[str, Any]]]:
    """Read events from an ndjson file, each held against the schemas."""

    def read(path: Path) -> list[dict[str, Any]]:
        events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if openlineage_schemas.are_at_hand():
            assert [problem for event in events for problem in openlineage_schemas.problems_of(event)] == []
        return events

    return read


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare text with a golden file; `--golden` rewrites the file instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"differs from {path.name}; `make golden` rewrites it"

    return compare


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden files")


def pytest_report_header() -> str:
    """Say whether events are held against the schemas in this run."""
    if openlineage_schemas.are_at_hand():
        return "every event is validated against OpenLineage's JSON Schemas"
    return openlineage_schemas.MISSING


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not look at it again."""
    gc.freeze()
