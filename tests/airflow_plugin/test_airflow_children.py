"""What an operator starts elsewhere is told who started it, in that operator's own settings."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from riverhead_airflow.children import name_parent_to_children
from riverhead_emitter.model import Job, Run

TASK = Run("01941f29-7c00-7000-8000-000000000001", Job("ns", "shop.clean"))
ROOT = Run("01941f29-7c00-7000-8000-000000000002", Job("outer", "night"))
NAMED = {
    "parentJobNamespace": "ns",
    "parentJobName": "shop.clean",
    "parentRunId": TASK.id,
    "rootParentJobNamespace": "outer",
    "rootParentJobName": "night",
    "rootParentRunId": ROOT.id,
}
PROPERTIES = {f"spark.openlineage.{name}": value for name, value in NAMED.items()}
SUBMITTED = [word for name, value in PROPERTIES.items() for word in ("--conf", f"{name}={value}")]
IN_ONE_TEXT = [f"{name}={value}" for name, value in PROPERTIES.items()]


def operator(kind: str, **settings: Any) -> Any:
    # A subclass, as people make them.
    made = type("TheirOperator", (type(kind, (), {}),), {})()
    made.__dict__.update(settings)
    return made


def handed(kind: str, **settings: Any) -> dict[str, Any]:
    """Return the settings after the hand-over; those that were given must not have been changed where they are."""
    before = deepcopy(settings)
    made = operator(kind, **settings)
    name_parent_to_children(made, TASK, ROOT)
    assert settings == before
    return dict(vars(made))


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("TriggerDagRunOperator", {"conf": {"k": "v"}}, {"conf": {"k": "v", "openlineage": NAMED}}),
        ("TriggerDagRunOperator", {"conf": None}, {"conf": {"openlineage": NAMED}}),
        ("SparkSubmitOperator", {"conf": {"a": "b"}}, {"conf": {"a": "b", **PROPERTIES}}),
        ("SparkSubmitOperator", {"_conf": None}, {"_conf": PROPERTIES}),
        ("SparkSqlOperator", {"_conf": "a=b"}, {"_conf": ",".join(["a=b", *IN_ONE_TEXT])}),
        ("LivyOperator", {"spark_params": {"file": "f"}}, {"spark_params": {"file": "f", "conf": PROPERTIES}}),
        (
            "DataprocSubmitJobOperator",
            {"job": {"pyspark_job": {"properties": {"a": "b"}}}},
            {"job": {"pyspark_job": {"properties": {"a": "b", **PROPERTIES}}}},
        ),
        ("DataprocSubmitJobOperator", {"job": {"hive_job": {}}}, {"job": {"hive_job": {}}}),
        (
            "DatabricksSubmitRunOperator",
            {"json": {"new_cluster": {"n": 1}, "tasks": [{"new_cluster": {}}, {"existing_cluster_id": "x"}]}},
            {
                "json": {
                    "new_cluster": {"n": 1, "spark_conf": PROPERTIES},
                    "tasks": [{"new_cluster": {"spark_conf": PROPERTIES}}, {"existing_cluster_id": "x"}],
                }
            },
        ),
        ("GlueJobOperator", {"script_args": {}}, {"script_args": {"--conf": " --conf ".join(IN_ONE_TEXT)}}),
        (
            "GlueJobOperator",
            {"script_args": {"--conf": "a=b"}},
            {"script_args": {"--conf": " --conf ".join(["a=b", *IN_ONE_TEXT])}},
        ),
        (
            "EmrAddStepsOperator",
            {"steps": [{"HadoopJarStep": {"Args": ["spark-submit", "job.py"]}}, {"HadoopJarStep": {"Args": ["ls"]}}]},
            {
                "steps": [
                    {"HadoopJarStep": {"Args": ["spark-submit", *SUBMITTED, "job.py"]}},
                    {"HadoopJarStep": {"Args": ["ls"]}},
                ]
            },
        ),
        (
            "SparkKubernetesOperator",
            {"template_spec": {"spark": {"spec": {"sparkConf": {"a": "b"}}}, "kubernetes": {}}},
            {"template_spec": {"spark": {"spec": {"sparkConf": {"a": "b", **PROPERTIES}}}, "kubernetes": {}}},
        ),
    ],
)
def test_a_child_is_told_its_parent_and_its_root(kind: str, given: dict[str, Any], told: dict[str, Any]) -> None:
    assert handed(kind, **given) == told


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("TriggerDagRunOperator", {"conf": {"openlineage": {"parentRunId": "theirs"}}}),
        ("TriggerDagRunOperator", {"conf": {}, "openlineage_inject_parent_info": False}),
        ("TriggerDagRunOperator", {"conf": "{{ not_rendered }}"}),
        ("SparkSubmitOperator", {"conf": {"spark.openlineage.parentRunId": "theirs"}}),
        ("SparkSqlOperator", {"_conf": "spark.openlineage.parentRunId=theirs"}),
        ("LivyOperator", {"spark_params": {"conf": "odd"}}),
        ("DataprocSubmitJobOperator", {"job": "odd"}),
        ("DatabricksSubmitRunOperator", {"json": None}),
        ("GlueJobOperator", {"script_args": {"--conf": "spark.openlineage.parentRunId=theirs"}}),
        ("EmrAddStepsOperator", {"steps": "{{ odd }}"}),
        ("SparkKubernetesOperator", {"template_spec": None}),
        ("BashOperator", {"conf": {}}),
    ],
)
def test_what_somebody_else_said_or_nobody_can_read_stays(kind: str, given: dict[str, Any]) -> None:
    assert handed(kind, **given) == given
