"""Events to an OpenLineage endpoint over HTTP, on one kept connection.

Redirects are never followed, so no header can reach another origin.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.redaction import MASK
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_emitter.settings import HttpSink

# 4xx that say "not like this, now" instead of "never".
_PASSING = {401, 403, 408, 425, 429}
_MOST_OF_AN_ANSWER = 1 << 16
_MOST_OF_A_REASON = 300
_SECONDS = re.compile("[0-9]{1,9}")
_LONGEST_WAIT_SECONDS = 300.0


class HttpSender:
    """Sends events to one URL."""

    def __init__(self, sink: HttpSink) -> None:
        self.address = sink.address
        parts = urlsplit(sink.full_url)
        try:
            self._is_secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        except ValueError as error:
            raise ConfigurationError(f"the port in OPENLINEAGE_URL is not a number: {parts.hostname}") from error
        self._path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": "application/json", "User-Agent": f"riverhead/{VERSION}"}
        self._secret = sink.api_key
        if sink.api_key:
            self._headers["Authorization"] = f"Bearer {sink.api_key}"
        self._connection: http.client.HTTPConnection | None = None

    def send(self, event: bytes, seconds: float) -> Answer:
        """Post one event; a kept connection that the server had closed is tried once more, afresh."""
        deadline = time.monotonic() + seconds
        is_kept = self._connection is not None
        try:
            return self._post(event, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            left = deadline - time.monotonic()
            if is_kept and left > 0 and not isinstance(error, TimeoutError):
                return self.send(event, left)
            return NotNow(self._without_secret(f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, event: bytes, deadline: float) -> Answer:
        connection = self._connected(deadline - time.monotonic())
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long to connect")
        with _bounded(connection, left):
            connection.request("POST", self._path, event, self._headers)
            response = connection.getresponse()
            text = response.read(_MOST_OF_AN_ANSWER)
            # An answer that was cut off may have been cut off before the event was kept.
            if response.length and len(text) < _MOST_OF_AN_ANSWER:
                raise http.client.IncompleteRead(text, response.length)
            if response.will_close or not response.isclosed():
                self.close()
        said = self._without_secret(text.decode("utf-8", "replace"))[:_MOST_OF_A_REASON]
        return _answer(response.status, said, response.headers.get("Retry-After"))

    def _without_secret(self, text: str) -> str:
        # A server may repeat the key that it does not like, and reasons go into logs and dead letters.
        return text.replace(self._secret, MASK) if self._secret else text

    def _connected(self, seconds: float) -> http.client.HTTPConnection:
        if self._connection is None:
            if self._is_secure:
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=context)
            else:
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=seconds)
            self._connection.connect()
        if self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)
        return self._connection


@contextlib.contextmanager
def _bounded(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Bound the whole exchange: a socket's time-out bounds each read only, and a server may drip."""
    is_cut = threading.Event()

    def cut() -> None:
        is_cut.set()
        with contextlib.suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if is_cut.is_set():
        raise TimeoutError("the answer took too long")


def _answer(status: int, text: str, retry_after: str | None) -> Answer:
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
        return Delivered()
    said = f"HTTP {status} {text}"
    if 400 <= status < 500 and status not in _PASSING:  # noqa: PLR2004 - HTTP's own numbers
        return Rejected(said)
    if retry_after and _SECONDS.fullmatch(retry_after.strip()):
        return NotNow(said, min(float(retry_after), _LONGEST_WAIT_SECONDS))
    return NotNow(said, is_of_one_record=status >= 500)  # noqa: PLR2004 - HTTP's own numbers
