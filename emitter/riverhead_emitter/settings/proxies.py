"""Which proxy an environment names for an address, by the variables that other tools go by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = r"(https?)://(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?"


def proxy_for(url: str, values: Mapping[str, str]) -> str | None:
    """Return the proxy of `https_proxy`, `http_proxy` or `all_proxy`, unless `no_proxy` names the host."""
    proxy = _named(values, f"{url.partition(':')[0]}_proxy") or _named(values, "all_proxy")
    parts = re.match(_PARTS, url) if proxy else None
    if parts is None or _is_direct(parts[2].strip("[]").lower(), parts[3], _named(values, "no_proxy")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _named(values: Mapping[str, str], name: str) -> str:
    # The lower case goes first, as for every other tool.
    return (values.get(name) or values.get(name.upper()) or "").strip()


def _is_direct(host: str, port: str | None, listed: str) -> bool:
    return any(_covers(entry.strip().lower(), host, port) for entry in listed.split(",") if entry.strip())


def _covers(entry: str, host: str, port: str | None) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _is_within(host, entry)
    name, _, number = entry.partition(":") if entry.count(":") == 1 else (entry, "", "")
    name = name.strip("[]").lstrip(".")
    return (not number or number == port) and (host == name or host.endswith(f".{name}"))


def _is_within(host: str, network: str) -> bool:
    with loading():
        import ipaddress  # a cost that only a list with networks has

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
