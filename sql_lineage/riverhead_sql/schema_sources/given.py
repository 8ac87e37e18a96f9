"""Columns that somebody wrote down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_emitter.naming import Database
    from riverhead_sql.schema_sources.source import Table


class GivenSchema:
    """Answers from a mapping of names, as one would write them in this database, to columns."""

    def __init__(self, schema: Mapping[str, Sequence[str]], database: Database) -> None:
        # sqlglot is an extra, and the other sources do without it.
        from sqlglot.dialects.dialect import Dialect

        from riverhead_sql.schemas import known_columns

        self._columns = known_columns(schema, database, (Dialect.get(database.dialect) or Dialect)())
        self._by_fold: dict[tuple[str, str], tuple[str, ...] | None] | None = None

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        """Return the columns of those tables that the mapping names."""
        return {table.dataset: columns for table in tables if (columns := self._of(table.dataset)) is not None}

    def _of(self, dataset: Dataset) -> tuple[str, ...] | None:
        """A name in another case is the same dataset's, where only one fits."""
        if dataset in self._columns:
            return self._columns[dataset]
        if self._by_fold is None:
            self._by_fold = {}
            for known, columns in self._columns.items():
                fold = _fold(known)
                self._by_fold[fold] = None if fold in self._by_fold else columns
        return self._by_fold.get(_fold(dataset))


def _fold(dataset: Dataset) -> tuple[str, str]:
    return dataset.namespace, dataset.name.lower()
