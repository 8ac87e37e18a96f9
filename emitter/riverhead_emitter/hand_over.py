"""How a run names itself to what it starts: two environment variables of the official form, written and read here.

The form is `namespace/job name/run id`, read from the right, because a namespace may hold slashes of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from riverhead_emitter.model import Job, Parentage, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

PARENT_ID, ROOT_PARENT_ID = "OPENLINEAGE_PARENT_ID", "OPENLINEAGE_ROOT_PARENT_ID"


def as_environment(run: Run, root: Run) -> dict[str, str]:
    """Return the variables that make a child process's runs children of this one."""
    return {PARENT_ID: name_of(run), ROOT_PARENT_ID: name_of(root)}


def parentage_in(environment: Mapping[str, str]) -> Parentage | None:
    """Return the run that started this process, and its root, if the environment says so."""
    parent = run_named(environment.get(PARENT_ID))
    return None if parent is None else Parentage(parent, run_named(environment.get(ROOT_PARENT_ID)) or parent)


def name_of(run: Run) -> str:
    """Return the run in the form in which it is handed to a child."""
    return f"{run.job.namespace}/{run.job.name}/{run.id}"


def run_named(name: str | None) -> Run | None:
    """Return the run of such a name, or None where it is not one."""
    rest, _, run_id = (name or "").rpartition("/")
    namespace, _, job = rest.rpartition("/")
    return identified(namespace, job, run_id)


def identified(namespace: str, job: str, run_id: str) -> Run | None:
    """Return the run of these parts; None if one is missing, because half a parent ties a run to nothing real."""
    try:
        UUID(run_id)
    except ValueError:
        return None
    return Run(run_id, Job(namespace, job)) if namespace and job else None
