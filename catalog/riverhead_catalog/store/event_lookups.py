"""Reading raw events."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from riverhead_catalog.store.tables import events

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def run_events(
    connection: Connection, after: int | None, before: int | None, limit: int, offset: int, *, newest_first: bool
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of raw run events by time, and how many there are in that time."""
    within: list[ColumnElement[bool]] = [events.c.is_run.is_(True)]
    if after is not None:
        within.append(events.c.time >= after)
    if before is not None:
        within.append(events.c.time < before)
    order = (events.c.time.desc(), events.c.digest) if newest_first else (events.c.time, events.c.digest)
    found = select(events.c.raw).where(*within).order_by(*order).limit(limit).offset(offset)
    count = connection.execute(select(func.count()).select_from(events).where(*within)).scalar_one()
    return [json.loads(zlib.decompress(row.raw)) for row in connection.execute(found)], int(count)
