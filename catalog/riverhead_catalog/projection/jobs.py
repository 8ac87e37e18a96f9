"""What an event says of its job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_catalog.projection.contents import Contents
    from riverhead_catalog.projection.registers import Registers

PARENT = "parent"


def registers(event: Mapping[str, Any], contents: Contents) -> Registers:
    """Return the registers of the event's job; its parent job is known from the run's facet."""
    said = {**contents.seen(), **contents.facets(event["job"].get("facets"))}
    parent = ((event.get("run") or {}).get("facets") or {}).get("parent")
    if parent:
        job = parent["job"]
        said |= contents.say([(PARENT, json.dumps([job["namespace"], job["name"]], ensure_ascii=False))])
    return said
