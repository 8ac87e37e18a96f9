"""Who started us, and what our children inherit."""

from __future__ import annotations

import pytest

from riverhead_airflow.parents import HandOver, origin_of
from riverhead_emitter.model import Job, Parentage, Run

TASK = Run("01941f29-7c00-7000-8000-000000000001", Job("shop", "dag.task"))
DAG_RUN = Run("01941f29-7c00-7000-8000-000000000002", Job("shop", "dag"))
OUTER = "outer/evening/01941f29-7c00-7000-8000-000000000003"
PARENTAGE = Parentage(DAG_RUN, DAG_RUN)


def test_a_child_inherits_the_task_as_parent_and_the_dag_run_as_root() -> None:
    environment = {"HOME": "/home"}

    HandOver(environment).give(TASK, PARENTAGE)

    assert environment["OPENLINEAGE_PARENT_ID"] == f"shop/dag.task/{TASK.id}"
    assert environment["OPENLINEAGE_ROOT_PARENT_ID"] == f"shop/dag/{DAG_RUN.id}"


@pytest.mark.parametrize("before", [{}, {"OPENLINEAGE_PARENT_ID": OUTER}, {"OPENLINEAGE_ROOT_PARENT_ID": ""}])
def test_the_environment_is_afterwards_as_it_was_before(before: dict[str, str]) -> None:
    environment = dict(before)
    hand_over = HandOver(environment)

    hand_over.give(TASK, PARENTAGE)
    hand_over.give(DAG_RUN, PARENTAGE)
    hand_over.take_back()
    hand_over.take_back()

    assert environment == before


def test_a_run_has_no_origin_unless_somebody_names_one() -> None:
    assert origin_of({"other": 1}, {}) == {"parent": None, "root": None}


def test_the_environment_of_an_airflow_started_as_a_child_names_the_origin() -> None:
    origin = origin_of(None, {"OPENLINEAGE_PARENT_ID": OUTER})

    assert origin == {"parent": OUTER, "root": None}


def test_the_conf_of_the_run_goes_before_the_environment() -> None:
    said = {"parentJobNamespace": "conf", "parentJobName": "job", "parentRunId": TASK.id}

    origin = origin_of({"openlineage": said}, {"OPENLINEAGE_PARENT_ID": OUTER})

    assert origin == {"parent": f"conf/job/{TASK.id}", "root": None}


@pytest.mark.parametrize(
    "conf", [{"openlineage": "x"}, {"openlineage": {"parentRunId": 7}}, "text", {"openlineage": {"parentJobName": []}}]
)
def test_a_conf_that_names_no_run_is_passed_over(conf: object) -> None:
    assert origin_of(conf, {"OPENLINEAGE_PARENT_ID": "not a run"}) == {"parent": None, "root": None}
