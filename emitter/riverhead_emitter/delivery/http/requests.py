"""What is sent: the bytes of a POST, made once but for the event, and the secrets in it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from riverhead_emitter.delivery.http.places import Place, place_of
from riverhead_emitter.delivery.reasons import longest_first
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import quoted
from riverhead_emitter.settings.http_transport import header_value, is_header_name
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.settings import HttpSink

# They say how the bytes that follow are to be read, which is not for a setting to decide.
_OURS = {"connection", "content-encoding", "content-length", "expect", "host", "te", "trailer", "transfer-encoding"}
_OURS |= {"proxy-authorization", "upgrade"}
# As the official client does: a little slower than the fastest, and a third smaller.
_GZIP_LEVEL, _GZIP_WINDOW = 3, 31


def headers_of(sink: HttpSink, place: Place) -> dict[str, str]:
    """Return the headers of every request; an extra one that is none, or is ours to set, is a ConfigurationError."""
    headers = {"Content-Type": "application/json", "User-Agent": f"riverhead/{VERSION}"}
    if sink.api_key:
        headers["Authorization"] = f"Bearer {sink.api_key}"
    elif place.basic:
        headers["Authorization"] = place.basic
    names = {name.lower(): name for name in headers}
    for name, value in sink.headers:
        if name.lower() in _OURS:
            raise ConfigurationError(f"the header {name} cannot be configured; leave it out")
        headers[names.get(name.lower(), name)] = value
    for name, value in headers.items():
        if not is_header_name(name):
            raise ConfigurationError(f"the header {quoted(name)} has no valid name")
        header_value(f"the header {name}", value)
    if sink.is_compressed:
        headers["Content-Encoding"] = "gzip"
    return headers


def request_head(target: str, authority: str, headers: Mapping[str, str]) -> bytes:
    """Return a POST but for its length and body."""
    lines = [f"POST {target} HTTP/1.1", f"Host: {authority}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode("latin-1")


def with_body(head: bytes, body: bytes) -> bytes:
    """Complete a request."""
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)


def compressed(event: bytes) -> bytes:
    """Return an event in gzip's format."""
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return packer.compress(event) + packer.flush()


def secrets_of(sink: HttpSink) -> list[str]:
    """Return every secret of a sink in the forms in which a server may repeat it."""
    place = place_of(sink.url, "the URL")
    found = [sink.api_key or "", place.basic or "", *(value for _, value in sink.headers)]
    found += [part for url in (sink.url, sink.proxy or "") for part in _password_in(url)]
    if sink.token:
        found += [value for name, value in sink.token.form if _is_secret(name)]
        found += sink.token.basic[1:] if sink.token.basic else ()
    words = [secret.removeprefix("Basic ").removeprefix("Bearer ") for secret in found]
    return longest_first([*words, *(quote(word, safe="") for word in words)])


def _password_in(url: str) -> list[str]:
    user_info, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    return [user_info.partition(":")[2]] if at else []


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in ("key", "secret", "password", "assertion", "token"))
