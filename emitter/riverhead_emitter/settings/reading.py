"""Everything that says something → one `Settings`; what cannot be read is a sentence, and stops no host.

argument > host's configuration > openlineage.yml > environment > default.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import Redaction
from riverhead_emitter.settings.keys import OUR_KEYS, SHOWN_IN
from riverhead_emitter.settings.official_names import openlineage_tree
from riverhead_emitter.settings.openlineage_file import config_file, document_in
from riverhead_emitter.settings.texts import mapping, patterns, seconds, size, text_of, truth
from riverhead_emitter.settings.transports import longest_timeout, sinks_of
from riverhead_emitter.settings.values import Settings
from riverhead_emitter.spool.places import spool_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.filters import Filter

_NOTHING: Mapping[str, str] = {}
_SWITCHES = ("RIVERHEAD_DISABLED", "OPENLINEAGE_DISABLED")
# What a host goes by although something else cannot be read.
_KEPT = (*OUR_KEYS, *_SWITCHES, SHOWN_IN, "AIRFLOW_HOME", "HOME", "OPENLINEAGE_NAMESPACE", "XDG_STATE_HOME")
_LEAST_EVENT, _MOST_EVENT = 1 << 16, 1 << 30
_LEAST_SPOOL, _MOST_SPOOL = 1 << 20, 1 << 50
_READ_FILE = "RIVERHEAD_READ_CONFIG_FILE"
_PATTERNS = "RIVERHEAD_REDACT_PATTERNS"
_SEPARATORS = str.maketrans(",;", "  ")


def settings_from(values: Mapping[str, str], host: Mapping[str, str] = _NOTHING) -> Settings:
    """Return the settings that these flat names ask for; a malformed value is a ConfigurationError.

    `values` is an environment, which may name or find an openlineage.yml; `host` goes before both.
    """
    flat = {**values, **host}
    try:
        return _settings(flat, openlineage_tree(values, _document(flat), host))
    except FileNotFoundError as error:
        # Only where a process stands can be missing here, because a path is relative to it.
        raise ConfigurationError("the working directory is gone; start this process in another") from error


def settings_or_waiting(values: Mapping[str, str], host: Mapping[str, str] = _NOTHING) -> tuple[Settings, str]:
    """Return the settings for a host, which nothing malformed may stop, and what was wrong with them, if anything.

    What cannot be read must not cost any lineage: records wait in the spool until somebody corrects it.
    """
    try:
        return settings_from(values, host), ""
    except ConfigurationError as error:
        flat = {**values, **host}
        kept = {key: flat[key] for key in _KEPT if key in flat and _is_readable(key, flat[key])}
        waiting = settings_from({**kept, **_usable_patterns(flat), _READ_FILE: "false"})
        return waiting, str(error) if waiting.is_disabled else f"{error}; records wait in the spool"


def configuration_found(values: Mapping[str, str]) -> str | None:
    """Return the openlineage.yml that is read in such an environment, if one is."""
    return config_file(values) if _flag(values, _READ_FILE, default=True) else None


def _settings(flat: Mapping[str, str], tree: Mapping[str, Any]) -> Settings:
    transport = mapping("transport", tree.get("transport"))
    sinks = sinks_of(transport, flat)
    tags = mapping("tags", tree.get("tags"))
    return Settings(
        spool_root=spool_root(flat),
        namespace=flat.get("OPENLINEAGE_NAMESPACE") or "default",
        sinks=sinks or (),
        is_disabled=sinks is None or any(_flag(flat, switch) for switch in _SWITCHES),
        start_drainer=_flag(flat, "RIVERHEAD_START_DRAINER", default=True),
        timeout_seconds=_timeout(flat, transport),
        largest_event_bytes=_size(flat, "RIVERHEAD_EVENT_MAX_BYTES", 2 << 20, _LEAST_EVENT, _MOST_EVENT),
        largest_spool_bytes=_size(flat, "RIVERHEAD_SPOOL_MAX_BYTES", 1 << 30, _LEAST_SPOOL, _MOST_SPOOL),
        is_synced=_flag(flat, "RIVERHEAD_SPOOL_SYNC"),
        is_ephemeral=_flag(flat, "RIVERHEAD_SPOOL_EPHEMERAL"),
        filters=_filters(tree.get("filters")),
        environment_variables=_names(mapping("facets", tree.get("facets")).get("environment_variables")),
        job_tags=_pairs("tags of jobs", tags.get("job")),
        run_tags=_pairs("tags of runs", tags.get("run")),
        redaction=Redaction(_flag(flat, "RIVERHEAD_REDACT_SQL_LITERALS"), patterns(flat.get(_PATTERNS, ""))),
        shown_in=Path(flat[SHOWN_IN]) if flat.get(SHOWN_IN) else None,
    )


def _document(values: Mapping[str, str]) -> dict[str, Any]:
    path = configuration_found(values)
    return document_in(path) if path else {}


def _is_readable(key: str, text: str) -> bool:
    try:
        settings_from({_READ_FILE: "false", key: text})
    except ConfigurationError:
        return False
    return True


def _filters(value: Any) -> tuple[Filter, ...]:
    if not value:
        return ()
    with loading():
        from riverhead_emitter.settings.filter_list import filters_of  # a cost that only who filters has

    return filters_of(value)


def _usable_patterns(values: Mapping[str, str]) -> dict[str, str]:
    """One pattern that cannot be used must not cost the others: secrets are hidden before a record is kept."""
    return {_PATTERNS: json.dumps([found for found in patterns(values.get(_PATTERNS, "")) if _is_usable(found)])}


def _is_usable(pattern: str) -> bool:
    try:
        Redaction(patterns=(pattern,))
    except ConfigurationError:
        return False
    return True


def _flag(values: Mapping[str, str], key: str, *, default: bool = False) -> bool:
    return truth(key, values[key]) if values.get(key) else default


def _size(values: Mapping[str, str], key: str, default: int, least: int, most: int) -> int:
    return size(key, values[key], least, most) if values.get(key) else default


def _timeout(values: Mapping[str, str], transport: Mapping[str, Any]) -> float:
    """Ours is the time for one delivery in all; theirs, for each step of it, is taken where nobody sets ours."""
    key = "RIVERHEAD_TIMEOUT_SECONDS"
    return seconds(key, values[key]) if values.get(key) else longest_timeout(transport) or 10.0


def _names(value: Any) -> tuple[str, ...]:
    """Return names from a list, or from a text with commas, semicolons or spaces between them."""
    listed = value if isinstance(value, list) else text_of(value).translate(_SEPARATORS).split()
    return tuple(dict.fromkeys(text_of(name) for name in listed if name))


def _pairs(what: str, value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(key), text_of(tag)) for key, tag in mapping(what, value).items())
