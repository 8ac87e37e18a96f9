"""What the emitter's tests share: settings that point to a place of their own, an endpoint, and events."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import endpoint as endpoints
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.event import run_event
from riverhead_emitter.model import Job, Run, RunState
from riverhead_emitter.settings import Settings, settings_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


@pytest.fixture
def endpoint() -> Iterator[endpoints.Endpoint]:
    with endpoints.serving() as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, endpoint: endpoints.Endpoint) -> Settings:
    values = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": endpoint.url}
    return settings_from(values)


@pytest.fixture
def emitter(settings: Settings) -> Iterator[Emitter]:
    made = Emitter(settings)
    yield made
    made.close()


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """Make an event of a job; the job's name tells events apart."""

    def make(name: str, run_id: str = "01890a5d-ac96-774b-bcce-b302099a8057") -> dict[str, Any]:
        return run_event(RunState.COMPLETE, NOON, Run(run_id, Job("tests", name)))

    return make
