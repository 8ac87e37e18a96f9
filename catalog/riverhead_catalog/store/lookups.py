"""Reading what is known by name: namespaces, datasets, jobs, and the facet bodies that their registers point to."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from riverhead_catalog.projection.contents import FACET
from riverhead_catalog.projection.registers import CREATED, UPDATED, named, read
from riverhead_catalog.store.tables import columns, contents, datasets, jobs, namespaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row, Table

    from riverhead_catalog.projection.registers import Registers

_MOST_AT_ONCE = 500  # SQLite takes a bounded number of parameters


@dataclass(frozen=True, slots=True)
class Known:
    """A dataset or a job as the store knows it."""

    id: int
    namespace: str
    name: str
    registers: Registers

    @property
    def created(self) -> int:
        """When it was first heard of."""
        return self.registers[CREATED][0]

    @property
    def updated(self) -> int:
        """When it was last heard of."""
        return self.registers[UPDATED][0]

    @property
    def facets(self) -> dict[str, str]:
        """The names of its facets and where their bodies are."""
        return dict(named(self.registers, FACET))


def chunks(ids: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """Yield ids in portions that fit one statement."""
    known = sorted(set(ids))
    for start in range(0, len(known), _MOST_AT_ONCE):
        yield known[start : start + _MOST_AT_ONCE]


def all_namespaces(connection: Connection, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return a page of namespaces by name."""
    return connection.execute(select(namespaces).order_by(namespaces.c.name).limit(limit).offset(offset)).all()


def namespace(connection: Connection, name: str) -> Row[Any] | None:
    """Return one namespace."""
    return connection.execute(select(namespaces).where(namespaces.c.name == name)).one_or_none()


def dataset(connection: Connection, namespace: str, name: str) -> Known | None:
    """Return one dataset."""
    return _one(connection, datasets, namespace, name)


def job(connection: Connection, namespace: str, name: str) -> Known | None:
    """Return one job."""
    return _one(connection, jobs, namespace, name)


def datasets_of(connection: Connection, namespace: str, limit: int, offset: int) -> tuple[list[Known], int]:
    """Return a page of a namespace's datasets by name, and how many there are."""
    return _page(connection, datasets, namespace, limit, offset)


def jobs_of(connection: Connection, namespace: str | None, limit: int, offset: int) -> tuple[list[Known], int]:
    """Return a page of jobs by namespace and name, and how many there are."""
    return _page(connection, jobs, namespace, limit, offset)


def datasets_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Known]:
    """Return datasets by id."""
    return _by_id(connection, datasets, ids)


def jobs_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Known]:
    """Return jobs by id."""
    return _by_id(connection, jobs, ids)


def datasets_ending_in(connection: Connection, part: str, limit: int) -> list[Known]:
    """Return the datasets whose name is `part`, or ends in it from a separator on."""
    endings = [func.substr(datasets.c.name, -len(part) - 1) == separator + part for separator in "./"]
    found = select(datasets).where(or_(datasets.c.name == part, *endings))
    return _known(connection.execute(found.order_by(datasets.c.namespace, datasets.c.name).limit(limit)))


def column_names(connection: Connection, limit: int) -> list[tuple[tuple[str, str], str]]:
    """Return ((namespace, dataset), column) of known columns, to find near ones among them."""
    found = select(datasets.c.namespace, datasets.c.name, columns.c.name).join(columns).order_by(columns.c.id)
    return [((row[0], row[1]), row[2]) for row in connection.execute(found.limit(limit))]


def bodies(connection: Connection, addresses: Iterable[str]) -> dict[str, Any]:
    """Return stored facet bodies by address."""
    found: dict[str, Any] = {}
    for portion in chunks(addresses):
        for row in connection.execute(select(contents).where(contents.c.address.in_(portion))):
            found[row.address] = json.loads(zlib.decompress(row.body))
    return found


def facets(connection: Connection, registers: Registers, prefix: str = FACET) -> dict[str, Any]:
    """Return the facets (or other bodies) that registers point to, by name."""
    addresses = dict(named(registers, prefix))
    known = bodies(connection, addresses.values())
    return {name: known[address] for name, address in addresses.items()}


def _one(connection: Connection, table: Table, namespace: str, name: str) -> Known | None:
    found = select(table).where(table.c.namespace == namespace, table.c.name == name)
    return next(iter(_known(connection.execute(found))), None)


def _page(
    connection: Connection, table: Table, namespace: str | None, limit: int, offset: int
) -> tuple[list[Known], int]:
    found, count = select(table), select(func.count()).select_from(table)
    if namespace is not None:
        found, count = found.where(table.c.namespace == namespace), count.where(table.c.namespace == namespace)
    rows = connection.execute(found.order_by(table.c.namespace, table.c.name).limit(limit).offset(offset))
    return _known(rows), int(connection.execute(count).scalar_one())


def _by_id(connection: Connection, table: Table, ids: Iterable[int]) -> dict[int, Known]:
    found: dict[int, Known] = {}
    for portion in chunks(ids):
        rows = connection.execute(select(table).where(table.c.id.in_(portion)))
        found.update({one.id: one for one in _known(rows)})
    return found


def _known(rows: Iterable[Row[Any]]) -> list[Known]:
    return [Known(row.id, row.namespace, row.name, read(row.registers)) for row in rows]
