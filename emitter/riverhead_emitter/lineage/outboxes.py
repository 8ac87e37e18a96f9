"""One emitter for a process, made from its environment when the first run begins."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION, Redaction
from riverhead_emitter.settings import settings_or_waiting, unknown_key_sentence, unknown_keys

if TYPE_CHECKING:
    from riverhead_emitter.emitter import Outbox

log = logging.getLogger(__name__)


@cache
def process_outbox() -> Emitter:
    """Return this process's emitter; it sends what it kept when the process ends, for two seconds at most."""
    values = dict(os.environ)
    for key, nearest in unknown_keys(values).items():
        log.warning("lineage: %s", unknown_key_sentence(key, nearest))
    settings, problem = settings_or_waiting(values)
    if problem:
        log.warning("lineage: %s", problem)
    return Emitter(settings, drains_at_end=True)


def failures_of(outbox: Outbox) -> FailureLog:
    """Return where failures are counted: beside the outbox's records, if it keeps any."""
    found = getattr(outbox, "failures", None)
    return found if isinstance(found, FailureLog) else FailureLog()


def redaction_of(outbox: Outbox | None) -> Redaction:
    """Return what the outbox's settings hide."""
    found = getattr(getattr(outbox, "settings", None), "redaction", None)
    return found if isinstance(found, Redaction) else REDACTION


def namespace_of(outbox: Outbox) -> str:
    """Return the namespace of jobs that name none."""
    return str(getattr(getattr(outbox, "settings", None), "namespace", None) or "default")
