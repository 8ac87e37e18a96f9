"""Airflow's configuration → the emitter's flat names; pure.

`[riverhead]` is ours. Of `[openlineage]` we take where events go and which namespace they have; its `disabled`
switches only the official provider off.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from riverhead_emitter.settings import unknown_key_sentence, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TRANSPORT = "OPENLINEAGE__TRANSPORT"


def flat_settings(
    riverhead: Mapping[str, object],
    openlineage: Mapping[str, object],
    airflow_home: str,
    environment: Mapping[str, str],
) -> dict[str, str]:
    """Return Airflow's two sections laid over the environment."""
    riverhead = {**riverhead, **_in_environment("RIVERHEAD", environment)}
    openlineage = {**openlineage, **_in_environment("OPENLINEAGE", environment)}
    from_host = {f"RIVERHEAD_{key.upper()}": _text(value) for key, value in riverhead.items()}
    namespace = openlineage.get("namespace")
    if namespace:
        from_host["OPENLINEAGE_NAMESPACE"] = _text(namespace)
    from_host.update(_transport(openlineage.get("transport")))
    return {"AIRFLOW_HOME": airflow_home, **environment, **from_host}


def complaints(values: Mapping[str, str]) -> str:
    """Return what to warn about in one line: keys of ours that nobody knows."""
    return "; ".join(unknown_key_sentence(key, nearest) for key, nearest in unknown_keys(values).items())


def _in_environment(section: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Airflow itself reads these only for a section that its configuration has, and nobody's has `[riverhead]`."""
    prefix = f"AIRFLOW__{section}__"
    return {name[len(prefix) :].lower(): value for name, value in environment.items() if name.startswith(prefix)}


def _transport(value: object) -> dict[str, str]:
    """Airflow keeps the transport as one JSON object; what is none is handed on, for the emitter to complain."""
    if not value:
        return {}
    try:
        transport = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        transport = None
    if not isinstance(transport, dict):
        return {_TRANSPORT: _text(value)}
    return dict(_flat(transport, _TRANSPORT))


def _flat(nested: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in nested.items():
        name = f"{prefix}__{key.upper()}"
        if isinstance(value, dict):
            yield from _flat(value, name)
        elif value is not None:
            yield name, _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
