"""Leaves of a plan → the datasets they read. Pure."""

from riverhead_spark.sources.files import folder
from riverhead_spark.sources.leaves import WITHOUT_DATA, reads_of
from riverhead_spark.sources.reading import Reading
from riverhead_spark.sources.tables import table_facets

__all__ = ["WITHOUT_DATA", "Reading", "folder", "reads_of", "table_facets"]
