"""A real HTTP server on loopback that remembers what it was sent and misbehaves as a test asks."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from typing_extensions import Self


@dataclass(frozen=True)
class Reply:
    """What the endpoint answers, and in which manner.

    at once · never · drip (a byte at a time) · hang up (without an answer) · reset (the same, by RST) · then hang up
    (behind a whole answer) · cut off (half an answer) · chunked · as HTTP/1.0 · to the end (no length but the
    connection's end) · raw (`body` is all there is to say, then the end)
    """

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    manner: str = "at once"


@dataclass
class Request:
    """What the endpoint was sent, and on which of its connections."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: int = 0


class Endpoint:
    """Remembers requests; `replies` decides about each by its number and body."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: Callable[[int, bytes], Reply] = lambda _number, _body: Reply()
        self.early: Reply | None = None  # said before a body is read, and then the connection ends
        self.is_over = threading.Event()
        self.arrived = threading.Condition()
        self.connections = 0
        self.most_at_once = 0
        self.at_once = 0
        self.url = ""

    def events(self) -> list[dict[str, Any]]:
        """Return the events of all requests, in the order of arrival."""
        return [json.loads(_unpacked(request)) for request in self.requests]

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

    def busy(self, change: int) -> None:
        """Count how many requests are in hand."""
        with self.arrived:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)


def _unpacked(request: Request) -> bytes:
    return gzip.decompress(request.body) if request.headers.get("Content-Encoding") == "gzip" else request.body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    endpoint: Endpoint

    def setup(self) -> None:
        super().setup()
        with self.endpoint.arrived:
            self.endpoint.connections += 1
            self.number = self.endpoint.connections

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self._answered_early():
            return
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # a client that was killed while it sent
            return
        self.endpoint.busy(1)
        number = self.endpoint.remember(Request(self.path, dict(self.headers), body, self.number))
        reply = self.endpoint.replies(number, body)
        self.endpoint.busy(-1)
        with contextlib.suppress(OSError):
            self._answer(reply)

    def _answered_early(self) -> bool:
        if self.endpoint.early is None:
            return False
        self.wfile.write(_answer(self.endpoint.early))
        self.close_connection = True
        return True

    def _answer(self, reply: Reply) -> None:
        if reply.manner == "never":
            self.endpoint.is_over.wait(30)
        if reply.manner == "reset":
            # Closed with nothing to linger for, a socket says RST.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if reply.manner in {"never", "hang up", "reset"}:
            self.close_connection = True
            return
        answer = _answer(reply)
        if reply.manner == "drip":
            for at in range(len(answer)):
                self.wfile.write(answer[at : at + 1])
                if self.endpoint.is_over.wait(0.2):
                    return
        self.wfile.write(answer)
        self.close_connection = reply.manner in {"then hang up", "cut off", "as HTTP/1.0", "to the end", "raw"}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


def _answer(reply: Reply) -> bytes:
    if reply.manner == "raw":
        return reply.body
    version = "HTTP/1.0" if reply.manner == "as HTTP/1.0" else "HTTP/1.1"
    lines = [f"{version} {reply.status} Said", *(f"{name}: {value}" for name, value in reply.headers.items())]
    body = reply.body
    if reply.manner == "chunked":
        lines.append("Transfer-Encoding: chunked")
        parts = [body[at : at + 7] for at in range(0, len(body), 7)]
        body = b"".join(b"%x;note=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: 1\r\n\r\n"
    elif reply.manner not in {"as HTTP/1.0", "to the end"}:
        lines.append(f"Content-Length: {len(body) + (100 if reply.manner == 'cut off' else 0)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error here."""


class _ServerOfIPv6(_Server):
    address_family = socket.AF_INET6


@contextlib.contextmanager
def serving(
    endpoint: Endpoint | None = None, port: int = 0, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Endpoint]:
    """Serve on a free port (or this one) until the end of the block."""
    endpoint = endpoint or Endpoint()
    kind = _ServerOfIPv6 if ":" in host else _Server
    server = kind((host, port), type("Handler", (_Handler,), {"endpoint": endpoint}))
    if tls is not None:
        # The handshake belongs to the connection's own thread, not to the one that accepts.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    name = f"[{host}]" if ":" in host else host
    endpoint.url = f"{'https' if tls else 'http'}://{name}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """Give the URL of a port that refuses; nobody else can have it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


class Proxy:
    """A small HTTP proxy: forwards requests in absolute form, and makes tunnels; remembers the heads it was sent."""

    def __init__(self, status: int = 200) -> None:
        self.heads: list[str] = []
        self.status = status
        self._server = socket.create_server(("127.0.0.1", 0))
        self.authority = f"127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Shut down first: closing alone does not wake the thread that accepts.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._server.accept()[0],), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65_536)
            text, _, rest = head.partition(b"\r\n\r\n")
            self.heads.append(text.decode("latin-1"))
            method, target, _ = text.split(b"\r\n")[0].decode("latin-1").split(" ")
            if self.status != 200:
                client.sendall(f"HTTP/1.1 {self.status} No\r\nContent-Length: 0\r\n\r\n".encode())
                return
            authority = target if method == "CONNECT" else target.split("/")[2]
            host, _, port = authority.rpartition(":")
            with socket.create_connection((host, int(port)), 10) as server:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = "/" + target.split("/", 3)[3]
                    server.sendall(head.replace(target.encode(), path.encode(), 1))
                    rest = b""
                self._relay(client, server, rest)

    def _relay(self, client: socket.socket, server: socket.socket, first: bytes) -> None:
        server.sendall(first)
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join(10)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
