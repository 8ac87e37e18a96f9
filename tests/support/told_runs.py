"""What the SDK's tests share: an outbox that remembers, and what one run becomes that is told something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter import lineage
from riverhead_emitter.guard import FailureLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.lineage import TracedRun


class Box:
    """An outbox that remembers what it was given, and counts failures."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.failures = FailureLog()

    def observe(self, _: object) -> bool:
        """Take nothing."""
        return False

    def emit(self, event: dict[str, Any]) -> bool:
        """Remember an event."""
        self.events.append(event)
        return True

    def story(self) -> list[str]:
        """Return each event's job and state."""
        return [f"{event['job']['name']} {event['eventType']}" for event in self.events]

    def parents(self) -> dict[str, tuple[str, str]]:
        """Return each job's parent and root."""
        facets = {event["job"]["name"]: event["run"]["facets"].get("parent") for event in self.events}
        return {name: (one["job"]["name"], one["root"]["job"]["name"]) for name, one in facets.items() if one}


def told(box: Box, tell: Callable[[TracedRun], object]) -> dict[str, Any]:
    """Return the last event of a run that is told so."""
    with lineage.run("job", outbox=box) as run:
        tell(run)
    return box.events[-1]


def gaps(event: dict[str, Any]) -> list[str]:
    """Return what an event says that it does not know."""
    facet = event["run"]["facets"].get("riverhead_coverage", {"unresolved": []})
    return [f"{gap['what']}: {gap['why']}" for gap in facet["unresolved"]]
