"""Which source column reaches which column of a plan, and what decides about its rows. Pure."""

from riverhead_spark.columns.edges import Edges, edges_of, sources_of
from riverhead_spark.columns.flow import Traced, trace

__all__ = ["Edges", "Traced", "edges_of", "sources_of", "trace"]
