"""Transports as the official agent names their parts in Java → as the official Python client does, which we read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from riverhead_spark.settings.producers import producer_config

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Node = Mapping[str, Any]

# Behind these, dots are part of a name.
_WHOLE = frozenset({"properties", "urlParams", "headers", "transformerProperties", "config", "custom_headers"})
_HTTP = frozenset({"type", "name", "url", "endpoint", "compression", "verify", "timeout", "custom_headers", "auth"})
_HTTP_OURS = frozenset({"timeoutInMillis", "headers", "urlParams", "sslContext"})
_TLS = frozenset({"caCertPath", "clientCertPath", "clientKeyPath"})
_FILE = frozenset({"type", "name", "log_file_path", "append"})
_KAFKA = frozenset({"type", "name", "topic", "config", "messageKey"})
_GCP = {"projectId": "project_id", "credentialsFile": "credentials_path", "location": "location", "type": "type"}
# Each transport acknowledges for itself, so these have nothing to decide.
_COMPOSITE = frozenset({"type", "transports", "continueOnFailure", "withThreadPool"})
# No transport of ours or of Python's: the emitter says so, and records wait. Without its class, events would go out
# as they should not, or without the key that they need.
_TRANSFORM, _TOKENS = "transform by a class of Java", "http with a token class of Java"
_AUTH_TYPES = frozenset({"api_key", "jwt", "oauth2"})
_URL = re.compile(r"(?P<origin>https?://[^/?#]+)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?.*", re.DOTALL)
_API = re.compile(r"/api/([^/]+)(?:/.*)?")
# In a URL's query the agent takes these for settings, and all others for parameters of its requests.
_NAMED = ("timeout", "api_key", "app_name", "disabled")


def tree_of(flat: Mapping[str, str]) -> dict[str, Any]:
    """Return `auth.type` and the like as a tree."""
    tree: dict[str, Any] = {}
    for key in sorted(flat):
        at, rest = tree, key
        while "." in rest:
            step, _, rest = rest.partition(".")
            below = at.get(step)
            at[step] = at = below if isinstance(below, dict) else {}
            if step in _WHOLE:
                break
        at[rest] = flat[key]
    return tree


def listed(text: str) -> list[str]:
    """Return the parts of `[a;b]`, as the agent writes a list."""
    return [part.strip() for part in text.strip().removeprefix("[").removesuffix("]").split(";") if part.strip()]


def transport_of(node: Node, at: str, unread: list[str], *, is_inner: bool = False) -> dict[str, Any]:
    """Return a transport in the Python client's names; keys that it has no name for are added to `unread`."""
    match str(node.get("type", "http" if "url" in node else "")).lower():
        case "http" | "async_http":
            return _http(node, at, unread, is_inner=is_inner)
        case "kafka":
            return _kafka(node, at, unread)
        case "file":
            _note(node, {*_FILE, "location"}, at, unread)
            place = {"log_file_path": node["location"], "append": "true"} if "location" in node else {}
            return {**_only(node, _FILE), **place}
        case "composite":
            return _composite(node, at, unread)
        case "gcplineage":
            _note(node, _GCP, at, unread)
            return {ours: node[theirs] for theirs, ours in _GCP.items() if theirs in node}
        case "transform":
            return {"type": _TRANSFORM}
    return dict(node)


def _composite(node: Node, at: str, unread: list[str]) -> dict[str, Any]:
    _note(node, _COMPOSITE, at, unread)
    inner = node.get("transports")
    if not isinstance(inner, dict):
        return dict(node)
    return {
        "type": node["type"],
        "transports": {
            name: transport_of(child, f"{at}transports.{name}.", unread, is_inner=True)
            if isinstance(child, dict)
            else child
            for name, child in inner.items()
        },
    }


def _kafka(node: Node, at: str, unread: list[str]) -> dict[str, Any]:
    _note(node, {*_KAFKA, "topicName", "properties", "localServerId"}, at, unread)
    found = _only(node, _KAFKA)
    if "topicName" in node:
        found["topic"] = node["topicName"]
    if "localServerId" in node:
        found.setdefault("messageKey", node["localServerId"])
    properties = node.get("properties")
    if isinstance(properties, dict):
        config, unknown = producer_config(properties)
        found["config"] = config
        unread += [f"{at}properties.{name}" for name in unknown]
    return found


def _http(node: Node, at: str, unread: list[str], *, is_inner: bool) -> dict[str, Any]:
    _note(node, _HTTP | _HTTP_OURS, at, unread)
    found = _only(node, _HTTP)
    if "timeoutInMillis" in node:
        found["timeout"] = _seconds(node["timeoutInMillis"])
    if isinstance(node.get("headers"), dict):
        found["custom_headers"] = node["headers"]
    tls = node.get("sslContext")
    if isinstance(tls, dict):
        # A Java key store; what may stand here besides is what the Python client knows.
        _note(tls, _TLS, f"{at}sslContext.", unread)
        found["sslContext"] = _only(tls, _TLS)
    params = dict(node["urlParams"]) if isinstance(node.get("urlParams"), dict) else {}
    if is_inner:
        _leave_inner_path(found)
    else:
        params.update(_taken_apart(found, at, unread))
    if isinstance(found.get("auth"), dict):
        found["auth"] = auth = _auth(found["auth"])
        if auth.get("type") and auth["type"] not in _AUTH_TYPES:
            return {"type": _TOKENS}
    return {**found, "endpoint": _with_query(found.get("endpoint"), params)} if params else found


def _auth(auth: Node) -> dict[str, Any]:
    found = dict(auth)
    if found.get("type") == "apiKey":
        found["type"] = "api_key"  # it is spelled both ways where the agent is documented
    if isinstance(found.get("tokenFields"), str):
        found["tokenFields"] = listed(found["tokenFields"])
    return found


def _leave_inner_path(found: dict[str, Any]) -> None:
    """Inside a composite transport the agent posts to an address with a path as it stands."""
    address = _URL.fullmatch(str(found.get("url", "")))
    if address and address["path"] and "endpoint" not in found:
        found["endpoint"] = ""


def _taken_apart(found: dict[str, Any], at: str, unread: list[str]) -> dict[str, str]:
    """Leave of an address what the agent leaves of it, and return the parameters that it goes on sending."""
    address = _URL.fullmatch(str(found.get("url", "")))
    if address is None or not (address["path"] or address["query"]):
        return {}
    from urllib.parse import parse_qsl  # a cost that only an address with more than a host has

    api = _API.fullmatch(address["path"] or "")
    found["url"] = address["origin"]
    if api:
        found["endpoint"] = f"/api/{api[1]}/lineage"
    if "/namespaces/" in (address["path"] or ""):
        unread.append(f"{at}url (its path)")
    params = dict(parse_qsl(address["query"] or ""))
    if params.get("api_key"):
        found["auth"] = {"type": "api_key", "apiKey": params["api_key"]}
    return {name: value for name, value in params.items() if name not in _NAMED}


def _with_query(endpoint: object, params: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    path = "api/v1/lineage" if endpoint is None else str(endpoint)
    return f"{path}{'&' if '?' in path else '?'}{urlencode(params)}"


def _seconds(milliseconds: str) -> str:
    try:
        return str(float(milliseconds) / 1000)
    except ValueError:
        return milliseconds  # the emitter says what is wrong with it


def _only(node: Node, names: frozenset[str]) -> dict[str, Any]:
    return {name: node[name] for name in names if name in node}


def _note(node: Node, names: Collection[str], at: str, unread: list[str]) -> None:
    unread += [f"{at}{name}" for name in node if name not in names]
