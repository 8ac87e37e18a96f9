"""Leaves of a plan → the datasets they read. Pure."""

from riverhead_spark.sources.files import folder, format_facets
from riverhead_spark.sources.jdbc import catalog_facets, database_table
from riverhead_spark.sources.leaves import reads_of, with_source
from riverhead_spark.sources.reading import Reading, fields_of
from riverhead_spark.sources.tables import Table, table_facets, table_of
from riverhead_spark.sources.types import field_of

__all__ = ["Reading", "Table", "catalog_facets", "database_table", "field_of", "fields_of"]
__all__ += ["folder", "format_facets", "reads_of", "table_facets", "table_of", "with_source"]
