"""What the tap wrote in each supported Spark (`tests/plans/record.py` records it), and how tests read events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from riverhead_emitter.observation import Observation
from riverhead_spark.executions import KIND, VERSION
from riverhead_spark.understand import interpret

SPARKS = ("3.5", "4.0", "4.3")
_PLANS = Path(__file__).parent.parent / "plans"
RECORDED = sorted(path.stem for path in (_PLANS / SPARKS[-1]).iterdir())
RUN_ID = "0190a8d0-0000-7000-8000-000000000001"


def recorded(spark: str, name: str) -> list[Observation]:
    """Return the observations of a recorded query."""
    payloads = json.loads((_PLANS / spark / f"{name}.json").read_text(encoding="utf-8"))
    return [Observation(KIND, VERSION, RUN_ID, payload) for payload in payloads]


def events_of(spark: str, name: str) -> list[dict[str, Any]]:
    """Return the events that a recorded query means."""
    return [event for observation in recorded(spark, name) for event in interpret(observation)]


def edges_of(event: dict[str, Any]) -> set[str]:
    """Return the column edges of an event's outputs, each as `column <- dataset.column KIND`."""
    return {
        f"{column} <- {_last(source['name'])}.{source['field']} {transformation['subtype']}"
        for output in event["outputs"]
        for column, entry in output["facets"].get("columnLineage", {"fields": {}})["fields"].items()
        for source in entry["inputFields"]
        for transformation in source["transformations"]
    }


def names_of(datasets: list[dict[str, Any]]) -> list[str]:
    """Return datasets as `namespace name`."""
    return [f"{dataset['namespace']} {dataset['name']}" for dataset in datasets]


def _last(name: str) -> str:
    return name.rpartition("/")[2]
