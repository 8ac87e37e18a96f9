"""The official client's transports → sinks: ours where we have one, else the official transport as it is configured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.loading import loading
from riverhead_emitter.printable import quoted
from riverhead_emitter.settings.http_transport import http_sink
from riverhead_emitter.settings.official_names import PREFIX, SIMPLE
from riverhead_emitter.settings.sinks import ConsoleSink, FileSink, HttpSink, KafkaSink, OfficialSink, Sink
from riverhead_emitter.settings.texts import mapping, seconds, text_of, truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TRANSPORT = f"{PREFIX}TRANSPORT"
NOOP = "noop"
_HTTP = ("http", "async_http")
_OURS = (*_HTTP, "kafka", "file", "console", "composite", NOOP)
_OFFICIAL = ("msk-iam", "transform", "amazon_datazone_api", "datadog", "gcplineage")
_DEEPEST = 5
# Options of the official file transport that ours does not have.
_OF_OTHER_FILE_SYSTEMS = ("filesystem", "fs_kwargs", "storage_options", "debug_mode")
_FILE_SCHEME = "file://"


def sinks_of(transport: Mapping[str, Any], values: Mapping[str, str]) -> tuple[Sink, ...] | None:
    """Return where events go: nowhere yet if nothing says so, and None if it is said that nobody wants any (`noop`)."""
    if transport.get("type"):
        return _distinct([(sink, text_of(of.get("name"))) for of, sink in _sinks(transport, values, 0)]) or None
    simple = _simple(values)
    found = http_sink(simple, values, SIMPLE[0]) if simple["url"] else None
    return () if found is None else (found,)


def longest_timeout(transport: Mapping[str, Any]) -> float | None:
    """Return the time that the most patient of the transports is given for one delivery, if any says so."""
    children = transport.get("transports")
    listed = list(children.values()) if isinstance(children, dict) else children
    inside = [longest_timeout(child) for child in listed if isinstance(child, dict)] if isinstance(listed, list) else []
    own = transport.get("timeout") if transport.get("type") in _HTTP else None
    found = [seconds("timeout of a transport", own)] if own else []
    return max([*found, *(longest for longest in inside if longest is not None)], default=None)


def _simple(values: Mapping[str, str]) -> dict[str, Any]:
    url, endpoint, key = (values.get(name) for name in SIMPLE)
    transport: dict[str, Any] = {"type": "http", "url": (url or "").strip()}
    if endpoint is not None:
        transport["endpoint"] = endpoint
    return {**transport, "auth": {"type": "api_key", "apiKey": key}} if key else transport


def _sinks(
    transport: Mapping[str, Any], values: Mapping[str, str], depth: int
) -> Iterator[tuple[Mapping[str, Any], Sink]]:
    """Yield each sink beside the transport that it was made from."""
    kind = _kind(transport)
    if kind == "composite":
        for child in _children(transport, depth):
            yield from _sinks(mapping("each transport of a composite one", child), values, depth + 1)
    elif kind != NOOP:
        yield transport, _sink(kind, transport, values)


def _kind(transport: Mapping[str, Any]) -> str:
    """Return a transport's type; one with a dot is a class, which only the official client can look for."""
    kind = text_of(transport.get("type"))
    if kind.lower() in (*_OURS, *_OFFICIAL):
        return kind.lower()
    if "." in kind:
        return kind
    raise ConfigurationError(f"transport type {quoted(kind)} is none of {', '.join((*_OURS, *_OFFICIAL))}")


def _sink(kind: str, transport: Mapping[str, Any], values: Mapping[str, str]) -> Sink:
    match kind:
        case "http" | "async_http":
            return _http(transport, values)
        case "kafka":
            return _kafka(transport)
        case "file":
            return _file(transport)
        case "console":
            return ConsoleSink()
        case _:
            return _official({**transport, "type": kind})


def _http(transport: Mapping[str, Any], values: Mapping[str, str]) -> Sink:
    """With an address of its own a transport takes nothing that is meant for another."""
    if transport.get("url"):
        return http_sink(transport, values, f"{TRANSPORT}__URL") or _official(transport)
    said = {name: value for name, value in transport.items() if value not in (None, "") or name == "endpoint"}
    given = {**_simple(values), **said}
    if not given["url"]:
        raise ConfigurationError(f"the http transport needs a url; set {TRANSPORT}__URL or {SIMPLE[0]}")
    return http_sink(given, values, SIMPLE[0]) or _official(given)


def _children(transport: Mapping[str, Any], depth: int) -> list[Any]:
    children = transport.get("transports")
    if isinstance(children, dict):
        # As for the official client, a name without a transport is no transport.
        children = [
            {**child, "name": name} if isinstance(child, dict) else child for name, child in children.items() if child
        ]
    if not isinstance(children, list) or not children or depth > _DEEPEST:
        raise ConfigurationError("a composite transport needs its transports, by name or as a list")
    return children


def _distinct(named: list[tuple[Sink, str]]) -> tuple[Sink, ...]:
    """Keep one of each; two endpoints that differ in more than their address are told apart by a name."""
    kept: dict[str, Sink] = {}
    for number, (sink, name) in enumerate(dict.fromkeys(named), 1):
        other = kept.get(sink.address)
        if other is None:
            kept[sink.address] = sink
        elif isinstance(sink, HttpSink) and other != sink:
            with loading():
                from dataclasses import replace  # a cost that only several sinks have

            told_apart = replace(sink, name=name or str(number))
            kept[told_apart.address] = told_apart
    return tuple(kept.values())


def _kafka(transport: Mapping[str, Any]) -> KafkaSink:
    topic = text_of(transport.get("topic"))
    config = transport.get("config")
    if not topic:
        raise ConfigurationError(f"the kafka transport needs {TRANSPORT}__TOPIC")
    if not isinstance(config, dict) or not config:
        raise ConfigurationError(f"the kafka transport needs {TRANSPORT}__CONFIG, an object with bootstrap.servers")
    key = next((transport[name] for name in ("messageKey", "message_key", "messagekey") if transport.get(name)), None)
    return KafkaSink(
        topic,
        tuple((str(name), text_of(value)) for name, value in sorted(config.items()) if value is not None),
        None if key is None else text_of(key),
    )


def _file(transport: Mapping[str, Any]) -> FileSink | OfficialSink:
    path = text_of(transport.get("log_file_path"))
    if not path:
        raise ConfigurationError(f"the file transport needs {TRANSPORT}__LOG_FILE_PATH")
    is_local = "://" not in path or path.startswith(_FILE_SCHEME)
    if not is_local or any(transport.get(option) for option in _OF_OTHER_FILE_SYSTEMS):
        return _official(transport)
    if path.startswith(_FILE_SCHEME):
        path = _local_path(path)
    # Absolute, because whoever drains may stand in another directory.
    return FileSink(str(Path(path).absolute()), truth("append", transport.get("append", False)))


def _local_path(url: str) -> str:
    with loading():
        from urllib.parse import unquote, urlsplit  # a cost that only an address of this kind has

    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        raise ConfigurationError(f"{TRANSPORT}__LOG_FILE_PATH names a file of another host: {quoted(parts.netloc)}")
    return unquote(parts.path)


def _official(transport: Mapping[str, Any]) -> OfficialSink:
    told = {key: value for key, value in transport.items() if key not in {"name", "priority"}}
    return OfficialSink(str(told["type"]), json.dumps(told, sort_keys=True))
