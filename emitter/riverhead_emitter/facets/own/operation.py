"""For who runs pipelines: what a run was given, what it used and cost, when data is due, and what was cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, entry, instant, known, own_facet
from riverhead_emitter.facets.own.bounds import first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class Resources(NamedTuple):
    """What a run used; unknown figures are left out."""

    duration_seconds: float | None = None
    cpu_seconds: float | None = None
    gpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    shuffle_read_bytes: int | None = None
    shuffle_written_bytes: int | None = None
    memory_spilled_bytes: int | None = None
    disk_spilled_bytes: int | None = None
    workers: int | None = None
    worker_seconds: float | None = None
    collecting_seconds: float | None = None
    tasks: int | None = None


class Stage(NamedTuple):
    """What one part of a run used; unknown figures are left out. `collecting` is the collection of garbage."""

    id: int
    tasks: int | None = None
    worker_seconds: float | None = None
    cpu_seconds: float | None = None
    collecting_seconds: float | None = None
    peak_memory_bytes: int | None = None
    shuffle_read_bytes: int | None = None
    shuffle_written_bytes: int | None = None
    memory_spilled_bytes: int | None = None
    disk_spilled_bytes: int | None = None


class Cost(NamedTuple):
    """What a run cost; `basis` says how that is known, say by bill or by estimate."""

    amount: float
    currency: str
    basis: str | None = None


def parameters(values: Mapping[str, object], origins: Mapping[str, str] | None = None) -> Facet:
    """Return the `riverhead_parameters` run facet; `origins` says where a value came from (argument, file, default)."""
    told = origins or {}
    named, count = first(values)
    listed = [{"name": name, "value": values[name], **known(origin=told.get(name))} for name in named]
    return own_facet("parameters", "1-0-0", parameterCount=count, parameters=listed)


def resources(
    used: Resources, cost: Cost | None = None, *, stages: Iterable[Stage] = (), stage_count: int | None = None
) -> Facet:
    """Return the `riverhead_resources` run facet; `stage_count` is of all stages, of which only some may be told."""
    told = entries(stages)
    return own_facet(
        "resources",
        "1-0-0",
        **entry(used),
        cost=None if cost is None else entry(cost),
        stageCount=stage_count,
        stages=told or None,
    )


def failure(
    error_class: str,
    *,
    condition: str | None = None,
    sql_state: str | None = None,
    fragment: str | None = None,
    stage: int | None = None,
    operators: Iterable[str] = (),
) -> Facet:
    """Return the `riverhead_failure` run facet: what kind of error it was, and where in the query it happened."""
    named, _ = first(operators)
    return own_facet(
        "failure",
        "1-0-0",
        errorClass=error_class,
        condition=condition,
        sqlState=sql_state,
        fragment=fragment,
        stage=stage,
        operators=named or None,
    )


def freshness(
    *,
    target_seconds: float | None = None,
    due: datetime | str | None = None,
    delivered: datetime | str | None = None,
    newest_data: datetime | str | None = None,
) -> Facet:
    """Return the `riverhead_freshness` dataset facet: how old data may get, when it was due and when it came."""
    times = {"dueTime": due, "deliveryTime": delivered, "newestDataTime": newest_data}
    told = {name: instant(time) for name, time in times.items() if time is not None}
    return own_facet("freshness", "1-0-0", targetSeconds=target_seconds, **told)


def trimmed(cuts: Iterable[tuple[str, str, int | None]], *, count: int, limit_bytes: int) -> Facet:
    """Return the `riverhead_trimmed` run facet: path (a JSON Pointer), reason and size of parts cut from an event.

    `count` is of all that were cut; the size of a part is told where it is known.
    """
    parts = [{"path": path, "why": why, **known(bytes=size)} for path, why, size in cuts]
    return own_facet("trimmed", "1-0-0", limitBytes=limit_bytes, partCount=count, parts=parts)
