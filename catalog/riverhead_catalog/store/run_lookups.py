"""Reading runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from riverhead_catalog.projection import runs as run_facts
from riverhead_catalog.projection.registers import read
from riverhead_catalog.projection.shape import union
from riverhead_catalog.store.lookups import chunks
from riverhead_catalog.store.shapes import shapes_by_digest
from riverhead_catalog.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

    from riverhead_catalog.projection.registers import Registers
    from riverhead_catalog.projection.runs import RunFacts
    from riverhead_catalog.projection.shape import Shape


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run as the store knows it."""

    id: str
    job: int
    facts: RunFacts
    registers: Registers


def run(connection: Connection, run_id: str) -> KnownRun | None:
    """Return a run; of two jobs that used the same id, the one heard of last."""
    found = select(runs).where(runs.c.run == run_id).order_by(runs.c.updated.desc(), runs.c.job).limit(1)
    return next(iter(_known(connection.execute(found))), None)


def runs_of(connection: Connection, job: int, limit: int, offset: int) -> tuple[list[KnownRun], int]:
    """Return a page of a job's runs, newest first, and how many there are."""
    found = select(runs).where(runs.c.job == job).order_by(runs.c.created.desc(), runs.c.run)
    count = connection.execute(select(func.count()).select_from(runs).where(runs.c.job == job)).scalar_one()
    return _known(connection.execute(found.limit(limit).offset(offset))), int(count)


def latest_runs(connection: Connection, limit: int, offset: int) -> tuple[list[KnownRun], int]:
    """Return a page of all runs, newest first, and how many there are."""
    found = select(runs).order_by(runs.c.created.desc(), runs.c.run).limit(limit).offset(offset)
    return _known(connection.execute(found)), int(
        connection.execute(select(func.count()).select_from(runs)).scalar_one()
    )


def latest_run_by_job(connection: Connection, jobs: Iterable[int]) -> dict[int, KnownRun]:
    """Return the newest run of each job."""
    found: dict[int, KnownRun] = {}
    for portion in chunks(jobs):
        rank = func.row_number().over(partition_by=runs.c.job, order_by=(runs.c.created.desc(), runs.c.run))
        ranked = select(runs, rank.label("rank")).where(runs.c.job.in_(portion)).subquery()
        rows = connection.execute(select(ranked).where(ranked.c.rank == 1))
        found.update({one.job: one for one in _known(rows)})
    return found


def shapes_of_runs(connection: Connection, known: Iterable[KnownRun]) -> list[Shape]:
    """Return what each run read and wrote, in their order."""
    wanted = [run_facts.shape_digests(one.registers) for one in known]
    described: dict[bytes, Shape] = {}
    for portion in chunks(digest for digests in wanted for digest in digests):
        described |= shapes_by_digest(connection, portion)
    return [union(described[digest] for digest in digests) for digests in wanted]


def _known(rows: Iterable[Row[Any]]) -> list[KnownRun]:
    found = ((row, read(row.registers)) for row in rows)
    return [KnownRun(row.run, row.job, run_facts.facts(registers), registers) for row, registers in found]
