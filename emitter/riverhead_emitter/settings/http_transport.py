"""The official client's http transports → our HTTP sink, with what the client's libraries take from an environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import quoted
from riverhead_emitter.settings.proxies import proxy_for
from riverhead_emitter.settings.sinks import ENDPOINT, HttpSink, TokenEndpoint
from riverhead_emitter.settings.texts import mapping, seconds, text_of, truth

if TYPE_CHECKING:
    from collections.abc import Mapping

_HTTP_URL = re.compile(
    r"https?://(?:[^\s/?#]*@)?(?:[^\s/?#@:\[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:[/?][\x21-\x7e]*)?"
)
_ENDPOINT = r"(?!//)(?![A-Za-z][A-Za-z0-9+.-]*:)[\x21-\x7e]*"
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}"
_CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# Where a token is fetched in a way that only we know; so a child process is told what its parent knows.
_OURS = "token_endpoint"
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def http_sink(transport: Mapping[str, Any], values: Mapping[str, str], url_key: str) -> HttpSink | None:
    """Return the sink of an http transport; None if its auth is a class, which only the official client can use."""
    url = web_address(url_key, text_of(transport.get("url")).strip())
    auth = mapping("auth of an http transport", transport.get("auth"))
    if auth.get("type") not in {None, "", "api_key", "jwt", "oauth2", _OURS}:
        return None
    tls = mapping("sslContext", told(transport, "sslContext"))
    is_verified, ca_file = _verification(transport, tls, values)
    certificate, key = _path(tls, "clientCertPath"), _path(tls, "clientKeyPath")
    if key and not certificate:
        raise ConfigurationError("clientKeyPath needs clientCertPath beside it")
    return HttpSink(
        url,
        endpoint_of(transport),
        _api_key(auth),
        _token(auth),
        _headers(transport),
        _is_compressed(transport),
        is_verified,
        ca_file,
        certificate,
        key,
        text_of(transport["proxy"]) or None if "proxy" in transport else proxy_for(url, values),
    )


def web_address(key: str, url: str) -> str:
    """Return an address if it is one of http or https; the sentence that says it is not does not repeat it."""
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(f"{key} must start with http:// or https://")
    if not _HTTP_URL.fullmatch(url):
        raise ConfigurationError(f"{key} must name a host, then perhaps a port: http://host:port")
    return url


def endpoint_of(transport: Mapping[str, Any]) -> str:
    """Return the path of the lineage API; one that is there and empty means the address itself."""
    endpoint = text_of(transport["endpoint"]).strip() if "endpoint" in transport else ENDPOINT
    if endpoint != ENDPOINT and not re.fullmatch(_ENDPOINT, endpoint):
        raise ConfigurationError(f"the endpoint must be a path such as {ENDPOINT}, not an address of its own")
    return endpoint


def told(node: Mapping[str, Any], name: str) -> Any:
    """Return what is said under a name, or under it as a variable would spell it; None if nothing is."""
    snake = re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", name)
    return next((node[known] for known in (name, name.lower(), snake) if node.get(known) not in (None, "")), None)


def is_header_name(text: str) -> bool:
    """Return whether a header may be called so."""
    return bool(re.fullmatch(_HEADER_NAME, text))


def header_value(key: str, text: str) -> str:
    """Return what goes into a header; only a line of ASCII can, and it is not repeated, as it may be a secret."""
    if not (text.isascii() and text.isprintable()):
        raise ConfigurationError(f"{key} must be one line of ASCII text; look for a line break in it")
    return text


def _secret_line(key: str, value: Any) -> str:
    return header_value(key, text_of(value).strip())


def _api_key(auth: Mapping[str, Any]) -> str | None:
    if auth.get("type") not in {None, "", "api_key"}:
        return None
    key = _secret_line("the API key", told(auth, "apiKey"))
    if auth.get("type") and not key:
        raise ConfigurationError("auth of type api_key needs apiKey")
    return key or None


def _token(auth: Mapping[str, Any]) -> TokenEndpoint | None:
    kind = auth.get("type")
    if kind not in {"jwt", "oauth2", _OURS}:
        return None
    url = web_address("tokenEndpoint", text_of(told(auth, "tokenEndpoint")).strip())
    fields = told(auth, "tokenFields")
    usual = ("token", "access_token") if kind == "jwt" else ("access_token",)
    listed = fields if isinstance(fields, list) else [fields] if fields else usual
    refresh = told(auth, "tokenRefreshBuffer")
    form, basic = _form(auth)
    return TokenEndpoint(
        url,
        form,
        basic,
        tuple(text_of(field) for field in listed),
        text_of(told(auth, "expiresInField")) or "expires_in",
        120.0 if not refresh else seconds("tokenRefreshBuffer", refresh),
    )


def _form(auth: Mapping[str, Any]) -> tuple[tuple[tuple[str, str], ...], tuple[str, str] | None]:
    """Return what is posted for a token, and who asks where that goes into a header."""
    if auth["type"] == _OURS:
        basic = auth.get("basic")
        return tuple((name, value) for name, value in auth["form"]), (basic[0], basic[1]) if basic else None
    if auth["type"] == "jwt":
        grant, response = told(auth, "grantType") or _JWT_GRANT, told(auth, "responseType") or "token"
        asked = {"grant_type": text_of(grant), "response_type": text_of(response)}
        return (*asked.items(), ("apikey", _needed(auth, "apiKey"))), None
    who = _needed(auth, "clientId"), _needed(auth, "clientSecret")
    scope = told(auth, "scope")
    form = (("grant_type", "client_credentials"), *([("scope", text_of(scope))] if scope else []))
    match told(auth, "clientAuthMethod"):
        case None | "client_secret_basic":
            return form, who
        case "client_secret_post":
            return (*form, ("client_id", who[0]), ("client_secret", who[1])), None
        case other:
            raise ConfigurationError(
                f"clientAuthMethod must be client_secret_basic or client_secret_post, not {quoted(other)}"
            )


def _needed(auth: Mapping[str, Any], name: str) -> str:
    value = text_of(told(auth, name))
    if not value:
        raise ConfigurationError(f"auth of type {auth['type']} needs {name}")
    return value


def _verification(
    transport: Mapping[str, Any], tls: Mapping[str, Any], values: Mapping[str, str]
) -> tuple[bool, str | None]:
    """Return whether the server's certificate is checked, and against which authorities if not the system's."""
    own = _path(tls, "caCertPath")
    verify = transport.get("verify", True)
    if own:
        return True, own
    if isinstance(verify, str) and ("/" in verify or verify.endswith(".pem")):
        return True, _absolute(verify)
    if not truth("verify", True if verify is None else verify):
        return False, None
    return True, next((_absolute(values[name]) for name in _CA_BUNDLES if values.get(name)), None)


def _path(tls: Mapping[str, Any], name: str) -> str | None:
    return _absolute(text_of(told(tls, name))) or None


def _absolute(path: str) -> str:
    # Whoever drains may stand in another directory.
    return str(Path(path).absolute()) if path else ""


def _headers(transport: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    headers = mapping("custom_headers", told(transport, "customHeaders"))
    for number, name in enumerate(headers, 1):
        if not is_header_name(name):
            raise ConfigurationError(f"number {number} of custom_headers has no valid name")
    return tuple((name, _secret_line(f"the custom header {name}", value)) for name, value in headers.items())


def _is_compressed(transport: Mapping[str, Any]) -> bool:
    compression = transport.get("compression")
    if compression in (None, "", "gzip"):
        return compression == "gzip"
    raise ConfigurationError(f"compression must be gzip or nothing, not {quoted(compression)}")
