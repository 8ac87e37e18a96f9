"""What is wrong with an event, each problem named by its field, in the words that Marquez uses.

Only what the catalog reads is checked: an unknown facet is kept as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_catalog.projection.columns_facet import column_lineage_problems
from riverhead_catalog.projection.reading import is_object, is_text, missing, objects, text
from riverhead_catalog.times import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REQUIRED_TEXTS = {
    "documentation": ("description",),
    "sql": ("query",),
    "jobType": ("processingType", "integration"),
    "errorMessage": ("message",),
}


def problems(event: object) -> list[str]:
    """Return every reason why this is no OpenLineage event that can be kept; none means it can be projected."""
    if not isinstance(event, dict):
        return ["The request body must be an object"]
    return [*_envelope(event), *_job(event), *_run(event), *_datasets(event)]


def _envelope(event: Mapping[str, Any]) -> Iterator[str]:
    yield from text(event, "producer", "producer")
    if event.get("eventTime") is None:
        yield "eventTime must not be null"
    elif microseconds(event["eventTime"]) is None:
        yield "eventTime must be a time such as 2026-11-20T08:00:00Z"
    if _is_run_event(event):
        yield from text(event, "eventType", "eventType")


def _job(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("job") is None and _is_dataset_event(event):
        return
    if not is_object(event.get("job")):
        yield from missing(event.get("job"), "job")
        return
    yield from text(event["job"], "namespace", "job.namespace", is_name=True)
    yield from text(event["job"], "name", "job.name", is_name=True)
    yield from _facets(event["job"], "job")


def _run(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("run") is None and not _is_run_event(event):
        return
    run = event.get("run")
    if not is_object(run):
        yield from missing(run, "run")
        return
    yield from text(run, "runId", "run.runId", is_name=True)
    yield from _facets(run, "run")
    parent = (run.get("facets") or {}).get("parent") if is_object(run.get("facets") or {}) else None
    if is_object(parent):
        yield from _run_and_job(parent, "run.facets.parent")


def _run_and_job(parent: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, fields in (("run", ("runId",)), ("job", ("namespace", "name"))):
        part = parent.get(name)
        if not is_object(part):
            yield from missing(part, f"{path}.{name}")
            continue
        for field in fields:
            yield from text(part, field, f"{path}.{name}.{field}", is_name=True)


def _datasets(event: Mapping[str, Any]) -> Iterator[str]:
    for side in ("inputs", "outputs"):
        entries, wrong = objects(event.get(side), side)
        yield from wrong
        for path, entry in entries:
            yield from _dataset(entry, path)
    if _is_dataset_event(event):
        if not is_object(event.get("dataset")):
            yield from missing(event.get("dataset"), "dataset")
        else:
            yield from _dataset(event["dataset"], "dataset")


def _dataset(entry: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from text(entry, "namespace", f"{path}.namespace", is_name=True)
    yield from text(entry, "name", f"{path}.name", is_name=True)
    for kind in ("facets", "inputFacets", "outputFacets"):
        yield from _facets(entry, path, kind)


def _facets(holder: Mapping[str, Any], path: str, kind: str = "facets") -> Iterator[str]:
    facets = holder.get(kind)
    if facets is None:
        return
    if not is_object(facets):
        yield f"{path}.{kind} must be an object"
        return
    for name, facet in facets.items():
        where = f"{path}.{kind}.{name}"
        if not is_object(facet):
            yield f"{where} must be an object"
            continue
        yield from _known_facet(name, facet, where)


def _known_facet(name: str, facet: Mapping[str, Any], where: str) -> Iterator[str]:
    if name in _REQUIRED_TEXTS or name in {"schema", "columnLineage", "parent"}:
        for field in ("_schemaURL", "_producer"):
            if not is_text(facet.get(field)):
                yield from missing(facet.get(field), f"{where}.{field}", "a text")
    for field in _REQUIRED_TEXTS.get(name, ()):
        yield from text(facet, field, f"{where}.{field}")
    if name == "schema":
        yield from _schema_fields(facet.get("fields"), f"{where}.fields")
    if name == "columnLineage":
        yield from column_lineage_problems(facet, where)


def _schema_fields(fields: object, path: str) -> Iterator[str]:
    entries, wrong = objects(fields, path)
    yield from wrong
    for where, field in entries:
        yield from text(field, "name", f"{where}.name", is_name=True)
        if field.get("type") is not None and not is_text(field["type"]):
            yield f"{where}.type must be a text"


def _is_run_event(event: Mapping[str, Any]) -> bool:
    return not _is_dataset_event(event) and not _is_job_event(event)


def _is_dataset_event(event: Mapping[str, Any]) -> bool:
    return event.get("dataset") is not None and "job" not in event and "run" not in event


def _is_job_event(event: Mapping[str, Any]) -> bool:
    return event.get("run") is None and str(event.get("schemaURL") or "").endswith("/JobEvent")
