"""OpenLineage's configuration as one tree, from wherever the official client would take it.

Names of the environment (`OPENLINEAGE__TRANSPORT__URL`), an openlineage.yml over them, and a host's own over both.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "OPENLINEAGE__"
SIMPLE = ("OPENLINEAGE_URL", "OPENLINEAGE_ENDPOINT", "OPENLINEAGE_API_KEY")
_BRANCHES = tuple(f"{PREFIX}{name}" for name in ("TRANSPORT", "FILTERS", "FACETS", "TAGS"))
# What the official client names the transport that OPENLINEAGE_URL adds to a composite one.
_ALIAS = "default_http"
# What opens one address, and is nobody else's business.
_OF_ONE_ADDRESS = frozenset({"auth", "customheaders"})
_DEEPEST, _MOST_PARTS = 20, 10_000


def openlineage_tree(values: Mapping[str, str], document: Mapping[str, Any], host: Mapping[str, str]) -> dict[str, Any]:
    """Return what is configured: the host's names go before the document, and that before the environment."""
    return _with_host(merged(_with_alias(_tree(values), values), document), _tree(host))


def _with_host(under: Mapping[str, Any], host: Mapping[str, Any]) -> dict[str, Any]:
    """Return both as one; where the host sends elsewhere, no key that was meant for another address goes there."""
    below, above = under.get("transport"), host.get("transport")
    if isinstance(below, dict) and isinstance(above, dict) and above.get("url", below.get("url")) != below.get("url"):
        under = {**under, "transport": _without_keys(below)}
    return merged(under, host)


def _without_keys(transport: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in transport.items() if name.replace("_", "").lower() not in _OF_ONE_ADDRESS}


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return two trees as one; where both say something, `over` does."""
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        found[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found


def bounded_tree(name: str, value: Any) -> Any:
    """Return a tree of nothing but objects, lists and plain values, bounded in depth and number of parts."""
    left = [_MOST_PARTS]

    def simple(part: Any, depth: int) -> Any:
        left[0] -= 1
        if depth > _DEEPEST or left[0] < 0:
            raise ConfigurationError(f"{name} is nested too deeply or holds too much")
        if isinstance(part, dict):
            return {str(key): simple(below, depth + 1) for key, below in part.items()}
        if isinstance(part, (list, tuple)):
            return [simple(below, depth + 1) for below in part]
        return part if part is None or isinstance(part, (bool, int, float)) else str(part)

    return simple(value, 0)


def _tree(values: Mapping[str, str]) -> dict[str, Any]:
    """As the official client does, from the last name to the first, so that `…__AUTH` replaces `…__AUTH__TYPE`."""
    tree: dict[str, Any] = {}
    for name in sorted((name for name in values if name.startswith(PREFIX)), reverse=True):
        *path, last = name[len(PREFIX) :].lower().split("__")
        at = tree
        for step in path:
            below = at.get(step)
            at[step] = at = below if isinstance(below, dict) else {}
        at[last] = _value(name, values[name])
    return tree


def _value(name: str, text: str) -> Any:
    """Return what a variable holds: JSON where that makes a difference, or its text; a key of digits stays as it is."""
    if not text.lstrip().startswith(("{", "[", '"', "null")):
        return text
    try:
        return bounded_tree(printable(name), json.loads(text))
    except RecursionError as error:
        raise ConfigurationError(f"{printable(name)} is nested too deeply") from error
    except ValueError as error:
        if name in _BRANCHES and text.strip().startswith(("{", "[")):
            # Its own message may repeat a secret.
            raise ConfigurationError(f"{printable(name)} is no valid JSON") from error
        return text


def _with_alias(tree: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """A composite transport that is named by variables also sends to OPENLINEAGE_URL."""
    url, endpoint, key = (values.get(name) for name in SIMPLE)
    is_named = any(name.startswith(f"{PREFIX}TRANSPORT__TRANSPORTS__{_ALIAS.upper()}") for name in values)
    # A variable that holds a whole branch stands for everything below it.
    is_whole = any(name in values for name in (f"{PREFIX}TRANSPORT", f"{PREFIX}TRANSPORT__TRANSPORTS"))
    if not url or is_named or is_whole:
        return tree
    alias: dict[str, Any] = {"type": "http", "url": url}
    if key:
        alias["auth"] = {"type": "api_key", "apiKey": key}
    if endpoint:
        alias["endpoint"] = endpoint
    return merged({"transport": {"transports": {_ALIAS: alias}}}, tree)
