"""Bytes of a server, which may say anything, → one HTTP reply.

Only what an answer to a POST needs, and bounded in all. Not `http.client`: that and the mail parser below it cost more
CPU than all the rest of a delivery.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    Receive = Callable[[], bytes]

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: .*)?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"([0-9]{1,18})(?:\s*,\s*\1)*")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_MOST_OF_A_HEAD, _MOST_OF_A_BODY, _MOST_OF_A_LINE = 1 << 16, 1 << 16, 1 << 12
_MOST_INTERIM_REPLIES = 10
_OK, _MULTIPLE_CHOICES, _SWITCHING = 200, 300, 101
_WITHOUT_BODY = {204, 304}


class Reply(NamedTuple):
    """What a server said: the first part of its body is enough. `is_kept`: its connection takes another request."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_kept: bool

    @property
    def is_success(self) -> bool:
        """True if the server took it."""
        return _OK <= self.status < _MULTIPLE_CHOICES


class _Stream:
    """What has come and was not used yet."""

    __slots__ = ("_has_begun", "_receive", "held")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.held = bytearray()
        self._has_begun = False

    def more(self) -> bool:
        """Wait for more; False at the end."""
        data = self._receive()
        self.held += data
        self._has_begun = self._has_begun or bool(data)
        return bool(data)

    def until(self, mark: bytes, most: int) -> bytes:
        """Take what stands before a mark, and the mark."""
        start = 0
        while (at := self.held.find(mark, start)) < 0:
            if len(self.held) > most:
                raise Unavailable("the server's answer has no end")
            start = max(0, len(self.held) - len(mark) + 1)
            if not self.more():
                raise self._cut()
        return self.take(at + len(mark))[:at]

    def take(self, length: int) -> bytes:
        """Take so many bytes."""
        while len(self.held) < length:
            if not self.more():
                raise self._cut()
        taken = bytes(self.held[:length])
        del self.held[:length]
        return taken

    def _cut(self) -> ConnectionError:
        if self._has_begun:
            return ConnectionAbortedError("the server hung up within its answer")
        return ConnectionResetError("the server hung up without an answer")


def read_reply(receive: Receive, *, is_read_whole: bool = False) -> Reply:
    """Return the reply to one request; `receive` gives the next bytes, and none at the end of the connection.

    With `is_read_whole` a body without a length is waited for even if the status says all that an event needs.

    A reply that was cut off is a ConnectionError: the event may not have been kept. What is no HTTP is Unavailable.
    """
    stream = _Stream(receive)
    for _ in range(_MOST_INTERIM_REPLIES):
        is_1_1, status, headers = _parsed(stream.until(b"\r\n\r\n", _MOST_OF_A_HEAD))
        if status == _SWITCHING:
            break
        if status >= _OK:
            return _with_body(
                stream, status, headers, is_kept=_stays_open(is_1_1, headers), is_read_whole=is_read_whole
            )
    raise Unavailable("the server's answer is no answer to a POST")


def read_tunnel(receive: Receive) -> None:
    """Read a proxy's reply to CONNECT; any but 2xx is Unavailable."""
    stream = _Stream(receive)
    _, status, _ = _parsed(stream.until(b"\r\n\r\n", _MOST_OF_A_HEAD))
    if not _OK <= status < _MULTIPLE_CHOICES:
        raise Unavailable(f"the proxy refuses a tunnel with HTTP {status}")
    if stream.held:
        raise Unavailable("the proxy speaks where the server should")


def _parsed(head: bytes) -> tuple[bool, int, dict[str, str]]:
    first, *lines = head.split(b"\r\n")
    match = _STATUS_LINE.fullmatch(first)
    if match is None:
        raise Unavailable("the server's answer is no HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise Unavailable("the server's answer has a header that is none")
        key, text = name.decode("ascii").lower(), value.strip(b" \t").decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return match[1] == b"1", int(match[2]), headers


def _stays_open(is_1_1: bool, headers: dict[str, str]) -> bool:
    said = {word.strip() for word in headers.get("connection", "").lower().split(",")}
    # Both lengths at once is how a reply for somebody else is smuggled in: whatever follows is not to be trusted.
    is_ambiguous = "transfer-encoding" in headers and "content-length" in headers
    return ("close" not in said if is_1_1 else "keep-alive" in said) and not is_ambiguous


def _with_body(stream: _Stream, status: int, headers: dict[str, str], *, is_kept: bool, is_read_whole: bool) -> Reply:
    body, is_whole = b"", True
    if status in _WITHOUT_BODY:
        pass
    elif "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower().rpartition(",")[2].strip() != "chunked":
            raise Unavailable("the server's answer has an unknown transfer encoding")
        body, is_whole = _chunks(stream)
    elif "content-length" in headers:
        length = _LENGTH.fullmatch(headers["content-length"])
        if length is None:
            raise Unavailable("the server's answer has a length that is none")
        body = stream.take(min(int(length[1]), _MOST_OF_A_BODY))
        is_whole = int(length[1]) <= _MOST_OF_A_BODY
    else:
        body, is_whole = _rest(stream, is_needed=is_read_whole or status >= _MULTIPLE_CHOICES), False
    return Reply(status, headers, body, is_kept and is_whole and not stream.held)


def _chunks(stream: _Stream) -> tuple[bytes, bool]:
    body = bytearray()
    while True:
        match = _CHUNK_LINE.fullmatch(stream.until(b"\r\n", _MOST_OF_A_LINE))
        if match is None:
            raise Unavailable("the server's answer has a chunk without a length")
        size = int(match[1], 16)
        if len(body) + size > _MOST_OF_A_BODY:
            return bytes(body), False
        if size == 0:
            break
        body += stream.take(size)
        if stream.take(2) != b"\r\n":
            raise Unavailable("the server's answer has a chunk without an end")
    for _ in range(100):
        if not stream.until(b"\r\n", _MOST_OF_A_LINE):
            return bytes(body), True
    return bytes(body), False


def _rest(stream: _Stream, *, is_needed: bool) -> bytes:
    """Read what has no length. The status is known, so only a token or the words of a refusal are worth waiting for."""
    try:
        while is_needed and len(stream.held) < _MOST_OF_A_BODY and stream.more():
            pass
    except OSError:
        pass  # what has come will do
    return bytes(stream.held)
