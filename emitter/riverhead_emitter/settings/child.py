"""Settings → the environment of a child process that is to have the same, however its parent was configured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_emitter.settings.keys import unknown_keys
from riverhead_emitter.settings.official_names import PREFIX, SIMPLE
from riverhead_emitter.settings.openlineage_file import CONFIG
from riverhead_emitter.settings.sinks import ConsoleSink, FileSink, HttpSink, KafkaSink, OfficialSink, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.settings.values import Settings

_UNWANTED = frozenset({*SIMPLE, CONFIG, "OPENLINEAGE_DISABLED"})


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the flat names that give a child process these settings, however its host was configured."""
    nodes = [_described(sink) for sink in settings.sinks]
    transport = nodes[0] if len(nodes) == 1 else {"type": "composite", "transports": nodes}
    trees = {
        "TRANSPORT": transport if nodes else {},
        "FILTERS": [_filter(found.subject, found.pattern, found.is_regex) for found in settings.filters],
        "FACETS": {"environment_variables": settings.environment_variables},
        "TAGS": {"job": dict(settings.job_tags), "run": dict(settings.run_tags)},
    }
    return {
        "OPENLINEAGE_NAMESPACE": settings.namespace,
        "RIVERHEAD_DISABLED": str(settings.is_disabled),
        "RIVERHEAD_EVENT_MAX_BYTES": str(settings.largest_event_bytes),
        "RIVERHEAD_READ_CONFIG_FILE": "false",
        "RIVERHEAD_REDACT_PATTERNS": json.dumps(settings.redaction.patterns),
        "RIVERHEAD_REDACT_SQL_LITERALS": str(settings.redaction.hides_sql_literals),
        "RIVERHEAD_SPOOL_DIR": str(settings.spool_root),
        "RIVERHEAD_SPOOL_EPHEMERAL": str(settings.is_ephemeral),
        "RIVERHEAD_SPOOL_MAX_BYTES": str(settings.largest_spool_bytes),
        "RIVERHEAD_SPOOL_SYNC": str(settings.is_synced),
        "RIVERHEAD_START_DRAINER": str(settings.start_drainer),
        "RIVERHEAD_TIMEOUT_SECONDS": str(settings.timeout_seconds),
        **{f"{PREFIX}{name}": json.dumps(tree) for name, tree in trees.items()},
    }


def without_configuration(values: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what says where events go, so that no key meant for one place reaches another.

    Keys of ours that nobody knows go, too: a host only warns of them, while the command would refuse to start.
    """
    unwanted = _UNWANTED | unknown_keys(values).keys()
    return {key: value for key, value in values.items() if key not in unwanted and not key.startswith(PREFIX)}


def _described(sink: Sink) -> dict[str, Any]:
    match sink:
        case HttpSink():
            return _http(sink)
        case FileSink():
            return {"type": "file", "log_file_path": sink.path, "append": sink.is_appended}
        case ConsoleSink():
            return {"type": "console"}
        case KafkaSink():
            key = {"messageKey": sink.message_key} if sink.message_key is not None else {}
            return {"type": "kafka", "topic": sink.topic, "config": dict(sink.config), **key}
        case OfficialSink():
            return {**json.loads(sink.config), "type": sink.kind}


def _http(sink: HttpSink) -> dict[str, Any]:
    tls = {"caCertPath": sink.ca_file, "clientCertPath": sink.client_certificate, "clientKeyPath": sink.client_key}
    return {
        "type": "http",
        "name": sink.name,
        "url": sink.url,
        "endpoint": sink.endpoint,
        "auth": _auth(sink),
        "custom_headers": dict(sink.headers),
        "compression": "gzip" if sink.is_compressed else None,
        "verify": sink.is_verified,
        "sslContext": {name: path for name, path in tls.items() if path},
        "proxy": sink.proxy or "",
    }


def _auth(sink: HttpSink) -> dict[str, Any]:
    if sink.api_key:
        return {"type": "api_key", "apiKey": sink.api_key}
    if sink.token is None:
        return {}
    return {
        "type": "token_endpoint",
        "tokenEndpoint": sink.token.url,
        "form": sink.token.form,
        "basic": sink.token.basic,
        "tokenFields": sink.token.token_fields,
        "expiresInField": sink.token.expires_in_field,
        "tokenRefreshBuffer": sink.token.refresh_seconds,
    }


def _filter(subject: str, pattern: str, is_regex: bool) -> dict[str, str]:
    field = "regex" if is_regex else "match"
    return {"type": field.replace("match", "exact") if subject == "job" else subject, field: pattern}
