"""Tables of lakes (Delta, Iceberg, Hive): a folder is their name, and what a catalog calls them is a symlink to it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming.files import location
from riverhead_emitter.naming.hosts import host_and_port, namespace

if TYPE_CHECKING:
    from riverhead_emitter.naming.hosts import Aliases

_METASTORE_PORT = 9083


def metastore_table(uri: str, database: str, table: str, aliases: Aliases | None = None) -> Dataset:
    """Return a table as a Hive metastore (`thrift://host:9083`, perhaps several of them) knows it."""
    host, port = host_and_port(min(part.strip() for part in uri.split(",")))
    return Dataset(namespace("hive", host, port, _METASTORE_PORT, aliases or {}), f"{database}.{table}")


def glue_table(region: str, account: str, database: str, table: str) -> Dataset:
    """Return a table as AWS Glue knows it."""
    return Dataset(f"arn:aws:glue:{region.lower()}:{account}", f"table/{database}/{table}")


def unity_table(workspace: str, catalog: str, schema: str, table: str) -> Dataset:
    """Return a table as Databricks' Unity Catalog knows it."""
    return Dataset(f"databricks://{host_and_port(workspace)[0]}", f"{catalog}.{schema}.{table}")


def warehouse_table(folder: str, name: str) -> Dataset:
    """Return a table as a warehouse without a server knows it: by its name, in the directory that holds its folder."""
    place = location(folder)
    warehouse = posixpath.dirname(place.name).strip("/")
    return Dataset(
        f"{place.namespace}:/{warehouse}" if place.namespace == "file" else f"{place.namespace}/{warehouse}", name
    )
