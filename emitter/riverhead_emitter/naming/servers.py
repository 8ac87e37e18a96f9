"""Databases that are a server at a host and a port."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.naming.database import Database
from riverhead_emitter.naming.hosts import host_and_port, namespace

if TYPE_CHECKING:
    from riverhead_emitter.naming.database import Address
    from riverhead_emitter.naming.hosts import Aliases

_SYNAPSE = (".sql.azuresynapse.net", ".sql.azuresynapse.azure.cn")


class Server(NamedTuple):
    """How one kind of server is named: `scheme://host:port`, and names of two or three levels."""

    scheme: str
    port: int
    # As sqlglot calls it; without one, SQL is read as the standard has it.
    dialect: str
    schema: str | None = None
    levels: int = 3
    catalog: str | None = None
    # False: a database and a schema are the same thing.
    has_schemas: bool = True
    is_upper: bool = False


SERVERS = {
    "cassandra": Server("cassandra", 9042, "", levels=2, has_schemas=False),
    "clickhouse": Server("clickhouse", 8123, "clickhouse", "default", levels=2, has_schemas=False),
    "crate": Server("crate", 5432, "postgres", "doc", catalog="crate"),
    "db2": Server("db2", 50000, "", is_upper=True),
    "hive": Server("hive", 10000, "hive", "default", levels=2, has_schemas=False),
    "hive_metastore": Server("hive", 9083, "hive", "default", levels=2, has_schemas=False),
    "mssql": Server("mssql", 1433, "tsql", "dbo"),
    "mysql": Server("mysql", 3306, "mysql", levels=2, has_schemas=False),
    "oceanbase": Server("oceanbase", 2881, "mysql", levels=2, has_schemas=False),
    "oracle": Server("oracle", 1521, "oracle", is_upper=True),
    "postgres": Server("postgres", 5432, "postgres", "public"),
    "presto": Server("presto", 8080, "presto"),
    "spark": Server("spark", 10000, "spark", "default", levels=2, has_schemas=False),
    "synapse": Server("sqlserver", 1433, "tsql", "dbo", levels=2),
    "teradata": Server("teradata", 1025, "teradata", levels=2, has_schemas=False),
    "trino": Server("trino", 8080, "trino"),
}


def server_database(address: Address, aliases: Aliases) -> Database | None:
    """Return the database behind an address of such a server, or None for another kind."""
    host, instance = _without_instance(address.host)
    is_synapse = address.kind == "mssql" and host_and_port(host)[0].endswith(_SYNAPSE)
    server = SERVERS.get("synapse" if is_synapse else address.kind)
    if server is None:
        return None
    # An instance has a port of its own, which only its server knows.
    place = namespace(server.scheme, host, address.port, None if instance else server.port, aliases)
    name, schema = (_cased(text, server) for text in (address.name, address.schema))
    if server.has_schemas:
        catalog, default = name or server.catalog, schema or server.schema
    else:
        catalog, default = None, name or schema or server.schema
    return Database(place + instance, server.dialect, catalog, default, levels=server.levels, is_upper=server.is_upper)


def _cased(text: str | None, server: Server) -> str | None:
    return text.upper() if text and server.is_upper else text or None


def _without_instance(host: str | None) -> tuple[str | None, str]:
    r"""Tell SQL Server's `host\instance` apart; the instance ends the namespace, because it is a server of its own."""
    # ODBC has a comma before the port.
    name, backslash, instance = (host or "").replace(",", ":").partition("\\")
    if not backslash:
        return name, ""
    named, colon, port = instance.partition(":")
    # With a port the instance is not asked for: a client goes to the port.
    return (f"{name}:{port}", "") if colon and port else (name, f"/{named.lower()}" if named else "")
