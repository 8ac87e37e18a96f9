"""What the official client makes of an environment and a file, and what our settings do, said in the same words."""

from __future__ import annotations

import base64
import contextlib
import os
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest import mock
from urllib.parse import quote_plus, urljoin

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import (
    ConsoleSink,
    FileSink,
    HttpSink,
    KafkaSink,
    OfficialSink,
    Settings,
    Sink,
    TokenEndpoint,
    settings_from,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Words: TypeAlias = "dict[str, Any] | str"
REFUSED = "refused"


@contextlib.contextmanager
def environment(values: Mapping[str, str], home: Path) -> Iterator[None]:
    """Be a process with nothing but these variables; the official client adds some of its own."""
    with mock.patch.dict(os.environ, {"PATH": os.defpath, "HOME": str(home), **values}, clear=True):
        yield


def theirs() -> Words:
    """Say what the official client resolves here."""
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.kafka import KafkaTransport

    # Whether a producer can be made says nothing about what is configured.
    with mock.patch.object(KafkaTransport, "_setup_producer"):
        try:
            client = OpenLineageClient()
            config = client.config
        except Exception:  # noqa: BLE001 - it refuses with whatever its parts raise
            return REFUSED
    if client.transport.kind == "noop":
        return "disabled"
    return {
        "sinks": sorted(_transports(client.transport), key=repr),
        "filters": [_filter(found) for found in client._filters],
        "environment_variables": list(config.facets.environment_variables),
        "job_tags": {key: str(value) for key, value in config.tags.job.items()},
        "run_tags": {key: str(value) for key, value in config.tags.run.items()},
    }


def ours() -> Words:
    """Say what our settings are here."""
    try:
        settings = settings_from(os.environ)
    except ConfigurationError:
        return REFUSED
    return "disabled" if settings.is_disabled else _of_settings(settings)


def _of_settings(settings: Settings) -> Words:
    return {
        "sinks": sorted((_sink(sink) for sink in settings.sinks), key=repr),
        "filters": [("regex" if found.is_regex else "exact", found.pattern) for found in settings.filters],
        "environment_variables": list(settings.environment_variables),
        "job_tags": dict(settings.job_tags),
        "run_tags": dict(settings.run_tags),
    }


def _transports(transport: Any) -> list[Any]:
    match transport.kind:
        case "composite":
            return [found for child in transport.transports for found in _transports(child)]
        case "noop":
            return []
        case "http" | "async_http":
            return [_their_http(transport)]
        case "kafka":
            config = {key: _word(value) for key, value in transport.kafka_config.config.items()}
            return [("kafka", transport.topic, config, transport.message_key)]
        case "file":
            config = transport.config
            return [("file", os.path.abspath(config.log_file_path), bool(config.append))]  # noqa: PTH100 - as it is opened
        case "console":
            return [("console",)]
        case kind:
            return [("official", kind)]


def _filter(found: Any) -> tuple[str, str]:
    return ("exact", found.match) if hasattr(found, "match") else ("regex", found.pattern.pattern)


def _their_http(transport: Any) -> Any:
    config = transport.config
    endpoint = urljoin(config.url.strip(), config.endpoint)
    ssl_context = getattr(config, "ssl_context", None)
    verify: Any = (ssl_context and ssl_context.ca_cert_path) or config.verify
    certificate = ssl_context.as_requests_cert() if ssl_context else None
    return (
        "http",
        endpoint,
        _their_auth(config.auth),
        {name: str(value) for name, value in config.custom_headers.items()},
        str(config.compression) if config.compression else None,
        verify,
        certificate,
    )


def _their_auth(auth: Any) -> Any:
    if hasattr(auth, "token_endpoint"):
        form = auth._get_token_request_data()
        return (auth.token_endpoint, form, auth._get_token_request_authorization(), list(auth.token_fields),
                auth.expires_in_field, float(auth.token_refresh_buffer))  # fmt: skip
    return auth.get_bearer()


def _sink(sink: Sink) -> Any:
    match sink:
        case HttpSink():
            certificate = (sink.client_certificate, sink.client_key) if sink.client_key else sink.client_certificate
            bearer = f"Bearer {sink.api_key}" if sink.api_key else None
            auth = _token(sink.token) if sink.token else bearer
            verify = (sink.ca_file or True) if sink.is_verified else False
            compression = "gzip" if sink.is_compressed else None
            return ("http", sink.full_url, auth, dict(sink.headers), compression, verify, certificate)
        case KafkaSink():
            return ("kafka", sink.topic, dict(sink.config), sink.message_key)
        case FileSink():
            return ("file", sink.path, sink.is_appended)
        case ConsoleSink():
            return ("console",)
        case OfficialSink():
            return ("official", sink.kind)


def _token(token: TokenEndpoint) -> Any:
    basic = ":".join(quote_plus(part) for part in token.basic) if token.basic else ""
    header = f"Basic {base64.b64encode(basic.encode()).decode()}" if basic else None
    return (
        token.url,
        dict(token.form),
        header,
        list(token.token_fields),
        token.expires_in_field,
        token.refresh_seconds,
    )


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
