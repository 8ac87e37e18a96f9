"""Settings of a sink → its sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.delivery.file import FileSender
from riverhead_emitter.delivery.http import HttpSender
from riverhead_emitter.settings import HttpSink

if TYPE_CHECKING:
    from riverhead_emitter.delivery.sender import Sender
    from riverhead_emitter.settings import Sink


def sender_for(sink: Sink) -> Sender:
    """Return the sender of a sink."""
    return HttpSender(sink) if isinstance(sink, HttpSink) else FileSender(sink)
