"""Merging what one event says into the tables, inside the writer's transaction.

Applying the same events in any order, any number of times, ends in the same rows; only the ids that the store
hands out itself depend on who came first.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert

from riverhead_catalog.projection import runs as run_facts
from riverhead_catalog.projection.registers import CREATED, UPDATED, merged, read, written
from riverhead_catalog.store.shapes import shape_id, whole_shape
from riverhead_catalog.store.statements import Said, retract, state
from riverhead_catalog.store.tables import contents, datasets, events, jobs, namespaces, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from riverhead_catalog.projection import Projected
    from riverhead_catalog.projection.registers import Registers


def apply(connection: Connection, said: Projected) -> None:
    """Keep an event and everything that it says; an event that is there already and was applied changes nothing."""
    if not _keep(connection, said) or said.problem:
        return
    _keep_contents(connection, said)
    for dataset, registers in said.datasets.items():
        _merge_named(connection, datasets, dataset.namespace, dataset.name, registers)
    if said.job is None or said.job_registers is None:
        return
    job = _merge_named(connection, jobs, said.job.namespace, said.job.name, said.job_registers)
    if said.shape is not None:
        shape = shape_id(connection, said.shape)
        if said.run_id is not None and said.run_registers is not None:
            _merge_run(connection, job, said.run_id, said.run_registers)
        else:
            declared = Said(job, f"event:{said.digest.hex()}", said.time, said.digest.hex()[:16], True, shape)
            state(connection, declared)


def _keep(connection: Connection, said: Projected) -> bool:
    """True if the event is new, or could not be projected when it came before."""
    values = {
        "digest": said.digest, "time": said.time, "is_run": said.run_id is not None, "problem": said.problem,
        "raw": zlib.compress(said.raw, 6),
    }  # fmt: skip
    kept = connection.execute(
        insert(events)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["digest"], set_={"problem": said.problem}, where=events.c.problem.is_not(None)
        )
    )
    return kept.rowcount > 0


def _keep_contents(connection: Connection, said: Projected) -> None:
    if said.contents:
        rows = [{"address": address, "body": zlib.compress(body, 6)} for address, body in said.contents.items()]
        connection.execute(insert(contents).on_conflict_do_nothing(), rows)


def _merge_named(connection: Connection, table: Table, namespace: str, name: str, said: Registers) -> int:
    """Merge what is said of a dataset or a job and return its id."""
    _merge_namespace(connection, namespace, said)
    known = connection.execute(
        select(table.c.id, table.c.registers).where(table.c.namespace == namespace, table.c.name == name)
    ).one_or_none()
    if known is None:
        values = {"namespace": namespace, "name": name, "registers": written(said)}
        return _new_id(connection, table, values)
    before = read(known.registers)
    after = merged(before, said)
    if after != before:
        connection.execute(update(table).where(table.c.id == known.id).values(registers=written(after)))
    return int(known.id)


def _merge_namespace(connection: Connection, name: str, said: Registers) -> None:
    times = {"created": said[CREATED][0], "updated": said[UPDATED][0]}
    known = connection.execute(select(namespaces).where(namespaces.c.name == name)).one_or_none()
    if known is None:
        connection.execute(insert(namespaces).values(name=name, **times))
        return
    created, updated = min(known.created, times["created"]), max(known.updated, times["updated"])
    if (created, updated) != (known.created, known.updated):
        here = namespaces.c.name == name
        connection.execute(update(namespaces).where(here).values(created=created, updated=updated))


def _merge_run(connection: Connection, job: int, run: str, said: Registers) -> None:
    known = connection.execute(
        select(runs.c.id, runs.c.registers).where(runs.c.run == run, runs.c.job == job)
    ).one_or_none()
    registers = said if known is None else merged(read(known.registers), said)
    facts = run_facts.facts(registers)
    values = {
        "state": facts.state.value, "created": facts.created, "updated": facts.updated,
        "started": facts.started, "ended": facts.ended, "registers": written(registers),
    }  # fmt: skip
    if known is None:
        connection.execute(insert(runs).values(run=run, job=job, **values))
    else:
        connection.execute(update(runs).where(runs.c.id == known.id).values(**values))
    shape = whole_shape(connection, run_facts.shape_digests(registers))
    source = f"run:{run}"
    if not run_facts.counts(facts, shape):
        retract(connection, job, source)
        return
    is_whole = run_facts.is_whole(facts, shape)
    at = facts.ended if is_whole and facts.ended is not None else facts.begun
    state(connection, Said(job, source, at, facts.said_by, is_whole, shape_id(connection, shape)))


def _new_id(connection: Connection, table: Table, values: dict[str, str]) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    return int(key[0])
