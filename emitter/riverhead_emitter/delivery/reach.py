"""Can a sink be reached right now? For a person who asks, not for the hot path."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from riverhead_emitter.checks import Finding
from riverhead_emitter.settings import HttpSink, Sink

_SECONDS = 2.0


def reach(sink: Sink) -> Finding:
    """Return whether the sink's server answers, or its file can be written."""
    if isinstance(sink, HttpSink):
        return _server(sink)
    folder = Path(sink.path).resolve().parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Finding("ok", f"events go to the file {sink.path}")
    return Finding("problem", f"events go to the file {sink.path}, but {folder} cannot be written; records wait")


def _server(sink: HttpSink) -> Finding:
    parts = urlsplit(sink.full_url)
    address = sink.address.removeprefix("http ")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=_SECONDS).close()
    except (OSError, ValueError) as error:
        return Finding("problem", f"{address} cannot be reached ({error}); records wait and nothing is lost")
    return Finding("ok", f"{address} can be reached")
