"""Who started us, and what our children inherit: runs handed over by configuration and environment.

The environment reaches a BashOperator's child, and a Spark session in the task's own process, by itself. A child
that the DAG gives an environment of its own is told there (`children`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_airflow.snapshot import Origin
from riverhead_emitter.hand_over import PARENT_ID, ROOT_PARENT_ID, as_environment, identified, name_of, run_named

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from riverhead_emitter.model import Parentage, Run


class HandOver:
    """Lends the running task's identity to the environment, and takes it back at the task's end."""

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        self._environment = environment
        self._before: dict[str, str | None] = {}

    def give(self, task: Run, parentage: Parentage) -> None:
        """Name the task as parent of whatever starts now.

        A parent that the process was started with is ours, not our child's. Its root is the root of all, and the
        task's parentage has it already.
        """
        self.take_back()
        self.lend(as_environment(task, parentage.root))

    def lend(self, values: Mapping[str, str | None]) -> None:
        """Lend further values until the task's end, or take some away."""
        for name, value in values.items():
            self._before.setdefault(name, self._environment.get(name))
            self._set(name, value)

    def take_back(self) -> None:
        """Leave the environment as it was before the task."""
        for name, value in self._before.items():
            self._set(name, value)
        self._before = {}

    def _set(self, name: str, value: str | None) -> None:
        if value is None:
            self._environment.pop(name, None)
        else:
            self._environment[name] = value


def origin_of(conf: object, environment: Mapping[str, str]) -> Origin:
    """Return who started this DAG run from outside: by the run's conf, else by Airflow's own environment.

    An Airflow that somebody started as a child (`airflow dags test` in a task, say) has its parent in the
    environment; a scheduler on its own has none there.
    """
    said = conf.get("openlineage") if isinstance(conf, dict) else None
    if isinstance(said, dict):
        origin = Origin(parent=_said(said, "parent"), root=_said(said, "rootParent"))
        if origin["parent"] or origin["root"]:
            return origin
    return Origin(
        parent=_named(run_named(environment.get(PARENT_ID))),
        root=_named(run_named(environment.get(ROOT_PARENT_ID))),
    )


def _said(said: Mapping[object, object], whose: str) -> str | None:
    namespace, job, run_id = (str(said.get(f"{whose}{part}") or "") for part in ("JobNamespace", "JobName", "RunId"))
    return _named(identified(namespace, job, run_id))


def _named(run: Run | None) -> str | None:
    return name_of(run) if run else None
