"""What a task starts elsewhere: its operator's own settings name our run as parent, before its work begins.

A child that inherits this process's environment finds the same there (`parents`); one that is given an environment
of its own finds it in that. Settings are replaced and never changed where they are, as several tasks may share them;
whoever has named a parent keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.hand_over import as_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riverhead_emitter.model import Run

_SPARK = "spark.openlineage."
_DAG_RUN = "openlineage"
# Kinds of jobs of Dataproc that take Spark's properties.
_SPARK_JOBS = ("spark_job", "pyspark_job", "spark_r_job", "spark_sql_job")


def name_parent_to_children(operator: Any, task: Run, root: Run) -> None:
    """Write into the operator's settings who starts what it starts; other operators are left as they are."""
    known = [kind.__name__ for kind in type(operator).__mro__]
    # What an operator is comes before what it is made from: Spark on Kubernetes is a pod, too.
    for name in known:
        if by_settings := _OPERATORS.get(name):
            by_settings(operator, _named(task, root))
        elif by_environment := _OWN_ENVIRONMENTS.get(name):
            by_environment(operator, as_environment(task, root))
        else:
            continue
        return


def _named(task: Run, root: Run) -> dict[str, str]:
    return {
        "parentJobNamespace": task.job.namespace,
        "parentJobName": task.job.name,
        "parentRunId": task.id,
        "rootParentJobNamespace": root.job.namespace,
        "rootParentJobName": root.job.name,
        "rootParentRunId": root.id,
    }


def _to_dag_run(operator: Any, named: Mapping[str, str]) -> None:
    conf: dict[str, Any] | None = operator.conf
    if not getattr(operator, "openlineage_inject_parent_info", True) or not isinstance(conf, dict | None):
        return
    said = (conf or {}).get(_DAG_RUN, {})
    if isinstance(said, dict) and not any("Run" in key or "Job" in key for key in map(str, said)):
        operator.conf = {**(conf or {}), _DAG_RUN: {**named, **said}}


def _to_spark_submit(operator: Any, named: Mapping[str, str]) -> None:
    # Earlier releases of the provider have the underscore.
    name = "conf" if hasattr(operator, "conf") else "_conf"
    conf: Any = getattr(operator, name, None)
    if isinstance(conf, dict | None):
        setattr(operator, name, _with_parent(conf, named))
    # A text is parted at its commas, which nothing can hide.
    elif isinstance(conf, str) and _SPARK not in conf and not any("," in value for value in named.values()):
        told = ",".join(f"{key}={value}" for key, value in _with_parent(None, named).items())
        setattr(operator, name, f"{conf},{told}" if conf else told)


def _to_livy(operator: Any, named: Mapping[str, str]) -> None:
    params = operator.spark_params
    if isinstance(params, dict) and isinstance(params.get("conf"), dict | None):
        operator.spark_params = {**params, "conf": _with_parent(params.get("conf"), named)}


def _to_dataproc(operator: Any, named: Mapping[str, str]) -> None:
    job = operator.job
    for kind in _SPARK_JOBS if isinstance(job, dict) else ():
        part = job.get(kind)
        if isinstance(part, dict) and isinstance(part.get("properties"), dict | None):
            job = {**job, kind: {**part, "properties": _with_parent(part.get("properties"), named)}}
    operator.job = job


def _to_databricks(operator: Any, named: Mapping[str, str]) -> None:
    asked = operator.json
    if isinstance(asked, dict):
        asked = _on_new_cluster(asked, named)
        if isinstance(asked.get("tasks"), list):
            tasks = [_on_new_cluster(task, named) if isinstance(task, dict) else task for task in asked["tasks"]]
            asked = {**asked, "tasks": tasks}
        operator.json = asked


