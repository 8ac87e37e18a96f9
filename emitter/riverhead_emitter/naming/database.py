"""A database as SQL sees it, and the address that leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.model import Dataset

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from riverhead_emitter.frozen import dataclass


class Address(NamedTuple):
    """Where a connection leads, as a URL or a host's own configuration says it, secrets left out.

    `name` is what the kind calls a database: Trino's catalog, BigQuery's project, Cassandra's keyspace.
    """

    kind: str
    host: str | None = None
    port: int | None = None
    name: str | None = None
    schema: str | None = None
    account: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """A database as SQL sees it: where its datasets live, and what an unqualified name means there."""

    namespace: str
    dialect: str
    catalog: str | None = None
    schema: str | None = None
    prefix: str = ""
    separator: str = "."
    # Of how many parts a name has here; where that is two, the database's own name is no part of it.
    levels: int = 3
    # What is not quoted is stored in upper case.
    is_upper: bool = False

    def dataset(self, parts: tuple[str, ...]) -> Dataset:
        """Return the dataset of a name of one to three parts, completed from the defaults."""
        defaults = (self.catalog, self.schema)[: max(0, 3 - len(parts))]
        full = [*(part for part in defaults if part), *parts]
        if len(full) > self.levels and full[0] == self.catalog:
            full = full[1:]
        return Dataset(self.namespace, self.prefix + self.separator.join(full))

    def named(self, name: str) -> Dataset:
        """Return the dataset of a dotted name as SQL writes it."""
        parts = name.split(".", 2)
        return self.dataset(tuple(folded(part) for part in parts) if self.is_upper else tuple(parts))


def folded(name: str) -> str:
    """Return a name as a store in upper case keeps it: as it stands where it is quoted."""
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name.upper()
