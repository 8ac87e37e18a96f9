"""A plain event → the official client's own classes, which is what its transports take.

Facets stay the mappings that they are, known or not, and answer for attributes, which some transports ask for.
"""

from __future__ import annotations

from typing import Any

from riverhead_emitter.loading import loading_a_package


class Facet(dict[str, Any]):
    """A facet, or a part of one, whose keys are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def event_of(event: dict[str, Any]) -> Any:
    """Return the official event; ValueError, TypeError, KeyError or AttributeError if it knows no such event."""
    with loading_a_package():
        from openlineage.client import event_v2

    given: dict[str, Any] = {"eventTime": event["eventTime"], "producer": event.get("producer") or ""}
    official: Any
    if "run" not in event and "dataset" in event:
        official = event_v2.DatasetEvent(dataset=_dataset(event_v2.StaticDataset, event["dataset"]), **given)
    else:
        job = event["job"]
        given["job"] = event_v2.Job(job["namespace"], job["name"], facets=_facets(job.get("facets")))
        given["inputs"] = [_dataset(event_v2.InputDataset, dataset) for dataset in event.get("inputs") or ()]
        given["outputs"] = [_dataset(event_v2.OutputDataset, dataset) for dataset in event.get("outputs") or ()]
        official = _of_run(event, given) if "run" in event else event_v2.JobEvent(**given)
    if event.get("schemaURL"):
        official.schemaURL = event["schemaURL"]
    return official


def _of_run(event: dict[str, Any], given: dict[str, Any]) -> Any:
    with loading_a_package():
        from openlineage.client import event_v2

    run, kind = event["run"], event.get("eventType")
    facets = _facets(run.get("facets"))
    if "parent" in facets:
        facets["parent"] = _parent(facets["parent"])
    return event_v2.RunEvent(
        eventType=None if kind is None else event_v2.RunState(kind),
        run=event_v2.Run(run["runId"], facets=facets),
        **given,
    )


def _dataset(kind: Any, dataset: dict[str, Any]) -> Any:
    facets = {name: _facets(dataset[name]) for name in ("facets", "inputFacets", "outputFacets") if dataset.get(name)}
    return kind(namespace=dataset["namespace"], name=dataset["name"], **facets)


def _facets(facets: Any) -> dict[str, Any]:
    return {name: _reachable(facet) for name, facet in (facets or {}).items()}


def _reachable(value: Any) -> Any:
    if isinstance(value, dict):
        return Facet({key: _reachable(inner) for key, inner in value.items()})
    return [_reachable(inner) for inner in value] if isinstance(value, list) else value


def _parent(facet: Any) -> Any:
    """Return the official class of this facet, by which Kafka's key is chosen, if nothing is lost that way."""
    with loading_a_package():
        from openlineage.client.facet_v2 import parent_run
        from openlineage.client.serde import Serde

    try:
        root = facet.get("root")
        official = parent_run.ParentRunFacet(
            run=parent_run.Run(**facet["run"]),
            job=parent_run.Job(**facet["job"]),
            root=root and parent_run.Root(parent_run.RootRun(**root["run"]), parent_run.RootJob(**root["job"])),
            producer=facet["_producer"],
        )
        official._schemaURL = facet["_schemaURL"]  # noqa: SLF001 - a field of the specification, which is named so
        is_same = _without_nothing(Serde.to_dict(official)) == _without_nothing(Serde.to_dict(facet))
    except (TypeError, ValueError, KeyError, AttributeError):
        return facet
    return official if is_same else facet


def _without_nothing(value: Any) -> Any:
    """Leave out the empty `facets` that the official classes add."""
    if not isinstance(value, dict):
        return value
    return {key: _without_nothing(inner) for key, inner in value.items() if inner not in ({}, None)}
