"""Settings of a sink → its sender, imported when it is needed: none pays for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.settings.sinks import ConsoleSink, FileSink, HttpSink, KafkaSink, OfficialSink

if TYPE_CHECKING:
    from riverhead_emitter.delivery.sender import Sender
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import Sink


def sender_for(sink: Sink, redaction: Redaction = REDACTION) -> Sender:
    """Return the sender of a sink, which tells what it was told without what is to be hidden."""
    match sink:
        case HttpSink():
            from riverhead_emitter.delivery.http import HttpSender

            return HttpSender(sink, redaction)
        case FileSink():
            from riverhead_emitter.delivery.file import FileSender

            return FileSender(sink)
        case ConsoleSink():
            from riverhead_emitter.delivery.console import ConsoleSender

            return ConsoleSender(sink)
        case KafkaSink():
            from riverhead_emitter.delivery.kafka import KafkaSender

            return KafkaSender(sink, redaction)
        case OfficialSink():
            from riverhead_emitter.delivery.official import OfficialSender

            return OfficialSender(sink, redaction)
