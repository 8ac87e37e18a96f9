"""Addresses of hosts → OpenLineage namespaces and names, so that both sides of a hand-over agree.

Follows the naming rules of the OpenLineage specification; what they do not list (DuckDB, SQLite, ClickHouse, Presto,
Databricks, Spark's own server) is named in the same way. It asks no network, and no secret becomes part of a name.
"""

from riverhead_emitter.naming.connections import database, database_at
from riverhead_emitter.naming.database import Address, Database
from riverhead_emitter.naming.dataset_uris import database_of_url, dataset_of
from riverhead_emitter.naming.files import location
from riverhead_emitter.naming.jdbc import database_of_jdbc
from riverhead_emitter.naming.streams import in_memory, kafka_topic, pubsub
from riverhead_emitter.naming.tables import glue_table, metastore_table, unity_table, warehouse_table

__all__ = ["Address", "Database", "database", "database_at", "database_of_jdbc", "database_of_url", "dataset_of"]
__all__ += ["glue_table", "in_memory", "kafka_topic", "location", "metastore_table", "pubsub", "unity_table"]
__all__ += ["warehouse_table"]
