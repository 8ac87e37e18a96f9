"""One valid OpenLineage event → everything that the store keeps of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from riverhead_catalog.projection import datasets, jobs, runs
from riverhead_catalog.projection.contents import Contents
from riverhead_catalog.projection.shape import Shape, shape_of
from riverhead_catalog.times import microseconds
from riverhead_emitter.model import Dataset, Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_catalog.projection.registers import Registers


@dataclass(frozen=True, slots=True)
class Projected:
    """What one event says: about a job, one of its runs, and datasets; facet bodies stand in `contents`.

    With a `problem` only the raw event counts: our own code failed on the rest.
    """

    digest: bytes
    raw: bytes
    time: int
    datasets: Mapping[Dataset, Registers] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    job: Job | None = None
    job_registers: Registers | None = None
    run_id: str | None = None
    run_registers: Registers | None = None
    shape: Shape | None = None
    problem: str | None = None


def project(event: Mapping[str, Any]) -> Projected:
    """Return what a valid event says; the same for the same event, whatever came before."""
    came = as_it_came(event)
    contents = Contents(came.time, came.digest.hex()[:16])
    touched = datasets.registers(event, contents)
    if "job" not in event:
        return replace(came, datasets=touched, contents=contents.bodies)
    shape = shape_of(event)
    return replace(
        came,
        datasets={**_named_by_edges(shape, contents), **touched},
        contents=contents.bodies,
        job=Job(event["job"]["namespace"], event["job"]["name"]),
        job_registers=jobs.registers(event, contents),
        run_registers=runs.registers(event, shape, contents) if came.run_id is not None else None,
        shape=shape,
    )


def as_it_came(event: Mapping[str, Any]) -> Projected:
    """Return a valid event without anything derived from it."""
    raw = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    time = microseconds(event["eventTime"])
    assert time is not None  # noqa: S101 - `problems` refuses an event without a readable time
    run = event.get("run")
    return Projected(hashlib.sha256(raw).digest(), raw, time, run_id=run["runId"] if run else None)


def _named_by_edges(shape: Shape, contents: Contents) -> dict[Dataset, Registers]:
    """Datasets that only a column edge names exist too, though nothing more is known of them."""
    named = {edge.source.dataset for edge in shape.columns} | {edge.source.dataset for edge in shape.deciding}
    return {dataset: contents.seen() for dataset in named}
