"""Where events can go: one frozen value per kind of sink, each with an address that tells it from others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import MASK, scrubbed

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from riverhead_emitter.frozen import dataclass

ENDPOINT = "api/v1/lineage"
_USER_INFO = re.compile("//[^/]*@")
# Whatever stands behind a `=`, before a `@` in the path, or alone in the query may be a secret.
_VALUE = "=[^&;/?#]+"
_LOGIN = "(?<=/)[^/@]*(?=@)"
# Letters and digits as long as this are somebody's key, as in the address of a webhook.
_KEY = r"(?<=/)(?=[^/]*[0-9])(?=[^/]*[A-Za-z])[^/*=]{24,}(?=/|$)"
_ORIGIN = re.compile("https?://[^/?#]*")
# Without empty parts, which one Python's urljoin drops and another's keeps.
_PLAIN_PATH = re.compile("/?[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*/?")


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Where an HTTP sink gets its bearer tokens, as JWT and OAuth2 client credentials do."""

    url: str
    form: tuple[tuple[str, str], ...]  # what is posted there; secrets among it
    basic: tuple[str, str] | None = None
    token_fields: tuple[str, ...] = ("token", "access_token")
    expires_in_field: str = "expires_in"
    refresh_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class HttpSink:
    """An OpenLineage endpoint."""

    url: str
    endpoint: str = ENDPOINT
    api_key: str | None = None
    token: TokenEndpoint | None = None
    headers: tuple[tuple[str, str], ...] = ()
    is_compressed: bool = False
    is_verified: bool = True
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    name: str = ""  # only where two sinks would have one address

    @property
    def full_url(self) -> str:
        """Where events are posted to: the endpoint as a link on the page `url`, as the official client has it."""
        origin = self.url.removesuffix("/")
        if _ORIGIN.fullmatch(origin) and _PLAIN_PATH.fullmatch(self.endpoint):
            return f"{origin}/{self.endpoint.lstrip('/')}"
        with loading():
            from urllib.parse import urljoin  # a cost that only an address with a path has

        joined = urljoin(self.url, self.endpoint)
        return f"{joined}/" if _ORIGIN.fullmatch(joined) else joined

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets: what is masked is told apart by a digest."""
        name = f" {self.name}" if self.name else ""
        return f"http {_public(_USER_INFO.sub('//', self.full_url))}{name}"


@dataclass(frozen=True, slots=True)
class KafkaSink:
    """A Kafka topic; `config` is the producer's, librdkafka's names."""

    topic: str
    config: tuple[tuple[str, str], ...]
    message_key: str | None = None

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets."""
        servers = dict(self.config)
        named = servers.get("bootstrap.servers") or servers.get("metadata.broker.list") or ""
        return f"kafka {scrubbed(named)} {self.topic}"


@dataclass(frozen=True, slots=True)
class FileSink:
    """A file that takes one event a line; without `is_appended`, one file per event, as the official client does."""

    path: str
    is_appended: bool = True

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets."""
        return f"file {self.path}"


@dataclass(frozen=True, slots=True)
class ConsoleSink:
    """The standard output of whoever drains."""

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets."""
        return "console"


@dataclass(frozen=True, slots=True)
class OfficialSink:
    """A transport of the official client by its own configuration (JSON with its type); needs the `official` extra."""

    kind: str
    config: str

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets."""
        with loading():
            import hashlib  # a cost that only an official transport has

        return f"{self.kind} {hashlib.sha256(scrubbed(self.config).encode()).hexdigest()[:16]}"


def _public(url: str) -> str:
    """Return a URL without user info as anybody may see it; what is known for a secret is not in its digest either."""
    known = scrubbed(url)
    origin = _ORIGIN.match(known)
    if origin is None or origin.end() == len(known):
        return known
    path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", known[origin.end() :], re.DOTALL).groups()  # type: ignore[union-attr]  # matches any
    # Compiled by whoever has such an address.
    shown = re.sub(_KEY, MASK, re.sub(_LOGIN, MASK, re.sub(_VALUE, f"={MASK}", path)))
    if mark:
        shown += mark + "&".join(_without_value(part) for part in re.split("[&;#?]", rest))
    if shown == known[origin.end() :]:
        return known
    with loading():
        import hashlib  # a cost that only an address with values has

    return f"{origin[0]}{shown} ({hashlib.sha256(known.encode('utf-8', 'surrogatepass')).hexdigest()[:8]})"


def _without_value(part: str) -> str:
    name, sign, _ = part.partition("=")
    return f"{name}={MASK}" if sign else MASK


Sink = HttpSink | KafkaSink | FileSink | ConsoleSink | OfficialSink
