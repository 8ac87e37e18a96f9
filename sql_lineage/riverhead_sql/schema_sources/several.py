"""Several sources of schemas, one behind the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_sql.schema_sources.source import SchemaSource, Table


class Several:
    """Asks its sources in order: the first that knows a table answers for it, and the next hear of it no more."""

    def __init__(self, *sources: SchemaSource) -> None:
        self._sources = sources

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        """Return the columns of those tables that any source knows."""
        found: dict[Dataset, tuple[str, ...]] = {}
        for source in self._sources:
            missing = [table for table in tables if table.dataset not in found]
            if missing:
                found.update(source.columns_of(missing))
        return found
