"""What operators and extractors say of a task, and what was checked of its data."""

from __future__ import annotations

import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_snapshots import task
from riverhead_airflow import protocol
from riverhead_airflow.checked import checks_of
from riverhead_airflow.protocol import Protocol
from riverhead_airflow.understand import interpret
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.observation import Observation
from riverhead_emitter.redaction import REDACTION

INPUT = {"namespace": "s3://bucket", "name": "in.csv", "facets": {"schema": {"fields": [{"name": "a"}]}}}
OUTPUT = {"namespace": "s3://bucket", "name": "out.csv", "outputFacets": {"outputStatistics": {"rowCount": 2}}}
SAID = {"inputs": [INPUT], "outputs": [OUTPUT], "run_facets": {"theirs": {"a": 1}}, "job_facets": {}}


def lineage(*inputs: dict[str, Any]) -> Any:
    return SimpleNamespace(inputs=list(inputs), outputs=None, run_facets={}, job_facets=None)


class Mover:
    """An operator with the provider's methods."""

    def get_openlineage_facets_on_complete(self, _task_instance: object) -> Any:
        return lineage(INPUT)

    def get_openlineage_facets_on_failure(self, _task_instance: object) -> Any:
        return lineage()


class Extractor:
    """What somebody registers for an operator of theirs."""

    def __init__(self, operator: Any) -> None:
        self.operator = operator

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        return ["Mover"]

    def extract(self) -> Any:
        return lineage({**INPUT, "name": type(self.operator).__name__})


def asked(operator: object, state: str = "COMPLETE", extractors: tuple[str, ...] = ()) -> Any:
    return Protocol(extractors, FailureLog()).said(operator, "instance", state)


def event_of(**told: Any) -> Any:
    [event] = interpret(Observation("airflow.task", 2, "", task(sql=[], address=None, told=told)))
    return event


def test_an_operators_method_is_asked_at_the_end() -> None:
    assert asked(Mover()) == {"inputs": [INPUT], "outputs": [], "run_facets": {}, "job_facets": {}}


def test_a_failed_task_is_asked_by_the_method_for_failures() -> None:
    assert asked(Mover(), "FAIL")["inputs"] == []


def test_an_operator_without_methods_is_not_asked() -> None:
    assert asked(object()) is None


def test_an_operator_with_sql_is_told_by_its_sql() -> None:
    operator = Mover()
    vars(operator)["sql"] = "SELECT 1"

    assert asked(operator) is None


def test_an_extractor_goes_before_the_operators_own_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("their_lineage")
    vars(module)["Extractor"] = Extractor
    monkeypatch.setitem(sys.modules, "their_lineage", module)

    assert asked(Mover(), extractors=("their_lineage.Extractor",))["inputs"][0]["name"] == "Mover"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no_such_lineage.Extractor", "ModuleNotFoundError: No module named 'no_such_lineage'"),
        ("json.Extractor", "AttributeError: module 'json' has no attribute 'Extractor'"),
        ("json.JSONDecoder", "AttributeError: type object 'JSONDecoder' has no attribute 'get_operator_classnames'"),
    ],
)
def test_an_extractor_that_cannot_be_loaded_is_one_line_and_stops_no_other(
    path: str, said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = ModuleType("their_lineage")
    vars(module)["Extractor"] = Extractor
    monkeypatch.setitem(sys.modules, "their_lineage", module)

    assert asked(Mover(), extractors=(path, "their_lineage.Extractor"))["inputs"][0]["name"] == "Mover"

    [record] = caplog.records
    assert record.getMessage() == f"lineage: loading the extractor {path} failed; the pipeline is not affected: {said}"


def test_an_operator_that_hangs_costs_a_bounded_time_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LONGEST_SECONDS", 0.05)
    hanging = threading.Event()
    failures = FailureLog()
    operator = SimpleNamespace(get_openlineage_facets_on_complete=lambda _of: hanging.wait(60))

    said = Protocol([], failures).said(operator, None, "COMPLETE")
    hanging.set()

    assert said is None
    assert failures.counts == {"asking an operator for its lineage": 1}


def test_an_operators_word_is_the_tasks_lineage() -> None:
    event = event_of(said=SAID)

    assert [dataset["name"] for dataset in event["inputs"]] == ["in.csv"]
    assert event["inputs"][0]["facets"]["schema"]["fields"] == [{"name": "a"}]
    assert event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert event["run"]["facets"]["theirs"]["a"] == 1


def test_a_check_is_told_of_its_table_and_else_of_the_run() -> None:
    result = SimpleNamespace(
        name="a.null_check", check_type="not_null", success=False, severity="error", column="a", table="in.csv",
        expected="0", actual="3", content=None, description=None,
    )  # fmt: skip
    other = SimpleNamespace(**{**vars(result), "table": None, "success": True})

    event = event_of(said=SAID, checks=checks_of(SimpleNamespace(check_results=[result, other]), REDACTION))

    [told] = event["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert (told["assertion"], told["success"], told["column"], told["actual"]) == ("not_null", False, "a", "3")
    [test] = event["run"]["facets"]["test"]["tests"]
    assert (test["name"], test["status"]) == ("a.null_check", "pass")
