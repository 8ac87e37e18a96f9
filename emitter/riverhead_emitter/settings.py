"""Configuration, read once at the edge: OpenLineage's own names and ours → one frozen `Settings`.

A host turns its own configuration into the flat names below and lays it over the environment:
argument > host's configuration > environment > default.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.redaction import scrubbed
from riverhead_emitter.spool.places import spool_root

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every setting of ours, with what it is for; `riverhead doctor` prints this table.
OUR_KEYS = {
    "RIVERHEAD_CATALOG_URL": "where questions are asked",
    "RIVERHEAD_DISABLED": "true: observe nothing",
    "RIVERHEAD_SPOOL_DIR": "where records wait to be sent",
    "RIVERHEAD_START_DRAINER": "false: long-lived hosts leave no resident drainer behind",
    "RIVERHEAD_TIMEOUT_SECONDS": "total time for one delivery",
}
# Set by our own Makefile for the tests of this project.
_OUR_PREFIX, _TEST_PREFIX = "RIVERHEAD_", "RIVERHEAD_TEST_"
_TRANSPORT = "OPENLINEAGE__TRANSPORT"
_DESTINATION = frozenset({"OPENLINEAGE_URL", "OPENLINEAGE_ENDPOINT", "OPENLINEAGE_API_KEY"})
_PLACES = ("AIRFLOW_HOME", "HOME", "OPENLINEAGE_NAMESPACE", "RIVERHEAD_SPOOL_DIR", "XDG_STATE_HOME")
_SWITCHES = ("RIVERHEAD_DISABLED", "OPENLINEAGE_DISABLED")
_USER_INFO = re.compile("//[^/]*@")
_HTTP_URL = re.compile(
    r"https?://(?:[^\s/?#]*@)?(?:[^\s/?#@:\[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:[/?][\x21-\x7e]*)?"
)
_LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class HttpSink:
    """An OpenLineage endpoint."""

    url: str
    endpoint: str = "api/v1/lineage"
    api_key: str | None = None

    @property
    def full_url(self) -> str:
        """Where events are posted to."""
        return f"{self.url.rstrip('/')}/{self.endpoint.lstrip('/')}"

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets."""
        return f"http {scrubbed(_USER_INFO.sub('//', self.full_url))}"


@dataclass(frozen=True, slots=True)
class FileSink:
    """A file that takes one event a line; without `is_appended`, one file per event, as the official client does."""

    path: str
    is_appended: bool = True

    @property
    def address(self) -> str:
        """What tells this sink from others, without secrets."""
        return f"file {self.path}"


Sink = HttpSink | FileSink


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the emitter may be told."""

    spool_root: Path
    namespace: str = "default"
    sinks: tuple[Sink, ...] = ()
    is_disabled: bool = False
    start_drainer: bool = True
    timeout_seconds: float = 10.0


def settings_from(values: Mapping[str, str]) -> Settings:
    """Return the settings that these flat names ask for; a malformed value is a ConfigurationError."""
    return Settings(
        spool_root=spool_root(values),
        namespace=values.get("OPENLINEAGE_NAMESPACE") or "default",
        sinks=_sinks(values),
        is_disabled=any(_flag(values, switch) for switch in _SWITCHES),
        start_drainer=_flag(values, "RIVERHEAD_START_DRAINER", default=True),
        timeout_seconds=_seconds(values, "RIVERHEAD_TIMEOUT_SECONDS", 10.0),
    )


def settings_or_waiting(values: Mapping[str, str]) -> tuple[Settings, str]:
    """Return the settings for a host, which nothing malformed may stop, and what was wrong with them, if anything.

    What cannot be read must not cost any lineage: records wait in the spool until somebody corrects it.
    """
    try:
        return settings_from(values), ""
    except ConfigurationError as error:
        kept = {key: values[key] for key in (*_PLACES, *_SWITCHES) if key in values and _is_readable(key, values[key])}
        waiting = settings_from(kept)
        return waiting, str(error) if waiting.is_disabled else f"{error}; records wait in the spool"


def _is_readable(key: str, text: str) -> bool:
    try:
        settings_from({key: text})
    except ConfigurationError:
        return False
    return True


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the flat names that give a child process these settings, however its host was configured."""
    values = {
        "OPENLINEAGE_NAMESPACE": settings.namespace,
        "RIVERHEAD_DISABLED": str(settings.is_disabled),
        "RIVERHEAD_SPOOL_DIR": str(settings.spool_root),
        "RIVERHEAD_START_DRAINER": str(settings.start_drainer),
        "RIVERHEAD_TIMEOUT_SECONDS": str(settings.timeout_seconds),
    }
    for sink in settings.sinks:
        values.update({f"{_TRANSPORT}__{name}": value for name, value in _described(sink).items()})
    return values


