"""Shapes in the tables: stored once, and spread into rows that the graph's questions can join."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from riverhead_catalog.projection.shape import Shape, digest_of, read, union
from riverhead_catalog.projection.shape import written as shape_bytes
from riverhead_catalog.store.tables import columns, datasets, shape_columns, shape_datasets, shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from riverhead_emitter.model import Column, Dataset


def shape_id(connection: Connection, shape: Shape) -> int:
    """Return the id of a shape, storing it if it is new; its datasets are there already."""
    digest = digest_of(shape)
    known = connection.scalar(select(shapes.c.id).where(shapes.c.digest == digest))
    if known is not None:
        return int(known)
    made = connection.execute(insert(shapes).values(digest=digest, body=zlib.compress(shape_bytes(shape), 6)))
    key = made.inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    _spread(connection, int(key[0]), shape)
    return int(key[0])


def whole_shape(connection: Connection, digests: list[bytes]) -> Shape:
    """Return all that a run's events described together."""
    return union(shapes_by_digest(connection, digests).values())


def shapes_by_digest(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, Shape]:
    """Return the shapes at these addresses."""
    found = connection.execute(select(shapes.c.digest, shapes.c.body).where(shapes.c.digest.in_(digests)))
    return {row.digest: read(zlib.decompress(row.body)) for row in found}


def _spread(connection: Connection, shape: int, body: Shape) -> None:
    ids = _Ids(connection)
    touched = [(False, dataset) for dataset in body.inputs] + [(True, dataset) for dataset in body.outputs]
    if touched:
        connection.execute(
            insert(shape_datasets),
            [{"shape": shape, "is_output": out, "dataset": ids.dataset(dataset)} for out, dataset in touched],
        )
    for field in body.fields:
        ids.column(field)
    rows: list[dict[str, object]] = [
        {
            "shape": shape, "dataset": ids.dataset(edge.output.dataset), "output": ids.column(edge.output),
            "source": ids.column(edge.source), "how": edge.how.value, "is_masking": edge.is_masking,
            "expression": edge.expression,
        }
        for edge in body.columns
    ]  # fmt: skip
    rows += [
        {
            "shape": shape, "dataset": ids.dataset(edge.output), "output": None, "source": ids.column(edge.source),
            "how": edge.how.value, "is_masking": False, "expression": edge.expression,
        }
        for edge in body.deciding
    ]  # fmt: skip
    if rows:
        connection.execute(insert(shape_columns), rows)


class _Ids:
    """The ids of datasets and columns, each looked up once per shape."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._datasets: dict[Dataset, int] = {}
        self._columns: dict[Column, int] = {}

    def dataset(self, dataset: Dataset) -> int:
        if dataset not in self._datasets:
            here = (datasets.c.namespace == dataset.namespace) & (datasets.c.name == dataset.name)
            self._datasets[dataset] = int(self._connection.execute(select(datasets.c.id).where(here)).scalar_one())
        return self._datasets[dataset]

    def column(self, column: Column) -> int:
        if column not in self._columns:
            dataset = self.dataset(column.dataset)
            values = {"dataset": dataset, "name": column.name}
            self._connection.execute(insert(columns).values(**values).on_conflict_do_nothing())
            here = (columns.c.dataset == dataset) & (columns.c.name == column.name)
            self._columns[column] = int(self._connection.execute(select(columns.c.id).where(here)).scalar_one())
        return self._columns[column]
