"""The application as its observations carry it: who it is, and which run started it. Pure."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import Job, Parentage, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONF = "spark.openlineage."
PARENT_ID, ROOT_PARENT_ID = "OPENLINEAGE_PARENT_ID", "OPENLINEAGE_ROOT_PARENT_ID"


def parent_facts(conf: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the parent's and the root's identity, from the conf before the environment; empty where nobody said."""
    parent = _from_conf(conf, "parent") or _from_id(environment.get(PARENT_ID, ""))
    root = _from_conf(conf, "rootParent") or _from_id(environment.get(ROOT_PARENT_ID, ""))
    return {"parent": parent, "root": root or parent} if parent else {}


def parentage_of(application: Mapping[str, Any]) -> Parentage | None:
    """Return the parentage that an observation's application names."""
    parent, root = application.get("parent"), application.get("root")
    if not isinstance(parent, dict) or not isinstance(root, dict):
        return None
    return Parentage(_run(parent), _run(root))


def application_name(conf: Mapping[str, str], spark_name: str) -> str:
    """Return the name that jobs are called after."""
    return conf.get(f"{_CONF}appName") or spark_name


def _from_conf(conf: Mapping[str, str], who: str) -> dict[str, str]:
    namespace, name, run_id = (conf.get(f"{_CONF}{who}{part}", "") for part in ("JobNamespace", "JobName", "RunId"))
    return _identity(namespace, name, run_id)


def _from_id(text: str) -> dict[str, str]:
    """Read `namespace/job name/run id` from the right: a namespace may hold slashes, the others do not."""
    parts = text.rsplit("/", 2)
    return _identity(*parts) if len(parts) == 3 else {}  # noqa: PLR2004 - the three parts of the form above


def _identity(namespace: str, name: str, run_id: str) -> dict[str, str]:
    # A parent that is only half known would tie the run to a job that does not exist.
    if not (namespace and name and _is_uuid(run_id)):
        return {}
    return {"namespace": namespace, "name": name, "run_id": run_id}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _run(identity: Mapping[str, str]) -> Run:
    return Run(identity["run_id"], Job(identity["namespace"], identity["name"]))
