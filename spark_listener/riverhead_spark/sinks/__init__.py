"""Write commands → the datasets they fill and the columns they fill them from. Pure."""

from riverhead_spark.sinks.commands import kept_nowhere, writes_of
from riverhead_spark.sinks.write import Write, label_of

__all__ = ["Write", "kept_nowhere", "label_of", "writes_of"]
