"""Records of executions → one observation for each moment of a user's action."""

from __future__ import annotations

import json
from typing import Any

from riverhead_emitter.encoding import encoded_observation
from riverhead_emitter.observation import Observation
from riverhead_spark.calls import Call, expression_from
from riverhead_spark.executions import KIND, VERSION, Actions

APPLICATION = {"id": "local-1", "name": "app", "spark_version": "4.3.0", "namespace": "ns"}
PLAN: dict[str, Any] = {"nodes": [], "attributes": {}}


def test_nested_executions_belong_to_the_one_that_started_them() -> None:
    actions = Actions(APPLICATION)

    observed = [
        actions.take(record)
        for record in (
            _start(1, plan=PLAN),
            _start(2, root=1),
            _end(2, root=1, plan=PLAN),
            _end(1, plan=PLAN),
        )
    ]

    start, end = observed[0], observed[3]
    assert observed[1] is None
    assert observed[2] is None
    assert start is not None
    assert end is not None
    assert [each["id"] for each in end.payload["executions"]] == [1, 2]
    assert start.run_id == end.run_id
    assert end.payload["is_started"]


def test_an_action_without_a_command_is_not_observed() -> None:
    actions = Actions(APPLICATION)

    assert actions.take(_start(1)) is None
    assert actions.take(_end(1)) is None


def test_an_end_says_that_its_start_was_not_observed() -> None:
    actions = Actions(APPLICATION)
    actions.take(_start(1))

    end = actions.take(_end(1, plan=PLAN))

    assert end is not None
    assert not end.payload["is_started"]


def test_an_execution_of_a_finished_action_does_not_reopen_it() -> None:
    actions = Actions(APPLICATION)
    actions.take(_start(1, plan=PLAN))
    actions.take(_end(1, plan=PLAN))

    assert actions.take(_end(2, root=1, plan=PLAN)) is None


def test_a_nested_execution_never_opens_an_action_whose_start_was_lost() -> None:
    actions = Actions(APPLICATION)

    nested = actions.take(_start(2, root=1, plan=PLAN)), actions.take(_end(2, root=1, plan=PLAN))
    end = actions.take(_end(1, plan=PLAN))

    assert nested == (None, None)
    assert end is not None
    assert [each["id"] for each in end.payload["executions"]] == [1]
    assert not end.payload["is_started"]
    assert actions._open == {}


def test_the_run_of_a_lost_start_is_the_run_that_the_start_would_have_had() -> None:
    whole, lost = Actions(APPLICATION), Actions(APPLICATION)
    start = whole.take(_start(1, plan=PLAN))

    end = lost.take(_end(1, plan=PLAN))

    assert start is not None
    assert end is not None
    assert end.run_id == start.run_id


def test_actions_of_two_executions_have_two_runs() -> None:
    actions = Actions(APPLICATION)

    first, second = actions.take(_start(1, plan=PLAN)), actions.take(_start(2, plan=PLAN))

    assert first is not None
    assert second is not None
    assert first.run_id != second.run_id


def test_what_is_under_way_when_the_listening_ends_is_left_with_what_is_known_of_it() -> None:
    actions = Actions(APPLICATION)
    start = actions.take(_start(1, plan=PLAN))
    actions.take(_end(2, root=1, plan=PLAN))
    actions.take(_start(3))

    (left,) = actions.left_open(1_700_000_002_000)

    assert start is not None
    assert left.run_id == start.run_id
    root, nested = left.payload["executions"]
    assert [left.payload["phase"], left.payload["is_started"], root["ended"]] == ["end", True, 1_700_000_002_000]
    assert [root["is_left"], nested["id"]] == [True, 2]
    assert list(actions.left_open(1_700_000_003_000)) == []


def test_ends_that_never_come_do_not_fill_the_memory() -> None:
    actions, ended = Actions(APPLICATION), []

    for id_ in range(1003):
        actions.take(_start(id_, plan=PLAN))
        ended += list(actions.forgotten(1_700_000_002_000))

    assert len(actions._open) == 1000
    assert [one.payload["executions"][0]["id"] for one in ended] == [0, 1, 2]
    assert all(one.is_last for one in ended)


def _start(id_: int, *, root: int | None = None, **more: Any) -> dict[str, Any]:
    return {"what": "start", "id": id_, "root": id_ if root is None else root, "started": 1_700_000_000_000, **more}


def _end(id_: int, *, root: int | None = None, **more: Any) -> dict[str, Any]:
    return {**_start(id_, root=root, **more), "what": "end", "ended": 1_700_000_001_000}


def test_an_expression_as_deep_as_the_tap_tells_it_is_kept_whole() -> None:
    expression: Any = 1
    for _ in range(101):
        expression = {"e": "Add", "k": [expression, 2]}
    expression = {"e": "Alias", "id": 3, "k": [expression]}
    payload = {"executions": [{"plan": {"nodes": [{"n": "Project", "ch": [], "f": {"projectList": [expression]}}]}}]}

    kept = encoded_observation(Observation(KIND, VERSION, "01890000-0000-7000-8000-000000000000", payload))

    assert json.loads(kept) == {"kind": KIND, "version": VERSION, "payload": payload}


def test_an_expression_that_was_cut_has_no_parts() -> None:
    assert expression_from({"e": "Add", "k": None}) == Call("Add")


def test_an_action_leaves_a_will_until_it_ends() -> None:
    actions = Actions(APPLICATION)

    start, end = actions.take(_start(1, plan=PLAN)), actions.take(_end(1, plan=PLAN))

    assert start is not None
    assert end is not None
    assert (start.will is not None, start.is_last) == (True, False)
    assert (end.will, end.is_last) == (None, True)


def test_an_action_that_was_under_way_leaves_no_will_when_the_listening_ends() -> None:
    actions = Actions(APPLICATION)
    actions.take(_start(1, plan=PLAN))

    assert [observation.is_last for observation in actions.left_open(9)] == [True]
