"""A real HTTP server on loopback that remembers what it was sent and misbehaves as a test asks."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Reply:
    """What the endpoint answers; `manner` says how: at once, never, a byte at a time, or by hanging up."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    manner: str = "at once"


@dataclass
class Request:
    """What the endpoint was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


class Endpoint:
    """Remembers requests; `replies` decides about each by its number and body."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: Callable[[int, bytes], Reply] = lambda _number, _body: Reply()
        self.is_over = threading.Event()
        self.arrived = threading.Condition()
        self.url = ""

    def events(self) -> list[dict[str, Any]]:
        """Return the events of all requests, in the order of arrival."""
        return [json.loads(request.body) for request in self.requests]

    def names(self) -> list[str]:
        """Return the job's name of each event, in the order of arrival."""
        return [event["job"]["name"] for event in self.events()]

    def remember(self, request: Request) -> int:
        """Keep a request; return its number."""
        with self.arrived:
            self.requests.append(request)
            self.arrived.notify_all()
            return len(self.requests) - 1

    def wait_for(self, number: int, seconds: float = 20.0) -> bool:
        """Wait until so many requests have come."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.requests) >= number, seconds)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    endpoint: Endpoint

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # a client that was killed while it sent
            return
        number = self.endpoint.remember(Request(self.path, dict(self.headers), body))
        reply = self.endpoint.replies(number, body)
        with contextlib.suppress(OSError):
            self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        if reply.manner == "never":
            self.endpoint.is_over.wait(30)
        if reply.manner in {"never", "hang up"}:
            self.close_connection = True
            return
        head = f"HTTP/1.1 {reply.status} Said\r\nContent-Length: {len(reply.body)}\r\n"
        lines = head + "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items()) + "\r\n"
        answer = lines.encode("latin-1") + reply.body
        if reply.manner == "drip":
            for at in range(len(answer)):
                self.wfile.write(answer[at : at + 1])
                if self.endpoint.is_over.wait(0.2):
                    return
        self.wfile.write(answer)
        self.close_connection = reply.manner == "then hang up"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error here."""


@contextlib.contextmanager
def serving(endpoint: Endpoint | None = None, port: int = 0) -> Iterator[Endpoint]:
    """Serve on a free port (or this one) until the end of the block."""
    endpoint = endpoint or Endpoint()
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"endpoint": endpoint}))
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
