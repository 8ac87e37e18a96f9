"""What is told of a task beside its lineage: from the host's objects to the facets of its event."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from airflow_snapshots import task
from riverhead_airflow.authored import assets_of, dag_said, plain_params, task_said, tasks_of
from riverhead_airflow.code import code_of, place_of
from riverhead_airflow.placing import placed
from riverhead_airflow.understand import interpret
from riverhead_airflow.usage import cpu_seconds, used_since
from riverhead_emitter.observation import Observation
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CODE = {"file": "/dags/shop.py", "root": "/dags", "commit": "a" * 40, "branch": "main", "remote": None}
TOLD = {
    "airflow": "3.3.2",
    "interval": ["2026-11-20T00:00:00+00:00", "2026-11-21T00:00:00+00:00"],
    "conf": {"region": "EU"},
    "triggered_by": "ana",
    "dag": {"owner": "ana, zoe", "docs": "# Shop", "docs_type": "text/markdown", "tags": ["team:core", "pii"]},
    "task": {"owner": "zoe", "trigger_rule": "all_done", "upstream": ["load"], "group": "clean"},
    "placed": {"pool": "small", "queue": "fast", "priority_weight": 3, "log_url": "http://airflow/log"},
    "params": {"region": "EU", "limit": 5},
    "used": {"cpu_seconds": 0.25, "peak_memory_bytes": 1 << 20},
    "assets": {"inputs": [{"uri": "file:///in/raw.csv"}], "outputs": [{"uri": "clean", "name": "clean"}]},
    "code": {**CODE, "language": "bash", "text": "echo clean"},
}


def event_of(told: dict[str, Any], **changed: Any) -> Any:
    [event] = interpret(Observation("airflow.task", 2, "", task(sql=[], told=told, **changed)))
    return event


@pytest.fixture
def facets() -> Any:
    event = event_of(TOLD)
    return SimpleNamespace(run=event["run"]["facets"], job=event["job"]["facets"], event=event)


def test_the_engine_is_airflow_in_its_release(facets: Any) -> None:
    assert (facets.run["processing_engine"]["name"], facets.run["processing_engine"]["version"]) == ("Airflow", "3.3.2")


def test_the_nominal_time_is_the_data_interval(facets: Any) -> None:
    told = facets.run["nominalTime"]

    assert (told["nominalStartTime"], told["nominalEndTime"]) == (
        "2026-11-20T00:00:00.000000Z",
        "2026-11-21T00:00:00.000000Z",
    )


def test_a_run_without_an_interval_is_planned_for_its_logical_date() -> None:
    event = event_of({"interval": [None, None]}, logical_date="2026-11-21T00:00:00+00:00")

    assert event["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-11-21T00:00:00.000000Z"
    assert "nominalEndTime" not in event["run"]["facets"]["nominalTime"]


def test_the_tasks_owner_goes_before_the_dags_and_both_may_be_several(facets: Any) -> None:
    without = event_of({"dag": TOLD["dag"]})

    assert [owner["name"] for owner in facets.job["ownership"]["owners"]] == ["zoe"]
    assert [owner["name"] for owner in without["job"]["facets"]["ownership"]["owners"]] == ["ana", "zoe"]


def test_a_task_without_documentation_has_its_dags(facets: Any) -> None:
    assert facets.job["documentation"]["description"] == "# Shop"
    assert facets.job["documentation"]["contentType"] == "text/markdown"


def test_a_tag_with_a_colon_is_a_key_and_its_value(facets: Any) -> None:
    told = [(tag["key"], tag["value"], tag["source"]) for tag in facets.job["tags"]["tags"]]

    assert told == [("team", "core", "AIRFLOW"), ("pii", "true", "AIRFLOW")]


def test_what_the_task_waits_for_and_by_which_rule_is_told(facets: Any) -> None:
    told = facets.run["jobDependencies"]

    assert [upstream["job"]["name"] for upstream in told["upstream"]] == ["shop_daily.load"]
    assert told["trigger_rule"] == "all_done"


def test_a_script_is_told_with_the_commit_of_its_dags_file(facets: Any) -> None:
    assert facets.job["sourceCode"]["language"] == "bash"
    assert facets.job["sourceCode"]["sourceCode"] == "echo clean"
    assert (facets.job["sourceCodeLocation"]["path"], facets.job["sourceCodeLocation"]["version"]) == (
        "shop.py",
        "a" * 40,
    )


def test_what_it_used_is_told(facets: Any) -> None:
    told = facets.run["riverhead_resources"]

    assert (told["durationSeconds"], told["cpuSeconds"], told["peakMemoryBytes"]) == (3.0, 0.25, 1 << 20)


def test_parameters_say_whether_the_runs_conf_gave_them(facets: Any) -> None:
    told = {one["name"]: (one["value"], one["origin"]) for one in facets.run["riverhead_parameters"]["parameters"]}

    assert told == {"region": ("EU", "conf"), "limit": (5, "dag")}


def test_airflows_own_facet_has_the_providers_keys(facets: Any) -> None:
    told = facets.run["airflow"]

    assert told["taskInstance"]["try_number"] == 1
    assert (told["taskInstance"]["pool"], told["taskInstance"]["queue"]) == ("small", "fast")
    assert told["task"]["task_group"] == {"group_id": "clean"}
    assert told["task"]["operator_class"] == "SQLExecuteQueryOperator"
    assert told["dagRun"]["conf"] == {"region": "EU"}
    assert told["taskUuid"] == facets.event["run"]["runId"]


def test_an_asset_is_a_dataset_of_its_place_or_of_this_airflow(facets: Any) -> None:
    named = [(side["namespace"], side["name"]) for side in (*facets.event["inputs"], *facets.event["outputs"])]

    assert named == [("file", "/in/raw.csv"), ("shop", "clean")]


def test_an_asset_in_a_file_is_found_where_airflow_has_shortened_its_address() -> None:
    event = event_of({"assets": {"inputs": [{"uri": "sqlite:/data/lite.db/orders", "name": "x"}], "outputs": []}})

    assert [(side["namespace"], side["name"]) for side in event["inputs"]] == [("sqlite:///data/lite.db", "orders")]


def test_an_alias_is_no_dataset() -> None:
    event = event_of({"assets": {"inputs": [], "outputs": [{"name": "later", "is_alias": True}]}})

    assert event["outputs"] == []


def test_a_dags_end_tells_the_states_of_its_tasks_and_its_start_their_order(
    tmp_path: Path, read_events: Callable[[Path], list[dict[str, Any]]]
) -> None:
    states = [
        {"id": "a", "map_index": -1, "state": "success", "seconds": 1.5},
        {"id": "m", "map_index": 2, "state": "skipped", "seconds": None},
    ]
    tasks = [{"id": "a", "operator": "BashOperator", "group": "g", "owner": "zoe", "downstream": ["m"]}]
    end = {
        "states": states,
        "missed": [{"due": "2026-11-21T00:27:00+00:00", "name": "morning"}],
        "causes": [
            {"uri": "s3://raw", "dag_id": "load", "task_id": "copy"},
            {"uri": "s3://hand", "dag_id": None, "task_id": None},
        ],
    }
    payload = {**task(), "told": {**TOLD, "end": end, "tasks": tasks}}
    [event] = interpret(Observation("airflow.dag_run", 2, "", payload))
    events = tmp_path / "events.ndjson"
    events.write_text("\n".join(json.dumps(each) for each in (event, event_of(TOLD))))

    told = event["run"]["facets"]["airflowState"]
    assert (told["dagRunState"], told["tasksState"]) == ("success", {"a": "success", "m[2]": "skipped"})
    assert told["tasksDuration"] == {"a": 1.5}
    dag_run = event["run"]["facets"]["airflowDagRun"]["dagRun"]
    assert dag_run["missed_deadlines"] == [
        {"name": "morning", "deadline_time": "2026-11-21T00:27:00+00:00", "late_seconds": 45.0}
    ]
    assert dag_run["consumed_assets"] == ["s3://raw", "s3://hand"]
    [cause] = event["run"]["facets"]["jobDependencies"]["upstream"]
    assert (cause["job"]["name"], cause["dependency_type"]) == ("load.copy", "ASSET")
    assert event["job"]["facets"]["airflow"]["tasks"]["a"]["downstream_task_ids"] == ["m"]
    assert event["job"]["facets"]["airflow"]["taskGroups"] == {"g": {"task_ids": ["a"]}}
    assert len(read_events(events)) == 2


def test_a_task_that_was_due_says_by_how_much_it_was_late_and_when_its_outputs_came() -> None:
    event = event_of({**TOLD, "due": "2026-11-21T00:27:40+00:00"})

    assert event["run"]["facets"]["airflow"]["taskInstance"]["late_seconds"] == 5.0
    told = event["outputs"][0]["facets"]["riverhead_freshness"]
    assert (told["dueTime"], told["deliveryTime"]) == ("2026-11-21T00:27:40+00:00", "2026-11-21T00:27:45+00:00")


def test_a_task_in_time_is_not_late() -> None:
    event = event_of({**TOLD, "due": "2026-11-21T00:28:00+00:00"})

    assert "late_seconds" not in event["run"]["facets"]["airflow"]["taskInstance"]


def test_a_dag_and_a_task_are_read_as_their_author_wrote_them() -> None:
    dag = SimpleNamespace(owner="ana", doc_md="# D", tags={"b", "a"}, schedule=timedelta(days=1), description=None)
    operator = SimpleNamespace(
        owner="zoe",
        task_group=SimpleNamespace(group_id="g"),
        trigger_rule=SimpleNamespace(value="all_done"),
        retries=2,
        upstream_task_ids={"y", "x"},
        execution_timeout=timedelta(minutes=1),
        is_setup=True,
        doc="plain",
    )

    assert dag_said(dag, REDACTION) == {
        "owner": "ana",
        "docs": "# D",
        "docs_type": "text/markdown",
        "tags": ["a", "b"],
        "schedule": "1 day, 0:00:00",
    }
    assert task_said(operator, REDACTION) == {
        "owner": "zoe",
        "docs": "plain",
        "docs_type": "text/plain",
        "group": "g",
        "trigger_rule": "all_done",
        "retries": 2,
        "timeout_seconds": 60.0,
        "upstream": ["x", "y"],
        "is_setup": True,
    }
    assert [told["id"] for told in tasks_of(SimpleNamespace(tasks=[SimpleNamespace(task_id="t")]))] == ["t"]


def test_parameters_are_taken_without_being_resolved() -> None:
    class Params(dict[str, Any]):
        def get_param(self, name: str) -> Any:
            return SimpleNamespace(value={"a": 1, "b": object()}[name])

    assert plain_params(Params(a=0, b=0), {"a": 2, "c": 3}) == {"a": 2}
    assert plain_params({"x": "y"}, None) == {"x": "y"}
    assert plain_params(None, None) == {}


def test_what_stands_among_inlets_and_is_no_asset_is_left_out() -> None:
    operator = SimpleNamespace(inlets=[SimpleNamespace(uri="s3://b/k"), "text", None], outlets="none")

    assert assets_of(operator) == {"inputs": [{"uri": "s3://b/k"}], "outputs": []}


def test_a_function_is_told_as_it_is_written_also_when_it_is_wrapped() -> None:
    operator = SimpleNamespace(python_callable=functools.partial(a_task, 1))

    code = code_of(operator, REDACTION)

    assert code["language"] == "python"
    assert code["text"].startswith("def a_task(number: int)")


FUNCTIONS = {
    "ends_in_a_text": 'def ends_in_a_text() -> str:\n    return """\nSELECT 1\n"""\n',
    "never_there": "def never_there() -> int:\n    return 1\n    return 2\n",
    "decorated": "@functools.cache\ndef decorated(\n    one: int = 1,\n) -> int:\n    return sum(\n[one],\n)\n",
    "outer": "def outer() -> object:\n\n    def inner() -> None:\n        pass\n\n    return inner\n",
    "of_one_line": "def of_one_line() -> None: pass\n",
    "shifted": "if True:\n    def shifted() -> int:\n        # Why.\n\n        return 1\n\n    other = 1\n",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_from_its_first_decorator_to_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / f"{name}_file.py").write_text(f"import functools\n\n{FUNCTIONS[name]}\n\nafter = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("riverhead_airflow.code._SHORT_BYTES", 0)
    function = getattr(importlib.import_module(f"{name}_file"), name)

    code = code_of(SimpleNamespace(python_callable=function), REDACTION)

    assert code["text"] == inspect.getsource(function)


def test_a_function_that_is_only_a_text_is_told_to_its_end() -> None:
    def empty() -> None:
        """Says

        nothing."""

    assert code_of(SimpleNamespace(python_callable=empty), REDACTION)["text"].endswith('nothing."""\n')