def _on_new_cluster(asked: dict[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    cluster: Any = asked.get("new_cluster")
    if not isinstance(cluster, dict) or not isinstance(cluster.get("spark_conf"), dict | None):
        return asked
    return {**asked, "new_cluster": {**cluster, "spark_conf": _with_parent(cluster.get("spark_conf"), named)}}


def _to_glue(operator: Any, named: Mapping[str, str]) -> None:
    arguments = operator.script_args
    if not isinstance(arguments, dict):
        return
    said = arguments.get("--conf")
    if isinstance(said, str | None) and _SPARK not in (said or ""):
        told = " --conf ".join(f"{key}={value}" for key, value in _with_parent(None, named).items())
        operator.script_args = {**arguments, "--conf": f"{said} --conf {told}" if said else told}


def _to_emr_steps(operator: Any, named: Mapping[str, str]) -> None:
    if isinstance(operator.steps, list):
        operator.steps = [_step(step, named) for step in operator.steps]


def _step(step: Any, named: Mapping[str, str]) -> Any:
    jar: Any = step.get("HadoopJarStep") if isinstance(step, dict) else None
    words = jar.get("Args") if isinstance(jar, dict) else None
    if not isinstance(words, list) or "spark-submit" not in words or any(_SPARK in str(word) for word in words):
        return step
    at = words.index("spark-submit") + 1
    told = [word for key, value in _with_parent(None, named).items() for word in ("--conf", f"{key}={value}")]
    return {**step, "HadoopJarStep": {**jar, "Args": [*words[:at], *told, *words[at:]]}}


def _to_spark_on_kubernetes(operator: Any, named: Mapping[str, str]) -> None:
    spec = operator.template_spec
    if not isinstance(spec, dict):
        return
    # Its own key holds the application where there are settings of Kubernetes' beside it.
    key = "spark" if isinstance(spec.get("spark"), dict) else None
    application = spec[key] if key else spec
    inner = application.get("spec")
    if isinstance(inner, dict) and isinstance(inner.get("sparkConf"), dict | None):
        application = {**application, "spec": {**inner, "sparkConf": _with_parent(inner.get("sparkConf"), named)}}
        operator.template_spec = {**spec, key: application} if key else application


def _to_shell(operator: Any, told: Mapping[str, str]) -> None:
    if not getattr(operator, "append_env", False):
        _tell_environment(operator, "env", told)


def _to_virtual_environment(operator: Any, told: Mapping[str, str]) -> None:
    if not getattr(operator, "inherit_env", True):
        _tell_environment(operator, "env_vars", told, default={})


def _to_container(operator: Any, told: Mapping[str, str]) -> None:
    if told.keys().isdisjoint(getattr(operator, "_private_environment", None) or ()):
        _tell_environment(operator, "environment", told, default={})


def _tell_environment(operator: Any, name: str, told: Mapping[str, str], default: object = None) -> None:
    given = getattr(operator, name, None)
    given = default if given is None else given
    if isinstance(given, dict) and told.keys().isdisjoint(given):
        setattr(operator, name, {**given, **told})


def _to_pod(operator: Any, told: Mapping[str, str]) -> None:
    given = operator.env_vars or []
    names = {getattr(variable, "name", None) for variable in given} if isinstance(given, list) else None
    # What is no variable of the client's may name one in another way.
    if names is not None and None not in names and told.keys().isdisjoint(names):
        # Whoever has a pod to start has this loaded.
        from kubernetes.client import V1EnvVar

        operator.env_vars = [*given, *(V1EnvVar(name=name, value=value) for name, value in told.items())]


def _with_parent(conf: Mapping[str, Any] | None, named: Mapping[str, str]) -> dict[str, Any]:
    if any(str(key).startswith(f"{_SPARK}parent") for key in conf or {}):
        return dict(conf or {})
    return {**(conf or {}), **{f"{_SPARK}{name}": value for name, value in named.items()}}


_OPERATORS: dict[str, Callable[[Any, Mapping[str, str]], None]] = {
    "DatabricksSubmitRunOperator": _to_databricks,
    "DataprocSubmitJobOperator": _to_dataproc,
    "EmrAddStepsOperator": _to_emr_steps,
    "GlueJobOperator": _to_glue,
    "LivyOperator": _to_livy,
    "SparkKubernetesOperator": _to_spark_on_kubernetes,
    "SparkSqlOperator": _to_spark_submit,
    "SparkSubmitOperator": _to_spark_submit,
    "TriggerDagRunOperator": _to_dag_run,
}
_OWN_ENVIRONMENTS: dict[str, Callable[[Any, Mapping[str, str]], None]] = {
    "BashOperator": _to_shell,
    "DockerOperator": _to_container,
    "ExternalPythonOperator": _to_virtual_environment,
    "KubernetesPodOperator": _to_pod,
    "PythonVirtualenvOperator": _to_virtual_environment,
}
