"""What a connection says of itself → the database behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.naming.database import Address
from riverhead_emitter.naming.embedded import embedded_database
from riverhead_emitter.naming.servers import server_database
from riverhead_emitter.naming.warehouses import warehouse_database

if TYPE_CHECKING:
    from riverhead_emitter.naming.database import Database
    from riverhead_emitter.naming.hosts import Aliases

# What Airflow, SQLAlchemy and JDBC call a kind → what it is called here.
_KINDS = {
    "awsathena": "athena",
    "azurecosmos": "cosmos",
    "azure_cosmos": "cosmos",
    "azure_data_explorer": "kusto",
    "azurekusto": "kusto",
    "ch": "clickhouse",
    "clickhousedb": "clickhouse",
    "cloudspanner": "spanner",
    "cratedb": "crate",
    "gcpbigquery": "bigquery",
    "gcpspanner": "spanner",
    "hive2": "hive",
    "hive_cli": "hive",
    "hiveserver2": "hive",
    "ibm_db_sa": "db2",
    "jtds": "mssql",
    "mariadb": "mysql",
    "pgsql": "postgres",
    "postgis": "postgres",
    "postgresql": "postgres",
    "prestodb": "presto",
    "sqlserver": "mssql",
    "teradatasql": "teradata",
}


def database(
    kind: str,
    host: str | None,
    port: int | None,
    name: str | None,
    *,
    schema: str | None = None,
    account: str | None = None,
    region: str | None = None,
    aliases: Aliases | None = None,
) -> Database | None:
    """Return the database behind a connection; None for a kind without a rule, or where what names it is missing.

    `account` is Snowflake's account, Glue's AWS account or Spanner's project (its instance is the host).
    """
    return database_at(Address(kind, host, port, name, schema, account, region), aliases)


def database_at(address: Address, aliases: Aliases | None = None) -> Database | None:
    """Return the database behind an address; None for a kind without a rule, or where what names it is missing."""
    known = address._replace(kind=kind_of(address.kind))
    called = aliases or {}
    return server_database(known, called) or warehouse_database(known, called) or embedded_database(known)


def kind_of(name: str) -> str:
    """Return the kind of database that a connection, a driver (`postgresql+psycopg2`) or a scheme means."""
    kind = name.lower().partition("+")[0]
    return _KINDS.get(kind, kind)
