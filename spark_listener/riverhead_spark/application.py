"""The application as its observations carry it: who it is, which run it is, and which run started it. Pure."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_emitter.hand_over import PARENT_ID, ROOT_PARENT_ID, identified, run_named
from riverhead_emitter.model import Job, Parentage, Run
from riverhead_emitter.observation import Observation, Will
from riverhead_emitter.run_ids import run_id_of
from riverhead_spark.deaths import DIED, WITHOUT_A_WORD
from riverhead_spark.job_names import job_name

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "spark.application"
VERSION = 1
_CONF = "spark.openlineage."
# What is said of an application whose driver is killed, or loses its machine's memory, and can say nothing itself.
_SILENT_DEATH = Will(
    {
        "phase": "end",
        "details": None,
        "parameters": None,
        "ending": {"code": None, "error": {"class": "", "message": WITHOUT_A_WORD, "stack": None}},
    },
    (DIED,),
)


def observed(phase: str, at: int, application: Mapping[str, Any], **facts: Any) -> Observation:
    """Return the observation of the application's start or end, `at` in milliseconds."""
    payload = {"phase": phase, "at": at, "application": dict(application), **facts}
    if phase == "start":
        return Observation(KIND, VERSION, application["run_id"], payload, _SILENT_DEATH)
    return Observation(KIND, VERSION, application["run_id"], payload, is_last=True)


def parent_facts(conf: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the parent's and the root's identity, from the conf before the environment; empty where nobody said."""
    parent = _configured(conf, "parent") or run_named(environment.get(PARENT_ID))
    root = _configured(conf, "rootParent") or run_named(environment.get(ROOT_PARENT_ID))
    return {"parent": _facts(parent), "root": _facts(root or parent)} if parent else {}


def application_run_id(application_id: str, started: int, listened_before: int = 0) -> str:
    """Return the id of the application's run: `started` in milliseconds; of who is listened to again, another one."""
    again = f".again-{listened_before}" if listened_before else ""
    return run_id_of(datetime.fromtimestamp(started / 1000, timezone.utc), f"{application_id}{again}")


def run_of(application: Mapping[str, Any]) -> Run | None:
    """Return the application's own run; None where an earlier release observed, which knew of none."""
    run_id = application.get("run_id")
    if not isinstance(run_id, str):
        return None
    return Run(run_id, Job(application["namespace"], job_name(application["name"], "", "")))


def started_by(application: Mapping[str, Any]) -> Parentage | None:
    """Return what the application names as the run that started it."""
    parent, root = (_run(application.get(who)) for who in ("parent", "root"))
    return Parentage(parent, root) if parent and root else None


def parentage_of(application: Mapping[str, Any]) -> Parentage | None:
    """Return the parentage of what the application runs: itself, and the root that it was given."""
    given, own = started_by(application), run_of(application)
    return given if own is None else Parentage(own, given.root if given else own)


def application_name(conf: Mapping[str, str], spark_name: str) -> str:
    """Return the name that jobs are called after."""
    return conf.get(f"{_CONF}appName") or spark_name


def _configured(conf: Mapping[str, str], who: str) -> Run | None:
    return identified(*(conf.get(f"{_CONF}{who}{part}", "") for part in ("JobNamespace", "JobName", "RunId")))


def _facts(run: Run) -> dict[str, str]:
    return {"namespace": run.job.namespace, "name": run.job.name, "run_id": run.id}


def _run(facts: object) -> Run | None:
    if not isinstance(facts, dict):
        return None
    return identified(*(str(facts.get(part, "")) for part in ("namespace", "name", "run_id")))
