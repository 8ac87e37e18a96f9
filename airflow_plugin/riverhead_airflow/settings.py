"""Airflow's configuration → the emitter's flat names; pure.

`[riverhead]` is ours. Of `[openlineage]` we take where events go and which namespace they have; its `disabled`
switches only the official provider off.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import configuration_found, truth, unknown_key_sentence, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TRANSPORT, _FILE = "OPENLINEAGE__TRANSPORT", "OPENLINEAGE_CONFIG"
_CONNECTION = "config_conn_id"
# Where Airflow's own configuration has what these names stand for; all else of ours is in our section.
_THEIRS = {_TRANSPORT: "transport", _FILE: "config_path", "OPENLINEAGE_NAMESPACE": "namespace"}
# What is looked for in our section, and is in theirs.
_EXPECTED = {"url": "transport", "transport": "transport", "namespace": "namespace", "config_path": "config_path"}
# A destination that cannot be read is none, and no other one was meant.
_UNREADABLE = "(unreadable)"
_NAME = r"\b(?:RIVERHEAD|OPENLINEAGE)_[A-Z_]+"
_TRUE = frozenset({"true", "t", "1"})
_SWITCHES = ("RIVERHEAD_ATTACH_SPARK", "RIVERHEAD_DEFER_TO_PROVIDER", "RIVERHEAD_READ_SCHEMAS")
# What changes what is told, and is the provider's alone; and how it is told that nothing is asked of them.
_NOT_READ = ("custom_run_facets", "emission_policy", "selective_enable")
_USUAL = frozenset({"", "[]", "false", "f", "0"})


def host_names(
    riverhead: Mapping[str, object],
    openlineage: Mapping[str, object],
    airflow_home: str,
    environment: Mapping[str, str],
) -> dict[str, str]:
    """Return what Airflow's two sections say, in the names that an environment would use; they go before it."""
    ours, theirs = _section("RIVERHEAD", riverhead, environment), _section("OPENLINEAGE", openlineage, environment)
    host = {f"RIVERHEAD_{key.upper()}": _text(value) for key, value in ours.items()}
    if "AIRFLOW_HOME" not in environment:
        host["AIRFLOW_HOME"] = airflow_home
    if theirs.get("namespace"):
        host["OPENLINEAGE_NAMESPACE"] = _text(theirs["namespace"])
    # As for the official provider, a file that is named goes before the transport, which is then not looked at.
    if theirs.get("config_path"):
        host[_FILE] = _text(theirs["config_path"])
    elif theirs.get("transport"):
        host[_TRANSPORT] = _text(theirs["transport"])
    elif "transport" in openlineage and openlineage["transport"] is None:
        host[_TRANSPORT] = _UNREADABLE
    return host


class Choices(NamedTuple):
    """What is chosen for Airflow alone, in the provider's own section, or in ours."""

    extractors: tuple[str, ...] = ()
    silent_operators: frozenset[str] = frozenset()
    is_code_told: bool = True
    reads_schemas: bool = True
    defers_to_provider: bool = False
    attaches_spark: bool = False


def choices(host: Mapping[str, str], openlineage: Mapping[str, object], environment: Mapping[str, str]) -> Choices:
    """Return what is chosen; of extractors ours come last, so that they go before the provider's."""
    theirs = _section("OPENLINEAGE", openlineage, environment)
    ours = {**environment, **host}
    return Choices(
        (*_listed(theirs.get("extractors")), *_listed(ours.get("RIVERHEAD_EXTRACTORS"))),
        frozenset(_listed(theirs.get("disabled_for_operators"))),
        is_code_told=_text(theirs.get("disable_source_code") or "").lower() not in _TRUE,
        reads_schemas=_is_on(ours, "RIVERHEAD_READ_SCHEMAS", usual=True),
        attaches_spark=_is_on(ours, "RIVERHEAD_ATTACH_SPARK", usual=False),
        defers_to_provider=_is_on(ours, "RIVERHEAD_DEFER_TO_PROVIDER", usual=False),
    )


def complaints(
    host: Mapping[str, str], openlineage: Mapping[str, object], environment: Mapping[str, str]
) -> Iterator[str]:
    """Yield what to warn about: keys of ours that nobody knows, and what is configured in a way that is not read."""
    yield from mistakes(host, environment)
    yield from left_unread(openlineage, environment)


def unreadable(riverhead: Mapping[str, object], openlineage: Mapping[str, object]) -> Iterator[str]:
    """Yield what of Airflow's two sections Airflow itself cannot read; never any of it."""
    for section, found in (("riverhead", riverhead), ("openlineage", openlineage)):
        for key in sorted(key for key, value in found.items() if value is None):
            yield (
                f"[{section}] {printable(key)} in airflow.cfg cannot be read by Airflow, and is as if nobody had said "
                "it: a % that stands for itself has to be written %%"
            )


