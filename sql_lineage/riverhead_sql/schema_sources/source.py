"""What a source of schemas is asked, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_emitter.naming import Database


class Table(NamedTuple):
    """A dataset, and its name as SQL means it: folded, and completed as far as the defaults reach."""

    dataset: Dataset
    catalog: str | None
    schema: str | None
    name: str

    @classmethod
    def meant_by(cls, parts: Sequence[str], database: Database) -> Table:
        """Return the table that a folded name of one to three parts means in a database."""
        *before, name = parts
        schema = before.pop() if before else ""
        # More than three parts name another server: as one catalog, which no server has, nobody answers for it.
        catalog = ".".join(before)
        return cls(database.dataset(tuple(parts)), catalog or database.catalog, schema or database.schema, name)


class SchemaSource(Protocol):
    """Somebody who knows the columns of tables; it answers what it knows, and never raises."""

    def columns_of(self, tables: Sequence[Table]) -> Mapping[Dataset, tuple[str, ...]]:
        """Return the columns, in order, of those tables that it knows, as the dialect compares names.

        One call is for all the tables of a statement, so that one question to a server can answer it.
        """
