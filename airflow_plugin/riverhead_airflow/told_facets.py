"""What is told of a task or a DAG run beside its lineage → facets of the specification and of ours; pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from riverhead_airflow.host_facets import dag_run_facet, states_facet, task_facet, tasks_facet
from riverhead_emitter.checkouts import Checkout
from riverhead_emitter.facets.code_place import code_place
from riverhead_emitter.facets.execution import JobDependency, job_dependencies
from riverhead_emitter.facets.job import documentation, ownership, source_code
from riverhead_emitter.facets.own.operation import Resources, parameters, resources
from riverhead_emitter.facets.run import error_message, nominal_time, processing_engine
from riverhead_emitter.facets.tags import Tag, job_tags
from riverhead_emitter.model import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.snapshot import Authored, Code, DagRunFacts, DagRunSnapshot, Failure, TaskSnapshot, Told
    from riverhead_emitter.facets.facet import Facet

_ENGINE, _TAGGED_BY = "Airflow", "AIRFLOW"


def of_task_run(task: TaskSnapshot, run_id: str) -> dict[str, Facet]:
    """Return the facets of a task's run."""
    told = task["told"]
    facets = {**_of_any_run(task, told), **of_failure(task["failure"]), "airflow": task_facet(task, run_id)}
    given = told.get("params")
    if given:
        conf = told.get("conf", {})
        facets["riverhead_parameters"] = parameters(given, {name: "conf" if name in conf else "dag" for name in given})
    upstream = told.get("task", {}).get("upstream", [])
    if upstream:
        jobs = [Job(task["namespace"], f"{task['dag_id']}.{task_id}") for task_id in upstream]
        rule = told["task"].get("trigger_rule")
        facets["jobDependencies"] = job_dependencies([JobDependency(job) for job in jobs], trigger_rule=rule)
    used = told.get("used")
    if used:
        seconds = _seconds_between(task["start_time"], task["end_time"])
        facets["riverhead_resources"] = resources(
            Resources(seconds, used["cpu_seconds"], peak_memory_bytes=used["peak_memory_bytes"])
        )
    return facets


def of_dag_run(dag_run: DagRunSnapshot) -> dict[str, Facet]:
    """Return the facets of a DAG run."""
    told = dag_run["told"]
    facets = {**_of_any_run(dag_run, told), **of_failure(dag_run["failure"]), "airflowDagRun": dag_run_facet(dag_run)}
    end = told.get("end")
    if end is not None:
        facets["airflowState"] = states_facet(dag_run["state"], end["states"])
        jobs = dict.fromkeys(f"{cause['dag_id']}.{cause['task_id']}" for cause in end["causes"] if cause["task_id"])
        if jobs:
            dependencies = [JobDependency(Job(dag_run["namespace"], job), dependency_type="ASSET") for job in jobs]
            facets["jobDependencies"] = job_dependencies(dependencies)
    return facets


def of_task_job(task: TaskSnapshot) -> dict[str, Facet]:
    """Return the facets of a task as a job; what only the DAG's author said holds for its tasks, too."""
    told = task["told"]
    dag = told.get("dag", {})
    facets = {**_of_author(dag), **_of_author(told.get("task", {}))}
    code = told.get("code", {})
    if "text" in code:
        facets["sourceCode"] = source_code(code["language"], code["text"])
    return {**facets, **_code_place(code)}


def of_dag_job(told: Told) -> dict[str, Facet]:
    """Return the facets of a DAG as a job."""
    facets = {**_of_author(told.get("dag", {})), **_code_place(told.get("code", {}))}
    if "tasks" in told:
        facets["airflow"] = tasks_facet(told["tasks"])
    return facets


def of_failure(failure: Failure | None) -> dict[str, Facet]:
    """Return why a run failed, if it did."""
    return {} if failure is None else {"errorMessage": error_message(failure["message"], "python", failure["stack"])}


def _of_any_run(facts: DagRunFacts, told: Told) -> dict[str, Facet]:
    facets: dict[str, Facet] = {}
    if "airflow" in told:
        facets["processing_engine"] = processing_engine(_ENGINE, told["airflow"])
    start, end = told.get("interval") or (None, None)
    planned = start or facts["logical_date"]
    if planned:
        facets["nominalTime"] = nominal_time(_moment(planned), _moment(end) if start and end else None)
    return facets


def _of_author(said: Authored) -> dict[str, Facet]:
    facets: dict[str, Facet] = {}
    owners = [name.strip() for name in said.get("owner", "").split(",") if name.strip()]
    if owners:
        facets["ownership"] = ownership([(name, None) for name in owners])
    docs, kind = said.get("docs") or said.get("description"), said.get("docs_type")
    if docs:
        facets["documentation"] = documentation(docs, kind)
    if said.get("tags"):
        facets["tags"] = job_tags(_tags(said))
    return facets


def _tags(said: Authored) -> Iterator[Tag]:
    """Airflow's tags are words; with a colon many people make a key and a value of them."""
    for tag in said["tags"]:
        key, colon, value = tag.partition(":")
        yield Tag(key, value, _TAGGED_BY) if key and colon and value else Tag(tag, source=_TAGGED_BY)


def _code_place(code: Code) -> dict[str, Any]:
    if "file" not in code:
        return {}
    checkout = Checkout(code["root"], code["commit"], code["branch"], code["remote"]) if "commit" in code else None
    return {"sourceCodeLocation": code_place(code["file"], checkout=checkout)}


def _seconds_between(start: str | None, end: str | None) -> float | None:
    return (_moment(end) - _moment(start)).total_seconds() if start and end else None


def _moment(time: str) -> datetime:
    return datetime.fromisoformat(time)
