"""One connection to a server, opened when it is needed and kept while the server keeps it.

Everything on it has a deadline in all: a socket's own time-out bounds each read only, and a server may drip.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.delivery.http.replies import Reply, read_reply, read_tunnel
from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from riverhead_emitter.delivery.http.places import Origin, Place

_READ_BYTES = 1 << 16


class Route(NamedTuple):
    """The way to an origin: through a proxy perhaps, and trusting whom. `trust` is asked when it is needed."""

    origin: Origin
    proxy: Place | None
    trust: Callable[[], ssl.SSLContext]

    @property
    def is_tunnelled(self) -> bool:
        """True if the proxy sees no request but the one for a tunnel."""
        return self.proxy is not None and self.origin.is_secure

    def target(self, path: str) -> tuple[str, dict[str, str]]:
        """Return what a request asks for on this way, and the headers for a proxy that reads it."""
        if self.proxy is None or self.origin.is_secure:
            return path, {}
        credentials = {"Proxy-Authorization": self.proxy.basic} if self.proxy.basic else {}
        return f"http://{self.origin.authority}{path}", credentials


class Lane:
    """Carries one request at a time; one that found its kept connection closed is sent once more, afresh."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._socket: socket.socket | None = None
        self._request = b""
        self._is_kept = self._has_answered = False
        self._failed: OSError | None = None

    def post(self, request: bytes, deadline: float) -> None:
        """Send a request whose reply will be asked for."""
        self._request, self._has_answered, self._failed = request, False, None
        self._is_kept = self._socket is not None and self._is_quiet()
        if not self._is_kept:
            self._open(deadline)
        self._send(request, deadline)

    def reply(self, deadline: float, *, is_read_whole: bool = False) -> Reply:
        """Return the reply to what was posted."""
        try:
            reply = read_reply(lambda: self._received(deadline), is_read_whole=is_read_whole)
        except (TimeoutError, Unavailable):
            self.close()
            raise
        except OSError as error:
            if self._is_kept and not self._has_answered:
                return self._afresh(deadline, is_read_whole=is_read_whole)
            self.close()
            # If the request was cut off and no early reply says why, that is the reason.
            raise self._failed or error from None
        if not reply.is_kept or self._failed:
            self.close()
        return reply

    def _afresh(self, deadline: float, *, is_read_whole: bool) -> Reply:
        self._is_kept, self._failed = False, None
        self._open(deadline)
        self._send(self._request, deadline)
        return self.reply(deadline, is_read_whole=is_read_whole)

    def open(self, deadline: float) -> None:
        """Connect, to see whether that can be done."""
        self._open(deadline)

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _open(self, deadline: float) -> None:
        self.close()
        try:
            self._socket = _connected(self._route.proxy.origin if self._route.proxy else self._route.origin, deadline)
            if self._route.is_tunnelled:
                self._tunnel(deadline)
            if self._route.origin.is_secure:
                context = self._route.trust()
                self._socket.settimeout(_left(deadline))
                self._socket = context.wrap_socket(self._socket, server_hostname=self._route.origin.host)
        except BaseException:
            self.close()
            raise

    def _tunnel(self, deadline: float) -> None:
        origin, proxy = self._route.origin, self._route.proxy
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        lines = [f"CONNECT {host}:{origin.port} HTTP/1.1", f"Host: {host}:{origin.port}"]
        if proxy and proxy.basic:
            lines.append(f"Proxy-Authorization: {proxy.basic}")
        self._send("\r\n".join([*lines, "", ""]).encode("latin-1"), deadline)
        read_tunnel(lambda: self._received(deadline))
        self._has_answered = False

    def _send(self, request: bytes, deadline: float) -> None:
        left = memoryview(request)
        try:
            while left:
                left = left[self._timed(deadline).send(left) :]
        except TimeoutError:
            self.close()
            raise
        except OSError as error:
            # A server may answer and hang up before it has read all, as with 413: its reply says why.
            self._failed = error

    def _received(self, deadline: float) -> bytes:
        data = self._timed(deadline).recv(_READ_BYTES)
        self._has_answered = self._has_answered or bool(data)
        return data

    def _timed(self, deadline: float) -> socket.socket:
        connection = self._live()
        connection.settimeout(_left(deadline))
        return connection

    def _live(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionResetError("the connection is closed")
        return self._socket

    def _is_quiet(self) -> bool:
        """False if a kept connection has an end or anything unasked in it."""
        connection = self._live()
        try:
            connection.settimeout(0)
            connection.recv(1)
        except BlockingIOError:
            return True
        except OSError as error:
            # What an idle TLS connection says; `ssl` is not imported for its name.
            return type(error).__name__ == "SSLWantReadError"
        return False


def _connected(origin: Origin, deadline: float) -> socket.socket:
    failed: OSError | None = None
    for family, kind, protocol, _, address in _addresses(origin, deadline):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(deadline))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException as error:
            connection.close()
            if not isinstance(error, OSError) or isinstance(error, TimeoutError):
                raise
            failed = error
        else:
            return connection
    raise failed or OSError(f"the name {origin.host} has no address")


def _addresses(origin: Origin, deadline: float) -> list[tuple[Any, ...]]:
    """Look a name up, on a thread of its own: a resolver has no time-out and may hang for minutes."""
    if ":" in origin.host or origin.host.replace(".", "").isdigit():
        return socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    found: list[list[tuple[Any, ...]] | OSError] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error if isinstance(error, OSError) else OSError(f"the name {origin.host} is none"))

    thread = threading.Thread(target=look_up, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(f"no thread is left to look up {origin.host}") from error
    thread.join(_left(deadline))
    if not found:
        raise TimeoutError(f"the name {origin.host} was not found in time")
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
