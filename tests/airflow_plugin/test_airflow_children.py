"""What an operator starts elsewhere is told who started it, in that operator's own settings."""

from __future__ import annotations

import sys
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, NamedTuple

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
VARIABLES = {
    "OPENLINEAGE_PARENT_ID": f"ns/shop.clean/{TASK.id}",
    "OPENLINEAGE_ROOT_PARENT_ID": f"outer/night/{ROOT.id}",
}
IN_ONE_TEXT = [f"{name}={value}" for name, value in PROPERTIES.items()]


class Variable(NamedTuple):
    """As Kubernetes' client has it."""

    name: str
    value: str


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
        ("BashOperator", {"env": {"A": "b"}}, {"env": {"A": "b", **VARIABLES}}),
        ("BashOperator", {"env": {}}, {"env": VARIABLES}),
        (
            "PythonVirtualenvOperator",
            {"env_vars": None, "inherit_env": False},
            {"env_vars": VARIABLES, "inherit_env": False},
        ),
        (
            "ExternalPythonOperator",
            {"env_vars": {"A": "b"}, "inherit_env": False},
            {"env_vars": {"A": "b", **VARIABLES}, "inherit_env": False},
        ),
        ("DockerOperator", {"environment": None}, {"environment": VARIABLES}),
        ("DockerOperator", {"environment": {"A": "b"}}, {"environment": {"A": "b", **VARIABLES}}),
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
        ("SparkKubernetesOperator", {"template_spec": {}, "env_vars": []}),
        ("BashOperator", {"conf": {}}),
        ("BashOperator", {"env": None}),
        ("BashOperator", {"env": {"A": "b"}, "append_env": True}),
        ("BashOperator", {"env": {"OPENLINEAGE_PARENT_ID": "theirs"}}),
        ("PythonVirtualenvOperator", {"env_vars": {"A": "b"}, "inherit_env": True}),
        ("DockerOperator", {"environment": {"OPENLINEAGE_PARENT_ID": "theirs"}}),
        ("DockerOperator", {"environment": {}, "_private_environment": {"OPENLINEAGE_PARENT_ID": "theirs"}}),
        ("BashOperator", {"env": {"OPENLINEAGE_ROOT_PARENT_ID": "theirs"}}),
        ("KubernetesPodOperator", {"env_vars": [{"name": "OPENLINEAGE_PARENT_ID", "value": "theirs"}]}),
        ("KubernetesPodOperator", {"env_vars": "{{ not_rendered }}"}),
    ],
)
def test_what_somebody_else_said_or_nobody_can_read_stays(kind: str, given: dict[str, Any]) -> None:
    assert handed(kind, **given) == given


def test_a_text_that_is_parted_at_commas_takes_no_name_with_one() -> None:
    made = operator("SparkSqlOperator", _conf="a=b")

    name_parent_to_children(made, Run(TASK.id, Job("ns,x", "shop.clean")), ROOT)

    assert made._conf == "a=b"


@pytest.mark.parametrize("given", [None, [], [("A", "b")], [("OPENLINEAGE_PARENT_ID", "theirs")]])
def test_a_pod_is_told_in_its_containers_environment(
    given: list[tuple[str, str]] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = SimpleNamespace(V1EnvVar=Variable)
    monkeypatch.setitem(sys.modules, "kubernetes", SimpleNamespace(client=client))
    monkeypatch.setitem(sys.modules, "kubernetes.client", client)
    own = None if given is None else [Variable(*pair) for pair in given]

    told = handed("KubernetesPodOperator", env_vars=own)["env_vars"]

    is_theirs = own is not None and ("OPENLINEAGE_PARENT_ID", "theirs") in own
    assert told == [*(own or []), *([] if is_theirs else VARIABLES.items())]
