"""Run ids and handed-over names are the official provider's, asked in an environment that has it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from riverhead_airflow.identity import dag_run_of, task_parentage, task_run_of
from riverhead_emitter.hand_over import name_of

pytestmark = pytest.mark.journey

# The provider's own functions and macros, over the same facts.
OFFICIAL = """
import json, sys
from datetime import datetime
from types import SimpleNamespace
from airflow.providers.openlineage.plugins import macros

def names(facts):
    moment = lambda name: datetime.fromisoformat(facts[name]) if facts[name] else None
    dag_run = SimpleNamespace(logical_date=moment("logical_date"), run_after=moment("run_after"),
                              clear_number=facts["clear_number"], conf=facts["conf"])
    ti = SimpleNamespace(**{k: facts[k] for k in ("dag_id", "task_id", "try_number", "map_index")}, dag_run=dag_run,
                         logical_date=dag_run.logical_date, get_template_context=lambda: {"dag_run": dag_run})
    return [macros.lineage_parent_id(ti), macros.lineage_root_parent_id(ti)]

print("ANSWER" + json.dumps([names(facts) for facts in json.load(sys.stdin)]))
"""
VERSIONS = [
    pytest.param("RIVERHEAD_TEST_AIRFLOW_3_3", id="3.3"),
    pytest.param("RIVERHEAD_TEST_AIRFLOW_2_11", id="2.11", marks=pytest.mark.matrix),
]
OUTER = {
    "parentRunId": "01941f29-7c00-7000-8000-000000000003",
    "parentJobNamespace": "outer",
    "parentJobName": "evening",
}


def facts(**changed: Any) -> dict[str, Any]:
    plain = {
        "namespace": "shop",
        "dag_id": "daily",
        "task_id": "group.load",
        "try_number": 1,
        "map_index": -1,
        "logical_date": "2026-11-21T00:00:00+00:00",
        "run_after": "2026-11-21T06:30:00.123456+00:00",
        "clear_number": 0,
        "conf": None,
        "origin": {"parent": None, "root": None},
    }
    return {**plain, **changed}


CASES = [
    facts(),
    facts(try_number=3, map_index=17, clear_number=2),
    facts(logical_date="2026-03-29T03:30:00.000001+02:00"),
    facts(
        conf={"openlineage": OUTER},
        origin={"parent": f"outer/evening/{OUTER['parentRunId']}", "root": None},
    ),
]


@pytest.mark.parametrize("variable", VERSIONS)
def test_names_and_run_ids_equal_the_official_ones(variable: str, tmp_path: Any) -> None:
    interpreter = os.environ.get(variable)
    if not interpreter:
        pytest.skip(f"{variable} does not name the interpreter of an Airflow; `make test` sets it")
    # Only Airflow 3 has runs without a logical date.
    cases = [*CASES, facts(logical_date=None)] if "3_3" in variable else CASES
    environment = {"PATH": os.defpath, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OPENLINEAGE__NAMESPACE": "shop"}

    answer = subprocess.run(
        [interpreter, "-W", "ignore", "-c", OFFICIAL],
        input=json.dumps(cases),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    ours: list[Any] = [[name_of(task_run_of(case)), name_of(task_parentage(case).root)] for case in cases]  # type: ignore[arg-type]  # built from plain facts
    assert json.loads(answer.stdout.rpartition("ANSWER")[2]) == ours
    assert dag_run_of(cases[0]).job.name == "daily"  # type: ignore[arg-type]  # built from plain facts
