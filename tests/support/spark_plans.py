"""What the tap wrote in each supported Spark (`tests/plans/record.py` records it), and how tests read events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import Dataset
from riverhead_emitter.observation import Observation
from riverhead_spark.columns import edges_of as edges_of_columns
from riverhead_spark.columns import trace
from riverhead_spark.executions import KIND, VERSION
from riverhead_spark.plan import plan_from
from riverhead_spark.understand import interpret

if TYPE_CHECKING:
    from riverhead_emitter.model import ColumnEdge, DatasetEdge
    from riverhead_spark.columns import Edges
    from riverhead_spark.plan import Plan

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


def ends_of(spark: str, name: str) -> list[dict[str, Any]]:
    """Return the last event of each run of a recorded query, in their order."""
    return [event for event in events_of(spark, name) if event["eventType"] != "START"]


def changes_of(events: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Return what became of each event's only output: its name, and what was done to it."""
    outputs = [output for event in events for output in event["outputs"]]
    return [(output["name"], _change(output)) for output in outputs]


def fields_of(dataset: dict[str, Any]) -> list[str]:
    """Return the names of a dataset's columns."""
    return [field["name"] for field in dataset["facets"]["schema"]["fields"]]


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


def _change(output: dict[str, Any]) -> str | None:
    change = output["facets"].get("lifecycleStateChange", {}).get("lifecycleStateChange")
    return None if change is None else str(change)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def column_plan(spark: str, family: str, query: str) -> Plan:
    """Return the analysed plan of one of `tests/plans/column_queries.py`."""
    return plan_from(json.loads((_PLANS / "columns" / spark / f"{family}.json").read_text(encoding="utf-8"))[query])


def edges_in(plan: Plan) -> Edges:
    """Return the edges of a query's columns, as if it were written to a dataset `out`."""
    columns = [(attribute.name, attribute.id) for attribute in plan.described(0)]
    return edges_of_columns(Dataset("tests", "out"), columns, trace(plan, 0).flow)


def columns_of(plan: Plan) -> dict[str, set[str]]:
    """Return each column's sources as `dataset.column:KIND`, by letters; `*` are those that decide about every row."""
    edges = edges_in(plan)
    found: dict[str, set[str]] = {attribute.name: set() for attribute in plan.described(0)}
    for edge in edges.columns:
        found[edge.output.name].add(f"{_source(edge)}{'m' if edge.is_masking else ''}")
    for deciding in edges.datasets:
        found.setdefault("*", set()).add(_source(deciding))
    return found


def unresolved_of(plan: Plan) -> list[str]:
    """Return what is named as not understood."""
    return [each.what for each in trace(plan, 0).unresolved]


def _source(edge: ColumnEdge | DatasetEdge) -> str:
    return f"{_last(edge.source.dataset.name)}.{edge.source.name}:{edge.how.value[0]}"
