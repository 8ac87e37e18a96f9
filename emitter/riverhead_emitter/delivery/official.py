"""Events through a transport of the official client, by its own configuration; needs the `official` extra.

What such a transport says is taken for what it is worth: an exception, or an error in its log, is no receipt.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from riverhead_emitter.delivery.http.answers import is_for_good
from riverhead_emitter.delivery.official_events import event_of
from riverhead_emitter.delivery.official_log import ErrorsOfThisThread
from riverhead_emitter.delivery.reasons import longest_first, told
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.delivery.turns import one_by_one
from riverhead_emitter.extras import how_to_install
from riverhead_emitter.loading import loading_a_package
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.sender import Parcel
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import OfficialSink

MISSING = f"this transport needs the package openlineage-python: {how_to_install('official')}"
_CLOSING_SECONDS = 1.0
_FAILURE = 500
_NOT_SECRET = {"type", "url", "endpoint", "topic", "log_file_path", "region", "mode", "transformer_class"}


class _Attempt(threading.Thread):
    """One event on a thread of its own, as nothing bounds what a transport does."""

    def __init__(self, sender: OfficialSender, event: bytes) -> None:
        super().__init__(name="riverhead-official-transport", daemon=True)
        self.answer: Answer | None = None
        self._sender = sender
        self._event = event

    def run(self) -> None:
        """Emit the event."""
        with ErrorsOfThisThread() as errors:
            try:
                answer = self._sender.emitted(self._event)
            except Exception as error:  # noqa: BLE001 - a transport may raise anything, and its event must not be lost
                answer = self._sender.failed(error)
        if errors.lines and isinstance(answer, Delivered):
            answer = NotNow(self._sender.told(errors.lines[0]))
        self.answer = answer


class OfficialSender:
    """Sends events by one official transport."""

    def __init__(self, sink: OfficialSink, redaction: Redaction = REDACTION) -> None:
        self.address = sink.address
        self._redaction = redaction
        self._config = _in_step(json.loads(sink.config))
        self._secrets = longest_first(_leaves(self._config))
        self._transport: Any = None
        self._hanging: _Attempt | None = None

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Give each event to the transport, as an event of its own classes."""
        return one_by_one(parcels, seconds, self._deliver)

    def close(self) -> None:
        """Close the transport, if it can be closed in time."""
        transport, self._transport = self._transport, None
        if transport is not None and self._hanging is None:
            closing = threading.Thread(target=_closed, args=(transport,), daemon=True)
            closing.start()
            closing.join(_CLOSING_SECONDS)

    def reach(self, seconds: float) -> None:
        """Make the transport, which says whether its configuration and its packages are there; OSError if not."""
        del seconds
        try:
            self._made()
        except Exception as error:  # noqa: BLE001 - a transport may raise anything
            raise OSError(self.told(_described(error))) from None

    def emitted(self, event: bytes) -> Answer:
        """Emit one event; raises whatever the transport raises."""
        transport = self._made()
        try:
            official = event_of(json.loads(event))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            return Rejected(self.told(f"the official client knows no such event: {_described(error)}"))
        transport.emit(official)
        return Delivered()

    def failed(self, error: Exception) -> Answer:
        """Return what an exception means."""
        reason = self.told(_described(error))
        if isinstance(error, ImportError):
            return NotNow(MISSING if (error.name or "").partition(".")[0] == "openlineage" else reason)
        status = _status(error)
        if status is not None and is_for_good(status):
            return Rejected(reason)
        if status is not None:
            return NotNow(reason, is_of_one_record=status >= _FAILURE)
        # An error of the network is about the way there; any other may be about this event.
        return NotNow(reason, is_of_one_record=not any(isinstance(cause, OSError) for cause in _causes(error)))

    def told(self, text: str) -> str:
        """Return a text without the configuration's secrets."""
        return told(text, self._secrets, self._redaction)

    def _deliver(self, parcel: Parcel, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        if self._hanging is not None:
            self._hanging.join(seconds)
            if self._hanging.is_alive():
                return NotNow("the transport still hangs at an earlier event")
            self._hanging = None
        attempt = _Attempt(self, parcel.event)
        attempt.start()
        attempt.join(max(deadline - time.monotonic(), 0.0))
        if attempt.answer is None:
            self._hanging = attempt
            return NotNow("the transport did not end in time")
        return attempt.answer

    def _made(self) -> Any:
        if self._transport is None:
            with loading_a_package():
                from openlineage.client.transport import get_default_factory
                from openlineage.client.transport.noop import NoopTransport

            # A copy, as the factory takes keys out of it.
            made = get_default_factory().create(json.loads(json.dumps(self._config)))
            if isinstance(made, NoopTransport):
                raise OSError("OPENLINEAGE_DISABLED makes the official client drop events")
            self._transport = made
        return self._transport


def _in_step(config: Any) -> Any:
    """Return a configuration whose transports say at once what became of an event, and not later, to nobody."""
    if not isinstance(config, dict):
        return config
    changed = {key: _in_step(value) for key, value in config.items()}
    if changed.get("type") == "async_http":
        changed["type"] = "http"
    if changed.get("type") in {"datadog", "gcplineage"}:
        changed["async_transport_rules"] = {"*": {"*": False}}
    return changed


def _leaves(config: Any, key: str = "") -> Iterator[str]:
    if isinstance(config, dict):
        for name, value in config.items():
            yield from _leaves(value, str(name))
    elif isinstance(config, list):
        for value in config:
            yield from _leaves(value, key)
    elif isinstance(config, str) and key not in _NOT_SECRET:
        yield config


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _status(error: Exception) -> int | None:
    """Return what the server answered, if an exception tells that it did."""
    for cause in _causes(error):
        status = getattr(getattr(cause, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
        if type(cause).__name__ == "RetryError":  # of `requests`: it was answered with 5xx again and again
            return _FAILURE
    return None


def _described(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception may fail even when it is asked for its text
        return type(error).__name__


def _closed(transport: Any) -> None:
    # What was delivered is known by then.
    with ErrorsOfThisThread(), contextlib.suppress(Exception):
        transport.close(_CLOSING_SECONDS)
