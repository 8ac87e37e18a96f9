"""A database's URL, as JDBC and SQLAlchemy write it → an address without secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.naming.database import Address
from riverhead_emitter.naming.hosts import host_and_port, port_of, unescaped, without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Nobody's address is longer; what is, would only cost time.
LONGEST_URL = 8 << 10
_PROPERTY = re.compile(r"(?:^|[;&?,#])([^=;&?,#]*)=(\{[^}]{0,512}\}|[^;&,#]*)")
_IN_BRACKETS = re.compile(r"\bhost=([^),]+)[),](?:[^/]*?\bport=(\d+))?", re.IGNORECASE)
_SPANNER = re.compile(
    r"(?:.*?projects/([^/]+)/instances/([^/?;]+)(?:/databases/([^/?;]+))?|//([^/:]+):([^/?;:]+)(?:/([^/?;]+))?)"
)


class Parts(NamedTuple):
    """What a URL says: its first host, its path, and its properties, names in lower case."""

    host: str | None
    port: int | None
    path: tuple[str, ...]
    properties: Mapping[str, str]

    def first(self, *names: str) -> str | None:
        """Return the first of these properties that has a value."""
        return next((self.properties[name] for name in names if self.properties.get(name)), None)

    def step(self, number: int) -> str | None:
        """Return one step of the path, from 0."""
        return self.path[number] if number < len(self.path) else None


def address_of(kind: str, rest: str) -> Address | None:
    """Return the address of what stands behind `kind:` in a URL; None where it leads nowhere."""
    if len(rest) > LONGEST_URL:
        return None
    if kind == "spanner":
        return _spanner(rest)
    return _READERS.get(kind, _of_server)(kind, _parts(rest))


def properties_of(text: str) -> dict[str, str]:
    """Return the properties in a URL's end, names in lower case; braces hold what would end a value."""
    return {found[1].strip().lower(): found[2].strip("{}") for found in _PROPERTY.finditer(text)}


def _parts(rest: str) -> Parts:
    _, slashes, behind = rest.partition("//")
    if not slashes:
        # `jdbc:postgresql:shop` is the database of that name on this machine.
        head, more = _cut(rest)
        return Parts(None, None, tuple(step for step in head.split("/") if step), properties_of(more))
    if "=" in behind.partition(";")[0].partition("?")[0].partition("/")[0] and "(" not in behind:
        # Athena's driver has nothing but properties there.
        return Parts(None, None, (), properties_of(behind))
    head, more = _split(behind)
    authority, _, path = head.partition("/")
    host, port = _first_host(authority)
    return Parts(host, port, tuple(unescaped(step) for step in path.split("/") if step), properties_of(more))


def _split(behind: str) -> tuple[str, str]:
    """Tell the place from the properties, though a password before the place may look like the start of them."""
    head, more = _cut(behind)
    if "@" in head or "(" in head or "@" not in more or _are_hosts(head.partition("/")[0]):
        return without_user(head), more
    return _cut(without_user(behind))


def _are_hosts(authority: str) -> bool:
    return all(
        "[" in host or ":" not in host or port_of(host.partition(":")[2]) is not None for host in authority.split(",")
    )


def _cut(text: str) -> tuple[str, str]:
    ends = [end for end in (text.find(";"), text.find("?")) if end >= 0]
    return (text[: min(ends)], text[min(ends) :]) if ends else (text, "")


def _first_host(authority: str) -> tuple[str | None, int | None]:
    spelled_out = _IN_BRACKETS.search(authority) if "(" in authority else None
    if spelled_out:
        return spelled_out[1], port_of(spelled_out[2] or "")
    first = authority.partition(",")[0].partition("--")[0]
    if not first:
        return None, None
    if "\\" in first:
        return first, None
    ports = [port for port in (host_and_port(host)[1] for host in authority.replace("--", ",").split(",")) if port]
    return host_and_port(first)[0], ports[0] if ports else None


def _of_server(kind: str, parts: Parts) -> Address:
    name = parts.step(0) or parts.first("database", "databasename", "db", "service_name", "sid")
    # DB2 has its properties behind a colon.
    plain = name.partition(":")[0] if name and kind == "db2" else name
    schema = parts.step(1) if kind in {"trino", "presto"} else parts.first("currentschema", "schema")
    return Address(kind, parts.host or parts.first("host"), parts.port, plain, schema)


def _mssql(kind: str, parts: Parts) -> Address:
    host = parts.host or parts.first("servername", "server")
    instance = parts.first("instancename", "instance")
    port = parts.port or port_of(parts.first("portnumber", "port") or "")
    if host and instance and "\\" not in host and not port:
        host = f"{host}\\{instance}"
    name = parts.first("databasename", "database") or parts.step(0)
    return Address(kind, host, port, name, parts.first("schema"))


def _teradata(kind: str, parts: Parts) -> Address:
    named = properties_of("/".join(parts.path))
    return Address(kind, parts.host, parts.port or port_of(named.get("dbs_port", "")), named.get("database"))


def _snowflake(kind: str, parts: Parts) -> Address:
    name, schema = parts.step(0) or parts.first("db", "database"), parts.step(1) or parts.first("schema")
    return Address(kind, parts.host, None, name, schema, account=parts.first("account"), region=parts.first("region"))


def _bigquery(kind: str, parts: Parts) -> Address:
    project = parts.first("projectid", "project")
    # SQLAlchemy has the project where others have a host; JDBC has Google's own address there.
    if project or not parts.host or "googleapis.com" in parts.host or parts.host == "https":
        return Address(kind, name=project, schema=parts.first("defaultdataset"))
    return Address(kind, name=parts.host, schema=parts.step(0))


def _athena(kind: str, parts: Parts) -> Address:
    region = parts.first("region", "awsregion", "region_name")
    schema = parts.step(0) or parts.first("database", "schema", "schema_name")
    return Address(kind, parts.host, None, parts.first("catalog", "catalog_name"), schema, region=region)


def _databricks(kind: str, parts: Parts) -> Address:
    schema = parts.first("connschema", "schema") or parts.step(0)
    return Address(kind, parts.host, None, parts.first("conncatalog", "catalog"), schema)


def _spanner(rest: str) -> Address | None:
    found = _SPANNER.match(rest)
    if found is None:
        return None
    project, instance, name = found[1] or found[4], found[2] or found[5], found[3] or found[6]
    return Address("spanner", instance, None, name, account=project)


def _cosmos(kind: str, parts: Parts) -> Address:
    named = dict(zip(parts.path, parts.path[1:], strict=False))
    return Address(kind, parts.host, parts.port, named.get("dbs") or parts.step(0))


_READERS: dict[str, Callable[[str, Parts], Address]] = {
    "athena": _athena,
    "bigquery": _bigquery,
    "cosmos": _cosmos,
    "databricks": _databricks,
    "mssql": _mssql,
    "snowflake": _snowflake,
    "teradata": _teradata,
}
