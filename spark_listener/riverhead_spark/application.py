"""The application as its observations carry it: who it is, and which run started it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.hand_over import PARENT_ID, ROOT_PARENT_ID, identified, run_named
from riverhead_emitter.model import Parentage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.model import Run

_CONF = "spark.openlineage."


def parent_facts(conf: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the parent's and the root's identity, from the conf before the environment; empty where nobody said."""
    parent = _configured(conf, "parent") or run_named(environment.get(PARENT_ID))
    root = _configured(conf, "rootParent") or run_named(environment.get(ROOT_PARENT_ID))
    return {"parent": _facts(parent), "root": _facts(root or parent)} if parent else {}


def parentage_of(application: Mapping[str, Any]) -> Parentage | None:
    """Return the parentage that an observation's application names."""
    parent, root = (_run(application.get(who)) for who in ("parent", "root"))
    return Parentage(parent, root) if parent and root else None


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
