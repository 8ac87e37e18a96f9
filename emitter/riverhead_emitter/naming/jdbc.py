"""JDBC URLs → databases. Of a URL's properties only those are read that say which database it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_emitter.naming.connections import database_at, kind_of
from riverhead_emitter.naming.database import Address
from riverhead_emitter.naming.database_urls import LONGEST_URL, address_of
from riverhead_emitter.naming.embedded import EMBEDDED
from riverhead_emitter.naming.hosts import port_of

if TYPE_CHECKING:
    from riverhead_emitter.naming.database import Database
    from riverhead_emitter.naming.hosts import Aliases

_PREFIX = "jdbc:"
# A host, perhaps its port, perhaps an old-fashioned SID.
_WITH_SID = re.compile(r"(?P<host>\[[^\]]+\]|[^:/]+)(?::(?P<port>\d{1,5}))?(?::(?P<sid>[^:/]+))?")
# `iam://cluster:region/name` has no host at all.
_IAM = re.compile(r"^iam://([A-Za-z0-9-]+):([a-z]{2}(?:-[a-z]+)+-\d)(?=[/?;]|$)")


def database_of_jdbc(url: str, aliases: Aliases | None = None) -> Database | None:
    """Return the database that a JDBC URL leads to; None where it does not say, or for a kind without a rule.

    Oracle's local names (`jdbc:oracle:thin:@shop`) say nothing outside their machine, unless an alias does.
    """
    text = url.strip()
    if len(text) > LONGEST_URL or text[: len(_PREFIX)].lower() != _PREFIX:
        return None
    driver, _, rest = text[len(_PREFIX) :].partition(":")
    kind = kind_of(driver)
    if kind in EMBEDDED:
        return database_at(Address(kind, rest), aliases)
    if kind == "oracle":
        found = _oracle(rest)
        is_local_name = found.port is None and found.name is None and (found.host or "") not in (aliases or {})
        return None if is_local_name else database_at(found, aliases)
    if kind == "redshift":
        rest = _IAM.sub(r"//\1.\2", rest)
    address = address_of("databricks" if _is_databricks(kind, rest) else kind, rest)
    return database_at(address, aliases) if address else None


def _is_databricks(kind: str, rest: str) -> bool:
    return kind in {"spark", "hive"} and "databricks" in rest.partition("/default")[0].partition(";")[0].lower()


def _oracle(rest: str) -> Address:
    """Read `thin:[user/password]@place`, the place a descriptor in brackets, `host:port/service` or `host:port:sid`."""
    before, bracket, inner = rest.partition("(")
    if bracket:
        return Address("oracle", _within("HOST", inner), port_of(_within("PORT", inner) or ""), _service(inner))
    head, _, more = before.partition("?")
    place = (head if "@" in head else before).rpartition("@")[2] if "@" in before else head
    if more and "@" not in head:
        place = place.partition("?")[0]
    place = place.rpartition("://")[2].removeprefix("//")
    hosts, slash, service = place.partition("/")
    found = _WITH_SID.fullmatch(_first(hosts))
    if found is None:
        return Address("oracle")
    name = service.partition("/")[0].partition(":")[0] if slash else found["sid"]
    return Address("oracle", found["host"], port_of(found["port"] or ""), name or None)


def _first(hosts: str) -> str:
    first, comma, others = hosts.partition(",")
    # One port behind the last of several hosts is meant for each.
    port = others.rpartition(":")[2] if comma and ":" in others and ":" not in first else ""
    return f"{first}:{port}" if port else first


def _service(descriptor: str) -> str | None:
    return _within("SERVICE_NAME", descriptor) or _within("SID", descriptor)


def _within(name: str, descriptor: str) -> str | None:
    found = re.search(rf"\(?\b{name}\s*=\s*([^()\s]+)", descriptor, re.IGNORECASE)
    return found[1] if found else None
