"""Can a sink be reached right now? For a person who asks, not for the hot path. Nothing is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from riverhead_emitter.checks import Finding
from riverhead_emitter.delivery.reasons import told
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.settings.sinks import ConsoleSink, FileSink, OfficialSink

if TYPE_CHECKING:
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import Sink

_SECONDS = 2.0


@runtime_checkable
class _Reaching(Protocol):
    def reach(self, seconds: float) -> None: ...


def reach(sink: Sink, redaction: Redaction = REDACTION) -> Finding:
    """Return whether the sink's server answers, or its file can be written."""
    match sink:
        case FileSink():
            return _file(sink)
        case ConsoleSink():
            return Finding("ok", "events are printed by whoever drains")
    address = sink.address.removeprefix("http ")
    try:
        sender = sender_for(sink, redaction)
        try:
            if isinstance(sender, _Reaching):
                sender.reach(_SECONDS)
        finally:
            sender.close()
    except (OSError, Unavailable, ConfigurationError) as error:
        return Finding(
            "problem",
            f"{address} cannot be reached ({told(str(error), (), redaction)}); records wait and nothing is lost",
        )
    if isinstance(sink, OfficialSink):
        return Finding("note", f"{address} is a transport of the official client; it can be made, not asked")
    return Finding("ok", f"{address} can be reached")


def _file(sink: FileSink) -> Finding:
    folder = Path(sink.path).resolve().parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Finding("ok", f"events go to the file {sink.path}")
    return Finding("problem", f"events go to the file {sink.path}, but {folder} cannot be written; records wait")
