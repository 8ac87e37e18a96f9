"""MERGE, UPDATE and DELETE as the queries that find what they write. Pure."""

from riverhead_spark.changes.kept import without_kept
from riverhead_spark.changes.queries import as_query, is_change

__all__ = ["as_query", "is_change", "without_kept"]
