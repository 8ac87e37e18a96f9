"""One emitter for a process, made from its environment when the first run begins."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FailureLog, guard
from riverhead_emitter.host_log import warn
from riverhead_emitter.redaction import REDACTION, Redaction
from riverhead_emitter.settings import settings_or_waiting, unknown_key_sentence, unknown_keys

if TYPE_CHECKING:
    from riverhead_emitter.emitter import Outbox


@cache
def process_outbox() -> Emitter:
    """Return this process's emitter; it sends what it kept when the process ends, for two seconds at most."""
    values = dict(os.environ)
    for key, nearest in unknown_keys(values).items():
        warn(__name__, "lineage: %s", unknown_key_sentence(key, nearest))
    settings, problem = settings_or_waiting(values)
    if problem:
        warn(__name__, "lineage: %s", problem)
    return Emitter(settings, drains_at_end=True)


def failures_of(outbox: Outbox) -> FailureLog:
    """Return where failures are counted: beside the outbox's records, if it keeps any."""
    found = _asked(outbox, "failures")
    return found if isinstance(found, FailureLog) else FailureLog()


def redaction_of(outbox: Outbox | None) -> Redaction:
    """Return what the outbox's settings hide."""
    found = _asked(_asked(outbox, "settings"), "redaction")
    return found if isinstance(found, Redaction) else REDACTION


def namespace_of(outbox: Outbox) -> str:
    """Return the namespace of jobs that name none."""
    found = _asked(_asked(outbox, "settings"), "namespace")
    return found if isinstance(found, str) and found else "default"


def _asked(thing: object, name: str) -> Any:
    """Return what a host's object has by this name; one that fails when it is asked has nothing."""
    with guard("asking an outbox", FailureLog()):
        return getattr(thing, name, None)
    return None
