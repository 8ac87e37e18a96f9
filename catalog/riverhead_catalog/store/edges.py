"""Reading lineage in force at a time: which job touches which dataset, and which column comes from which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from riverhead_catalog.links import DatasetLink, Link
from riverhead_catalog.store.lookups import chunks
from riverhead_catalog.store.tables import columns, datasets, jobs, shape_columns, shape_datasets, valid
from riverhead_emitter.model import Column, Dataset, Derivation, Job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row, Select

    from riverhead_catalog.store.lookups import Known


@dataclass(frozen=True, slots=True)
class Touch:
    """That a job reads or writes a dataset."""

    job: int
    dataset: int
    is_output: bool


def in_force(as_of: int | None) -> ColumnElement[bool]:
    """Return the condition on `valid` for a time, or for now."""
    if as_of is None:
        return valid.c.until.is_(None)
    return and_(valid.c.since <= as_of, or_(valid.c.until.is_(None), valid.c.until > as_of))


def touches_of_jobs(connection: Connection, ids: Iterable[int], as_of: int | None = None) -> list[Touch]:
    """Return what the jobs read and write."""
    return _touches(connection, valid.c.job, ids, as_of)


def touches_of_datasets(connection: Connection, ids: Iterable[int], as_of: int | None = None) -> list[Touch]:
    """Return what reads and writes the datasets."""
    return _touches(connection, shape_datasets.c.dataset, ids, as_of)


def links(connection: Connection, ends: Iterable[Column], *, is_upstream: bool, as_of: int | None = None) -> list[Link]:
    """Return the links that make these columns (upstream), or that these columns make (downstream)."""
    ids = column_ids(connection, ends)
    source, target = columns.alias("source"), columns.alias("target")
    # A row without an output decides about every row of its dataset, and so about every column of it.
    is_target = or_(
        target.c.id == shape_columns.c.output,
        and_(shape_columns.c.output.is_(None), target.c.dataset == shape_columns.c.dataset),
    )
    near = target.c.id if is_upstream else source.c.id
    found: list[Link] = []
    for portion in chunks(ids):
        rows = connection.execute(_links(source, target, is_target).where(near.in_(portion), in_force(as_of)))
        found += [_link(row) for row in rows]
    return sorted(found, key=_order)


def column_ids(connection: Connection, ends: Iterable[Column]) -> list[int]:
    """Return the ids of those columns that any edge names or could decide about."""
    by_dataset: dict[Dataset, set[str]] = {}
    for end in ends:
        by_dataset.setdefault(end.dataset, set()).add(end.name)
    found: list[int] = []
    for dataset, names in by_dataset.items():
        here = and_(datasets.c.namespace == dataset.namespace, datasets.c.name == dataset.name)
        for portion in chunks(names):
            named = select(columns.c.id).join(datasets).where(here, columns.c.name.in_(portion))
            found += connection.scalars(named).all()
    return found


def columns_of(connection: Connection, dataset: int) -> list[str]:
    """Return the names of a dataset's columns that edges name."""
    return list(connection.scalars(select(columns.c.name).where(columns.c.dataset == dataset).order_by(columns.c.name)))


def makers_without_columns(connection: Connection, dataset: Known, as_of: int | None = None) -> list[DatasetLink]:
    """Return a link from every input of every job that writes the dataset and says nothing of its columns."""
    output, source = shape_datasets.alias("output"), shape_datasets.alias("source")
    says_columns = exists().where(shape_columns.c.shape == valid.c.shape, shape_columns.c.dataset == dataset.id)
    rows = connection.execute(
        select(jobs.c.namespace, jobs.c.name, datasets.c.namespace, datasets.c.name)
        .select_from(valid)
        .join(jobs, jobs.c.id == valid.c.job)
        .join(output, and_(output.c.shape == valid.c.shape, output.c.is_output, output.c.dataset == dataset.id))
        .join(source, and_(source.c.shape == valid.c.shape, ~source.c.is_output))
        .join(datasets, datasets.c.id == source.c.dataset)
        .where(in_force(as_of), ~says_columns)
        .order_by(jobs.c.namespace, jobs.c.name, datasets.c.namespace, datasets.c.name)
    )
    made = Dataset(dataset.namespace, dataset.name)
    return [DatasetLink(made, Dataset(row[2], row[3]), Job(row[0], row[1])) for row in rows]


def _touches(connection: Connection, key: ColumnElement[int], ids: Iterable[int], as_of: int | None) -> list[Touch]:
    found: list[Touch] = []
    for portion in chunks(ids):
        rows = connection.execute(
            select(valid.c.job, shape_datasets.c.dataset, shape_datasets.c.is_output)
            .join(shape_datasets, shape_datasets.c.shape == valid.c.shape)
            .where(key.in_(portion), in_force(as_of))
            .distinct()
        )
        found += [Touch(row.job, row.dataset, row.is_output) for row in rows]
    return found


def _links(source: Any, target: Any, is_target: ColumnElement[bool]) -> Select[Any]:
    made, read = datasets.alias("made"), datasets.alias("read")
    return (
        select(
            made.c.namespace.label("made_namespace"), made.c.name.label("made_name"), target.c.name.label("output"),
            read.c.namespace.label("read_namespace"), read.c.name.label("read_name"), source.c.name.label("source"),
            shape_columns.c.how, shape_columns.c.expression, shape_columns.c.is_masking,
            shape_columns.c.output.is_(None).label("decides_rows"),
            jobs.c.namespace.label("job_namespace"), jobs.c.name.label("job_name"),
        )
        .select_from(shape_columns)
        .join(valid, valid.c.shape == shape_columns.c.shape)
        .join(jobs, jobs.c.id == valid.c.job)
        .join(source, source.c.id == shape_columns.c.source)
        .join(target, is_target)
        .join(made, made.c.id == target.c.dataset)
        .join(read, read.c.id == source.c.dataset)
    )  # fmt: skip


def _link(row: Row[Any]) -> Link:
    return Link(
        output=Column(Dataset(row.made_namespace, row.made_name), row.output),
        source=Column(Dataset(row.read_namespace, row.read_name), row.source),
        how=Derivation(row.how),
        expression=row.expression,
        is_masking=row.is_masking,
        decides_rows=bool(row.decides_rows),
        job=Job(row.job_namespace, row.job_name),
    )


def _order(link: Link) -> tuple[Any, ...]:
    return (
        link.output, not link.how.is_direct, link.source, link.how.value, link.expression, link.job.namespace,
        link.job.name,
    )  # fmt: skip
