"""What a DAG's events said, short enough to be read and without anything that another run would have otherwise."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Event = dict[str, Any]

_NUMBERED = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(127\.0\.0\.1|localhost):\d+"), r"\1:<port>"),
)
# What is told of a DAG run where the machine had time for it; a busy one has none now and then.
_OF_DAG_RUNS, _IF_THERE_IS_TIME = "airflowDagRun", {"airflowState", "jobDependencies"}


def dag_of(event: Event, dag_ids: Iterable[str]) -> str:
    """Return the DAG that an event belongs to: by its own job's name, or by that of the run it stems from."""
    first = str(event["job"]["name"]).partition(".")[0]
    parent = event["run"].get("facets", {}).get("parent", {})
    return first if first in dag_ids else str(parent.get("root", parent).get("job", {}).get("name", ""))


def told(events: Iterable[Event], places: Mapping[str, str]) -> str:
    """Return what was said of each job: each event's datasets, columns and the names of its facets.

    `places` are folders and the words to put for them.
    """
    jobs: dict[str, list[list[Event]]] = {}
    for events_of_run in _runs(events):
        jobs.setdefault(events_of_run[0]["job"]["name"], []).append(events_of_run)
    said = {
        job: [event for run in sorted((list(map(_said, run)) for run in runs), key=json.dumps) for event in run]
        for job, runs in jobs.items()
    }
    return _without_chance(json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False), places) + "\n"


def _runs(events: Iterable[Event]) -> list[list[Event]]:
    runs: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: str(event["eventTime"])):
        runs.setdefault(event["run"]["runId"], []).append(event)
    return list(runs.values())


def _said(event: Event) -> Event:
    of_run = event["run"].get("facets", {}).keys()
    said = {
        "event": event["eventType"],
        "job": ", ".join(sorted(event["job"].get("facets", {}))),
        "run": ", ".join(sorted(of_run - (_IF_THERE_IS_TIME if _OF_DAG_RUNS in of_run else set()))),
        "inputs": sorted(map(_dataset, event.get("inputs", []))),
        "outputs": sorted(map(_dataset, event.get("outputs", []))),
        "columns": sorted(edge for output in event.get("outputs", []) for edge in _edges(output)),
    }
    return {name: value for name, value in said.items() if value}


def _dataset(dataset: Event) -> str:
    facets = sorted({name for kind in dataset if kind.lower().endswith("facets") for name in dataset[kind]})
    return f"{dataset['namespace']} {dataset['name']}: {', '.join(facets) or 'no facets'}"


def _edges(output: Event) -> list[str]:
    lineage = output.get("facets", {}).get("columnLineage", {})
    targets = [(name, field["inputFields"]) for name, field in lineage.get("fields", {}).items()]
    return [
        f"{_last(output['name'])}.{target} <- {_last(source['name'])}.{source['field']}: {_how(source)}"
        for target, sources in [*targets, ("*", lineage.get("dataset", []))]
        for source in sources
    ]


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _how(source: Event) -> str:
    ways = source.get("transformations", [])
    return ", ".join(sorted({str(way.get("subtype") or way.get("type")) for way in ways})) or "?"


def _without_chance(text: str, places: Mapping[str, str]) -> str:
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    for pattern, word in _NUMBERED:
        text = pattern.sub(word, text)
    return text
