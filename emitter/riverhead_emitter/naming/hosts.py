"""A server's address as people write it → one spelling, without whoever logs in there."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Mapping

    # A host, a host with its port, or a whole namespace → what it is to be called instead.
    Aliases: TypeAlias = Mapping[str, str]

LOCALHOST = "localhost"
_HIGHEST_PORT = 65535


def namespace(scheme: str, host: str | None, port: int | None, default_port: int | None, aliases: Aliases) -> str:
    """Return `scheme://host:port` of a server, by its alias where it has one."""
    name, own_port = host_and_port(host)
    number = port or own_port or default_port
    called = {key.lower(): value for key, value in aliases.items()}
    authority = f"{name}:{number}" if number else name
    for known in (f"{scheme}://{authority}", authority):
        if known in called:
            return _called(scheme, called[known], number)
    return _called(scheme, called[name], number) if name in called else f"{scheme}://{authority}"


def _called(scheme: str, alias: str, port: int | None) -> str:
    if "://" in alias:
        return alias.rstrip("/")
    name, own_port = host_and_port(alias)
    return f"{scheme}://{name}:{own_port or port}" if own_port or port else f"{scheme}://{name}"


def host_and_port(text: str | None) -> tuple[str, int | None]:
    """Return a host in lower case, IPv6 in brackets, and its port if there is one; nothing means this machine."""
    rest = (text or "").strip().partition("://")
    authority = without_user(rest[2] if rest[1] else rest[0]).partition("/")[0].partition("?")[0]
    if authority.startswith("["):
        inner, _, behind = authority[1:].partition("]")
        return _six(inner), port_of(behind.removeprefix(":"))
    if authority.count(":") > 1:
        return _six(authority), None
    host, _, port = authority.partition(":")
    return host.lower().rstrip(".") or LOCALHOST, port_of(port)


def port_of(text: str) -> int | None:
    """Return the port that this is, or None."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 5 and is_port(int(text)) else None  # noqa: PLR2004 - a port has five digits at most


def is_port(number: int) -> bool:
    """Return whether a server can listen there."""
    return 0 < number <= _HIGHEST_PORT


def without_user(rest: str) -> str:
    """Return what stands behind `//` without a user and a password, which may hold slashes of its own."""
    if "@" not in rest:
        return rest
    user, colon, behind = rest.partition(":")
    is_user = colon and "/" not in user and "@" not in user and "[" not in user
    if is_user and port_of(behind.partition("/")[0]) is None:
        return rest.rpartition("@")[2]
    authority, slash, path = rest.partition("/")
    return authority.rpartition("@")[2] + slash + path


def unescaped(text: str) -> str:
    """Return a URI's text without its escapes."""
    if "%" not in text:
        return text
    with loading():
        from urllib.parse import unquote  # costs a fresh process two milliseconds, and is hardly ever needed

    return unquote(text)


def _six(address: str) -> str:
    with loading():
        import ipaddress

    try:
        return f"[{ipaddress.IPv6Address(address).compressed}]"
    except ValueError:
        return f"[{address.lower()}]"
