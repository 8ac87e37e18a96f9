"""Warehouses and catalogs that are named by an account, a project or a region rather than by a server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_emitter.naming.database import Database, folded
from riverhead_emitter.naming.hosts import host_and_port, namespace

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.naming.database import Address
    from riverhead_emitter.naming.hosts import Aliases

_REDSHIFT = re.compile(
    r"(?P<cluster>[^.]+)\.[^.]+\.(?P<region>[^.]+)\.redshift(?:-serverless)?\.amazonaws\.com(?:\.cn)?"
)
_ATHENA = re.compile(r"athena(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)(?:\.cn)?")
_SNOWFLAKE = (".snowflakecomputing.com", ".snowflakecomputing.cn")
_CLOUDS = {"aws", "azure", "gcp"}
_KUSTO = ".kusto.windows.net"


def warehouse_database(address: Address, aliases: Aliases) -> Database | None:
    """Return the database behind an address of such a warehouse; None for another kind, or where facts are missing."""
    rule = _RULES.get(address.kind)
    return rule(address, aliases) if rule else None


def snowflake_account(text: str) -> str:
    """Return one spelling of a Snowflake account: `organisation-account`, or `locator.region.cloud` in its old form.

    What an old locator leaves out is completed as the official integrations do it, so that names agree.
    """
    account = host_and_port(text)[0].replace("_", "-")
    for ending in _SNOWFLAKE:
        account = account.removesuffix(ending)
    locator, *rest = account.split(".")
    if "-" in locator:
        return locator
    places = [part for part in dict.fromkeys(rest) if part not in _CLOUDS and part != "privatelink"] or ["us-west-1"]
    cloud = next((part for part in rest if part in _CLOUDS), "aws")
    return ".".join([locator, *places, cloud])


def _snowflake(address: Address, aliases: Aliases) -> Database | None:
    text = address.account or address.host
    if not text:
        return None
    with_region = f"{text}.{address.region}" if address.region and "." not in text and "-" not in text else text
    place = namespace("snowflake", snowflake_account(with_region), None, None, aliases)
    name, schema = (folded(text) if text else None for text in (address.name, address.schema))
    return Database(place, "snowflake", name, schema or "PUBLIC", is_upper=True)


def _redshift(address: Address, aliases: Aliases) -> Database | None:
    host, port = host_and_port(address.host)
    found = _REDSHIFT.fullmatch(host)
    # An alias may be of the whole host, as people know it.
    is_known = host in {key.lower() for key in aliases}
    name = f"{found['cluster']}.{found['region']}" if found and not is_known else host
    place = namespace("redshift", name, address.port or port, 5439, aliases)
    return Database(place, "redshift", address.name or None, address.schema or "public")


def _bigquery(address: Address, aliases: Aliases) -> Database:
    return Database(aliases.get("bigquery", "bigquery"), "bigquery", address.name or None, address.schema or None)


def _spanner(address: Address, aliases: Aliases) -> Database | None:
    if not (address.account and address.host):
        return None
    place = f"spanner://{address.account}:{address.host}"
    return Database(aliases.get(place, place), "bigquery", address.name or None, address.schema or None)


def _athena(address: Address, aliases: Aliases) -> Database | None:
    found = _ATHENA.fullmatch(host_and_port(address.host)[0])
    region = (address.region or (found[1] if found else "")).lower()
    if not region:
        return None
    place = f"awsathena://athena.{region}.amazonaws.com"
    return Database(aliases.get(place, place), "athena", address.name or "AwsDataCatalog", address.schema or "default")


def _glue(address: Address, aliases: Aliases) -> Database | None:
    if not (address.region and address.account):
        return None
    place = f"arn:aws:glue:{address.region.lower()}:{address.account}"
    schema = address.name or address.schema or "default"
    return Database(aliases.get(place, place), "athena", None, schema, prefix="table/", separator="/", levels=2)


def _cosmos(address: Address, aliases: Aliases) -> Database | None:
    if not (address.host and address.name):
        return None
    name, port = host_and_port(address.host)
    place = namespace("azurecosmos", name, address.port or port, None, aliases).removesuffix(":443")
    return Database(f"{place}/dbs/{address.name}", "", prefix="colls/", levels=1)


def _kusto(address: Address, aliases: Aliases) -> Database | None:
    if not address.host:
        return None
    host = host_and_port(address.host)[0]
    name = host if ".kusto." in host else host + _KUSTO
    return Database(namespace("azurekusto", name, None, None, aliases), "", None, address.name, separator="/", levels=2)


def _databricks(address: Address, aliases: Aliases) -> Database | None:
    if not address.host:
        return None
    place = namespace("databricks", host_and_port(address.host)[0], None, None, aliases)
    return Database(place, "databricks", address.name or None, address.schema or "default")


_RULES: dict[str, Callable[[Address, Aliases], Database | None]] = {
    "athena": _athena,
    "bigquery": _bigquery,
    "cosmos": _cosmos,
    "databricks": _databricks,
    "glue": _glue,
    "kusto": _kusto,
    "redshift": _redshift,
    "snowflake": _snowflake,
    "spanner": _spanner,
}
