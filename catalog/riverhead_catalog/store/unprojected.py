"""Events that our own code fails on: kept as they came, said so, counted, and tried again when they come again.

The sender cannot mend a defect of ours: an error would make it send the same event for ever, before all others.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from riverhead_catalog.store.tables import events
from riverhead_emitter.redaction import scrubbed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from riverhead_catalog.projection import Projected

log = logging.getLogger(__name__)

_LONGEST = 500


def unprojected(said: Projected, failure: Exception) -> Projected:
    """Return an event as it came, with the reason why that is all; the failure is logged."""
    # Not `exc_info`: it would print the message with whatever a URL in it carries.
    trace = scrubbed("".join(traceback.format_exception(failure)))
    log.error("Event %s could not be projected and is kept as it came:\n%s", said.digest.hex()[:16], trace)
    return replace(said, problem=scrubbed(f"{type(failure).__name__}: {failure}")[:_LONGEST])


def count(connection: Connection) -> int:
    """Return how many events are kept only as they came."""
    return int(connection.execute(select(func.count()).where(events.c.problem.is_not(None))).scalar_one())
