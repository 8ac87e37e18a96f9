"""Who knows which columns a table has: a mapping, a database, what was seen before. Asks only what it is asked for."""

from riverhead_sql.schema_sources.database import DatabaseSchema
from riverhead_sql.schema_sources.given import GivenSchema
from riverhead_sql.schema_sources.remembered import RememberedSchema
from riverhead_sql.schema_sources.several import Several
from riverhead_sql.schema_sources.source import SchemaSource, Table

__all__ = ["DatabaseSchema", "GivenSchema", "RememberedSchema", "SchemaSource", "Several", "Table"]
