"""A backend in a process of its own, fast enough not to be what is measured; it answers at once, late, or never.

    python backend.py at-once|late|never [certificate and key in one file]

Prints its port, then serves until its standard input ends; a line on it is answered by how many events have come.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LATE_SECONDS = 0.2
_ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Conversation(asyncio.Protocol):
    """One connection: requests are counted and answered in the manner that was asked for."""

    manner = "at-once"
    events = 0

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Count each whole request, and answer it."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end]).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if b"expect: 100-continue" in head and len(self._received) == end + 4:
                self._transport.write(_CONTINUE)
            if len(self._received) < end + 4 + length:
                return
            del self._received[: end + 4 + length]
            Conversation.events += 1
            if self.manner == "at-once":
                self._transport.write(_ANSWER)
            elif self.manner == "late":
                asyncio.get_running_loop().call_later(LATE_SECONDS, self._transport.write, _ANSWER)


async def serve(manner: str, certificate: str | None) -> None:
    """Serve until standard input ends."""
    Conversation.manner = manner
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Conversation, "127.0.0.1", 0, ssl=context, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Conversation.events, flush=True)


class Backend:
    """A backend's process, seen from here."""

    def __init__(self, manner: str, certificate: Path | None = None) -> None:
        words = [sys.executable, __file__, manner, *([str(certificate)] if certificate else [])]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self._line()}"

    def events(self) -> int:
        """Return how many events have come."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._line())

    def end(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _line(self) -> str:
        return self._process.stdout.readline().strip()


@contextlib.contextmanager
def backend(manner: str, certificate: Path | None = None) -> Iterator[Backend]:
    """Serve for as long as this lasts."""
    served = Backend(manner, certificate)
    try:
        yield served
    finally:
        served.end()


def certificate_in(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1; return the file with its key, and the one to trust."""
    key, trusted, both = folder / "key.pem", folder / "trusted.pem", folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", trusted],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes(key.read_bytes() + trusted.read_bytes())
    return both, trusted


def refused_url() -> str:
    """Return the address of a port at which nobody listens."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{asked.getsockname()[1]}"


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))  # noqa: PLR2004 - the second word
