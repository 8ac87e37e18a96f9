"""Where a URL leads: origin, path and credentials, read once and safe to put on the wire."""

from __future__ import annotations

import base64
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from riverhead_emitter.errors import ConfigurationError

_PORTS = {"http": 80, "https": 443}
# What may stand in a request line as it is; everything else, line breaks among it, is quoted.
_SAFE = "%/:?#[]@!$&'()*+,;=-._~"


class Origin(NamedTuple):
    """Scheme, host and port: what a secret may never leave."""

    scheme: str
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        """True if it is spoken to over TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and port as they stand in a request; an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Place(NamedTuple):
    """An origin, the path there, and the user info of its URL as a Basic credential."""

    origin: Origin
    path: str
    basic: str | None


def place_of(url: str, setting: str) -> Place:
    """Read an http or https URL; `setting` names it when it is malformed, as its text may hold a password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
        has_host = bool(host) and host.isprintable() and not set(host) & set(' "<>\\^`{|}')
        path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
        basic = None
        if parts.username is not None:
            basic = basic_credential(unquote_to_bytes(parts.username), unquote_to_bytes(parts.password or ""))
    except ValueError as error:  # among them UnicodeError
        raise ConfigurationError(f"{setting} has a host or a port that is none") from error
    if parts.scheme not in _PORTS or not has_host:
        raise ConfigurationError(f"{setting} must look like http://host:port")
    return Place(Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port), path, basic)


def basic_credential(user: bytes, password: bytes) -> str:
    """Return user and password as an Authorization header has them."""
    return "Basic " + base64.b64encode(user + b":" + password).decode("ascii")


def redirected(place: Place, location: str) -> Place | None:
    """Return where a redirect leads, None if that is nowhere or another origin."""
    if not location:
        return None
    authority = f"{place.origin.scheme}://{place.origin.authority}"
    try:
        there = place_of(urljoin(f"{authority}{place.path}", location), "Location")
    except (ConfigurationError, ValueError):
        return None
    return Place(place.origin, there.path, place.basic) if there.origin == place.origin else None
