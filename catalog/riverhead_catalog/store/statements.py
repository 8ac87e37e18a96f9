"""What runs say of their job's shape, and the `valid` intervals that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from riverhead_catalog.projection.intervals import Interval, Statement, intervals
from riverhead_catalog.store.tables import statements, valid

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Said:
    """One row of `statements`."""

    job: int
    source: str
    at: int
    digest: str
    is_complete: bool
    shape: int


def state(connection: Connection, said: Said) -> None:
    """Keep what a run says of its job and bring the job's intervals up to date."""
    here = and_(statements.c.job == said.job, statements.c.source == said.source)
    row = connection.execute(select(statements).where(here)).mappings().one_or_none()
    before = None if row is None else Said(**row)
    if before == said:
        return
    values = {"at": said.at, "digest": said.digest, "is_complete": said.is_complete, "shape": said.shape}
    connection.execute(
        insert_or(statements)
        .values(job=said.job, source=said.source, **values)
        .on_conflict_do_update(index_elements=["job", "source"], set_=values)
    )
    others = and_(statements.c.job == said.job, statements.c.is_complete, statements.c.source != said.source)
    first = connection.scalar(select(statements.c.at).where(others).order_by(statements.c.at).limit(1))
    last = connection.scalar(select(statements.c.at).where(others).order_by(statements.c.at.desc()).limit(1))
    if not _is_silent(before, first):
        _rebuild(connection, said.job)
    elif said.is_complete and last is not None and last < said.at:
        _extend(connection, said)
    elif not _is_silent(said, first):
        _rebuild(connection, said.job)


def retract(connection: Connection, job: int, source: str) -> None:
    """Forget what a run said of its job: it turned out not to speak for it."""
    here = and_(statements.c.job == job, statements.c.source == source)
    if connection.execute(delete(statements).where(here)).rowcount:
        _rebuild(connection, job)


def _is_silent(said: Said | None, first_complete: int | None) -> bool:
    """True if a statement adds nothing to the intervals: a partial run after the job has once completed."""
    if said is None:
        return True
    return not said.is_complete and first_complete is not None and first_complete <= said.at


def _extend(connection: Connection, said: Said) -> None:
    """The usual case, at a cost that does not grow with a job's history: the newest complete run."""
    current = and_(valid.c.job == said.job, valid.c.until.is_(None))
    in_force = connection.execute(select(valid.c.shape).where(current)).scalar_one()
    if in_force != said.shape:
        connection.execute(update(valid).where(current).values(until=said.at))
        connection.execute(insert(valid).values(job=said.job, shape=said.shape, since=said.at))


def _rebuild(connection: Connection, job: int) -> None:
    rows = connection.execute(select(statements).where(statements.c.job == job)).all()
    found = intervals(Statement(row.at, row.digest, row.shape, row.is_complete) for row in rows)
    known = {
        Interval(row.since, row.until, row.shape) for row in connection.execute(select(valid).where(valid.c.job == job))
    }
    if known == set(found):
        return
    connection.execute(delete(valid).where(valid.c.job == job))
    if found:
        connection.execute(
            insert(valid),
            [{"job": job, "shape": one.shape, "since": one.since, "until": one.until} for one in found],
        )