def test_a_function_of_an_expression_is_told_too() -> None:
    assert "lambda: 31" in code_of(SimpleNamespace(python_callable=lambda: 31), REDACTION)["text"]


def test_a_function_without_a_source_is_not_told() -> None:
    assert code_of(SimpleNamespace(python_callable=len), REDACTION) == {}


def test_secrets_of_a_script_are_hidden() -> None:
    code = code_of(SimpleNamespace(bash_command="export API_TOKEN=canary-31 && run"), REDACTION)

    assert "canary-31" not in code["text"]


def test_a_dags_file_is_told_with_the_commit_that_is_checked_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("c" * 40)

    assert place_of(str(tmp_path / "dags/shop.py"))["commit"] == "c" * 40
    assert place_of(None) == {}


def test_where_a_task_waited_is_told_as_the_instance_has_it() -> None:
    instance = SimpleNamespace(pool="theirs", max_tries=2, queued_dttm=datetime(2026, 11, 21, tzinfo=timezone.utc))
    operator = SimpleNamespace(pool="asked", queue="q", priority_weight=4)

    assert placed(instance, operator) == {
        "pool": "theirs",
        "queue": "q",
        "priority_weight": 4,
        "max_tries": 2,
        "queued_time": "2026-11-21T00:00:00+00:00",
    }


def test_the_processors_time_is_counted_from_the_tasks_start() -> None:
    before = cpu_seconds()

    used = used_since(before - 2.0)

    assert used is not None
    assert 2.0 <= used["cpu_seconds"] < cpu_seconds() + 2.0
    assert used["peak_memory_bytes"] > 1 << 20


def a_task(number: int) -> int:
    """Do what a task of somebody's does."""
    return number


def test_what_somebody_marked_by_hand_is_told_with_the_task_instance() -> None:
    event = event_of({"marked": "success"}, state="OTHER")

    assert event["eventType"] == "OTHER"
    assert event["run"]["facets"]["airflow"]["taskInstance"]["state"] == "success"
    assert event["run"]["facets"]["airflow"]["taskInstance"]["state_set_by"] == "hand"
