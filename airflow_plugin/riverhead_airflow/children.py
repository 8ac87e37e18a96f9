"""What a task starts elsewhere: its operator's own settings name our run as parent, before its work begins.

A child on this machine finds the same in its environment (`parents`). Settings are replaced and never changed where
they are, as several tasks may share them; whoever has named a parent keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riverhead_emitter.model import Run

_SPARK = "spark.openlineage."
_DAG_RUN = "openlineage"
# Kinds of jobs of Dataproc that take Spark's properties.
_SPARK_JOBS = ("spark_job", "pyspark_job", "spark_r_job", "spark_sql_job")


def name_parent_to_children(operator: Any, task: Run, root: Run) -> None:
    """Write into the operator's settings who starts what it starts; other operators are left as they are."""
    known = {kind.__name__ for kind in type(operator).__mro__}
    for name, hand_over in _OPERATORS.items():
        if name in known:
            hand_over(operator, _named(task, root))


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
    elif isinstance(conf, str) and _SPARK not in conf:
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
