"""SQL text → what it reads, what it writes, and which column came from which. Pure; knows no host."""

from riverhead_sql.lineage import SqlLineage, lineage_of

__all__ = ["SqlLineage", "lineage_of"]
