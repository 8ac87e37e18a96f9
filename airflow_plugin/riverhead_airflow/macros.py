"""What a template may ask of lineage: the names and ids of the running task and of its root, as the provider's macros.

They are `macros.riverhead.lineage_run_id(task_instance)` and so on; where the official provider's plugin is switched
off, or not there, `macros.OpenLineageProviderPlugin` has the same ones, so that no template changes.
"""

from __future__ import annotations

import os
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.model import Run

_THEIRS = "OpenLineageProviderPlugin"


def lineage_job_namespace() -> str:
    """Return the namespace of this Airflow's jobs."""
    return _namespace()


def lineage_job_name(task_instance: Any) -> str:
    """Return the task's name as a job, `dag_id.task_id`."""
    return _run(task_instance).job.name


def lineage_run_id(task_instance: Any) -> str:
    """Return the id of this try of the task as a run."""
    return _run(task_instance).id


def lineage_parent_id(task_instance: Any) -> str:
    """Return the task's run as its children name their parent: namespace, name and id."""
    from riverhead_emitter.hand_over import name_of

    return name_of(_run(task_instance))


def lineage_root_run_id(task_instance: Any) -> str:
    """Return the id of the run at the root: the DAG run, or who started it."""
    return _root(task_instance).id


def lineage_root_job_name(task_instance: Any) -> str:
    """Return the name of the job at the root."""
    return _root(task_instance).job.name


def lineage_root_job_namespace(task_instance: Any) -> str:
    """Return the namespace of the job at the root."""
    return _root(task_instance).job.namespace


def lineage_root_parent_id(task_instance: Any) -> str:
    """Return the run at the root as children name it."""
    from riverhead_emitter.hand_over import name_of

    return name_of(_root(task_instance))


MACROS: list[Callable[..., str]] = [
    lineage_job_namespace,
    lineage_job_name,
    lineage_run_id,
    lineage_parent_id,
    lineage_root_run_id,
    lineage_root_job_name,
    lineage_root_job_namespace,
    lineage_root_parent_id,
]


def lend_theirs(module: Any) -> None:
    """Put the macros where the provider's are in this module of macros, unless they are there."""
    if not hasattr(module, _THEIRS):
        setattr(module, _THEIRS, SimpleNamespace(**{macro.__name__: macro for macro in MACROS}))


def _run(task_instance: Any) -> Run:
    from riverhead_airflow.identity import task_run_of

    return task_run_of(_facts(task_instance))


def _root(task_instance: Any) -> Run:
    from riverhead_airflow.identity import task_parentage

    return task_parentage(_facts(task_instance)).root


def _facts(task_instance: Any) -> Any:
    from riverhead_airflow.capture import identity_facts
    from riverhead_airflow.host import this_host

    host = this_host()
    return identity_facts(host, task_instance, host.dag_run_of(task_instance), _namespace(), os.environ)


@cache
def _namespace() -> str:
    from riverhead_airflow.host import home, section
    from riverhead_airflow.settings import host_names
    from riverhead_emitter.settings import settings_or_waiting

    host = host_names(section("riverhead"), section("openlineage"), home(), os.environ)
    return settings_or_waiting(os.environ, host)[0].namespace
