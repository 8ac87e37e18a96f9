"""Settings of a sink → its sender, imported when it is needed: none pays for another.

A sender that cannot be made here and now lets its sink's records wait, and say why; no other sink waits with them. A
certificate that cannot be read, a package that is missing, a proxy that cannot be used: each may be mended while a
drainer lives, so it is tried again whenever there is something to send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.delivery.sender import NotNow
from riverhead_emitter.guard import described
from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import REDACTION
from riverhead_emitter.settings.sinks import ConsoleSink, FileSink, HttpSink, KafkaSink, OfficialSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.sender import Answer, Parcel, Sender
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import Sink


def sender_for(sink: Sink, redaction: Redaction = REDACTION) -> Sender:
    """Return the sender of a sink, which tells what it was told without what is to be hidden."""
    with loading():
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


def sender_or_reason(sink: Sink, redaction: Redaction = REDACTION) -> Sender:
    """Return the sink's sender, or one that gives the reason why there is none for an answer."""
    made = _made(sink, redaction)
    return UnmadeSender(sink, redaction) if isinstance(made, NotNow) else made


class UnmadeSender:
    """Stands in for a sender until it can be made."""

    def __init__(self, sink: Sink, redaction: Redaction = REDACTION) -> None:
        self.address = sink.address
        self._sink = sink
        self._redaction = redaction
        self._sender: Sender | None = None

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Send them if the sender can be made by now; else answer each with the reason why it cannot."""
        if self._sender is None:
            made = _made(self._sink, self._redaction)
            if isinstance(made, NotNow):
                return (made for _ in parcels)
            self._sender = made
        return self._sender.send(parcels, seconds)

    def close(self) -> None:
        """Close the sender, if there is one."""
        if self._sender is not None:
            self._sender.close()


def _made(sink: Sink, redaction: Redaction) -> Sender | NotNow:
    try:
        return sender_for(sink, redaction)
    except Exception as error:  # noqa: BLE001 - whatever one sink's packages do, the others are served
        return NotNow(described(error, redaction))
