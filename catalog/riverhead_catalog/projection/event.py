"""One valid OpenLineage event → everything that the store keeps of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
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
    """What one event says: about a job, one of its runs, and datasets; facet bodies stand in `contents`."""

    digest: bytes
    raw: bytes
    time: int
    datasets: Mapping[Dataset, Registers]
    contents: Mapping[str, bytes]
    job: Job | None = None
    job_registers: Registers | None = None
    run_id: str | None = None
    run_registers: Registers | None = None
    shape: Shape | None = None


def project(event: Mapping[str, Any]) -> Projected:
    """Return what a valid event says; the same for the same event, whatever came before."""
    raw = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hashlib.sha256(raw)
    time = microseconds(event["eventTime"])
    assert time is not None  # noqa: S101 - `problems` refuses an event without a readable time
    contents = Contents(time, digest.hexdigest()[:16])
    touched = datasets.registers(event, contents)
    if "job" not in event:
        return Projected(digest.digest(), raw, time, touched, contents.bodies)
    shape = shape_of(event)
    run = event.get("run")
    return Projected(
        digest.digest(),
        raw,
        time,
        {**_named_by_edges(shape, contents), **touched},
        contents.bodies,
        Job(event["job"]["namespace"], event["job"]["name"]),
        jobs.registers(event, contents),
        run["runId"] if run else None,
        runs.registers(event, shape, contents) if run else None,
        shape,
    )


def _named_by_edges(shape: Shape, contents: Contents) -> dict[Dataset, Registers]:
    """Datasets that only a column edge names exist too, though nothing more is known of them."""
    named = {edge.source.dataset for edge in shape.columns} | {edge.source.dataset for edge in shape.deciding}
    return {dataset: contents.seen() for dataset in named}