def mistakes(host: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what cannot have been meant: keys that nobody knows, values that say nothing, a file that is not there."""
    for key, nearest in unknown_keys({**environment, **host}).items():
        meant = _as_near(key, nearest, environment) if key in host else nearest
        yield unknown_key_sentence(_written(key, host, environment), meant)
    undecided = filter(None, (_undecided(key, {**environment, **host}.get(key, "")) for key in _SWITCHES))
    yield from (as_written(sentence, host, environment) for sentence in undecided)
    named = host.get(_FILE)
    if named and configuration_found({**environment, **host, "RIVERHEAD_READ_CONFIG_FILE": ""}) != str(
        Path(named).absolute()
    ):
        yield "the file that [openlineage] config_path names cannot be read"


def left_unread(openlineage: Mapping[str, object], environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what the official provider would go by, and riverhead does not."""
    theirs = _section("OPENLINEAGE", openlineage, environment)
    if theirs.get(_CONNECTION):
        yield f"[openlineage] {_CONNECTION} is not read; use [openlineage] transport or config_path"
    for key in _NOT_READ:
        if _text(theirs.get(key) or "").lower() not in _USUAL:
            yield f"[openlineage] {key} is not read by riverhead"
    # Airflow itself asks them for a few settings that it knows, and these are none of them.
    for key in sorted(theirs):
        if key.endswith(("_cmd", "_secret")):
            yield f"[openlineage] {printable(key)} is not read by riverhead; use {printable(key.rpartition('_')[0])}"


def is_provider_disabled(openlineage: Mapping[str, object], environment: Mapping[str, str]) -> bool:
    """Return whether the official provider is switched off, by Airflow's configuration or with every such client."""
    said = (_section("OPENLINEAGE", openlineage, environment).get("disabled"), environment.get("OPENLINEAGE_DISABLED"))
    return any(_text(value or "").lower() in _TRUE for value in said)


def as_written(sentence: str, host: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Return a sentence with settings named as whoever wrote them did, and where, instead of by the emitter's names."""
    # A whole transport has no name of the emitter's; where Airflow has one, it is that one.
    if _TRANSPORT in host and sentence.startswith("transport must"):
        sentence = sentence.replace("transport", _TRANSPORT, 1)
    return re.sub(_NAME, lambda name: _written(name[0], host, environment), sentence)


def _written(key: str, host: Mapping[str, str], environment: Mapping[str, str]) -> str:
    if key not in host:
        return key
    section, name = ("openlineage", _THEIRS[key]) if key in _THEIRS else ("riverhead", _own_name(key))
    return _variable(section, name, environment) or f"[{section}] {name} in airflow.cfg"


def _as_near(key: str, nearest: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the known key that was meant by one of our section, for the place where that one stands."""
    is_variable = _variable("riverhead", _own_name(key), environment) is not None
    if _own_name(key) in _EXPECTED:
        theirs = _EXPECTED[_own_name(key)]
        return f"AIRFLOW__OPENLINEAGE__{theirs.upper()}" if is_variable else f"[openlineage] {theirs}"
    if nearest is None:
        return None
    return f"AIRFLOW__{nearest.replace('_', '__', 1)}" if is_variable else _own_name(nearest)


def _variable(section: str, name: str, environment: Mapping[str, str]) -> str | None:
    wanted = f"AIRFLOW__{section}__{name}".upper()
    return next((variable for variable in environment if variable.upper() == wanted), None)


def _own_name(key: str) -> str:
    return key.removeprefix("RIVERHEAD_").lower()


def _section(name: str, found: Mapping[str, object], environment: Mapping[str, str]) -> dict[str, object]:
    """Airflow itself reads variables only for a section that its configuration has, and nobody's has `[riverhead]`."""
    prefix = f"AIRFLOW__{name}__"
    said = {key[len(prefix) :].lower(): value for key, value in environment.items() if key.startswith(prefix)}
    return {**{key: value for key, value in found.items() if value is not None}, **said}


def _is_on(ours: Mapping[str, str], key: str, *, usual: bool) -> bool:
    with suppress(ConfigurationError):
        return truth(key, ours[key]) if ours.get(key) else usual
    return usual


def _undecided(key: str, value: str) -> str:
    try:
        truth(key, value)
    except ConfigurationError as error:
        return f"{error}; it is as if nobody had said"
    return ""


def _listed(said: object) -> list[str]:
    return [path.strip() for path in str(said or "").split(";") if path.strip()]


def _text(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