def without_configuration(values: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what says where events go, so that no key meant for one place reaches another.

    Keys of ours that nobody knows go, too: a host only warns of them, while the command would refuse to start.
    """
    unwanted = _DESTINATION | unknown_keys(values).keys()
    return {key: value for key, value in values.items() if key not in unwanted and not key.startswith(_TRANSPORT)}


def _described(sink: Sink) -> dict[str, str]:
    match sink:
        case HttpSink():
            secret = {"AUTH__APIKEY": sink.api_key} if sink.api_key else {}
            return {"TYPE": "http", "URL": sink.url, "ENDPOINT": sink.endpoint, **secret}
        case FileSink():
            return {"TYPE": "file", "LOG_FILE_PATH": sink.path, "APPEND": str(sink.is_appended)}


def unknown_keys(values: Mapping[str, str]) -> dict[str, str | None]:
    """Return each key of ours that nobody knows, with the nearest known one."""
    return {
        key: _nearest(key)
        for key in sorted(values)
        if key.startswith(_OUR_PREFIX) and key not in OUR_KEYS and not key.startswith(_TEST_PREFIX)
    }


def _nearest(key: str) -> str | None:
    # Without the prefix, which would make everything look near.
    own = [known.removeprefix(_OUR_PREFIX) for known in OUR_KEYS]
    found = difflib.get_close_matches(key.removeprefix(_OUR_PREFIX), own, n=1, cutoff=0.5)
    return _OUR_PREFIX + found[0] if found else None


def unknown_key_sentence(key: str, nearest: str | None) -> str:
    """Say which key is not known, and which one may have been meant."""
    return f"unknown setting {key}" + (f"; did you mean {nearest}?" if nearest else "")


def _sinks(values: Mapping[str, str]) -> tuple[Sink, ...]:
    transport = _transport(values)
    kind = transport.get("type", "").lower()
    url = transport.get("url") or values.get("OPENLINEAGE_URL", "").strip()
    if kind == "file":
        path = transport.get("log_file_path")
        if not path:
            raise ConfigurationError(f"the file transport needs {_TRANSPORT}__LOG_FILE_PATH")
        # Absolute, because whoever drains may stand in another directory.
        return (FileSink(str(Path(path).absolute()), _truth("append", transport.get("append", "false"))),)
    if kind == "http" or (not kind and url):
        return (_http_sink(url, transport, values),)
    if kind:
        raise ConfigurationError(f"transport type {kind!r} cannot be used yet; choose http or file")
    return ()


def _http_sink(url: str, transport: Mapping[str, str], values: Mapping[str, str]) -> HttpSink:
    # The value itself is not repeated: whatever is wrong with it, it may hold a password.
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError("OPENLINEAGE_URL must start with http:// or https://")
    if not _HTTP_URL.fullmatch(url):
        raise ConfigurationError("OPENLINEAGE_URL must name a host, then perhaps a port: http://host:port")
    # As for the official client, these two belong to OPENLINEAGE_URL and say nothing about a transport's own url.
    alone = {} if transport.get("url") else values
    endpoint = transport.get("endpoint") or alone.get("OPENLINEAGE_ENDPOINT") or "api/v1/lineage"
    key = transport.get("auth__apikey") or transport.get("auth__api_key") or alone.get("OPENLINEAGE_API_KEY") or ""
    if not (key.strip().isascii() and key.strip().isprintable()):
        raise ConfigurationError("the API key must be one line of ASCII text; look for a line break in it")
    return HttpSink(url, endpoint, key.strip() or None)


def _transport(values: Mapping[str, str]) -> dict[str, str]:
    """Collect `OPENLINEAGE__TRANSPORT__…` (or the same as one JSON object), keys in lower case."""
    collected: dict[str, str] = {}
    whole = values.get(_TRANSPORT)
    if whole:
        try:
            collected = _flat(json.loads(whole))
        except (ValueError, AttributeError) as error:
            raise ConfigurationError(f"{_TRANSPORT} must be a JSON object") from error
    prefix = f"{_TRANSPORT}__"
    for key in sorted(key for key in values if key.startswith(prefix)):
        collected.update(_branch(key, key[len(prefix) :].lower(), values[key]))
    return collected


def _branch(key: str, name: str, text: str) -> dict[str, str]:
    """Return one variable's part of the tree: a value, or, as for `…__AUTH`, a JSON object with more of them."""
    if not text.lstrip().startswith("{"):
        return {name: text}
    try:
        return _flat(json.loads(text), f"{name}__")
    except ValueError as error:
        raise ConfigurationError(f"{key} must be a value or a JSON object") from error


def _flat(nested: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in nested.items():
        name = f"{prefix}{key}".lower()
        if isinstance(value, dict):
            flat.update(_flat(value, f"{name}__"))
        elif value is not None:
            flat[name] = str(value)
    return flat


def _flag(values: Mapping[str, str], key: str, *, default: bool = False) -> bool:
    return _truth(key, values[key]) if values.get(key) else default


def _truth(key: str, text: str) -> bool:
    match text.strip().lower():
        case "true" | "1" | "yes" | "on" | "t":
            return True
        case "false" | "0" | "no" | "off" | "f" | "":
            return False
    raise ConfigurationError(f"{key} must be true or false, not {text[:40]!r}")


def _seconds(values: Mapping[str, str], key: str, default: float) -> float:
    text = values.get(key)
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError as error:
        raise ConfigurationError(f"{key} must be a number of seconds, not {text[:40]!r}") from error
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise ConfigurationError(f"{key} must be more than zero and at most {_LONGEST_SECONDS:g}, not {text[:40]!r}")
    return seconds
