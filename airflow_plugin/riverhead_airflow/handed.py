"""What a task took that other tasks had left for it: its pulls of XComs, seen on the method that makes them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from riverhead_airflow.texts import word
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.snapshot import Pull
    from riverhead_emitter.guard import FailureLog

_METHOD, _MARK = "xcom_pull", "_is_seen_by_riverhead"
_MOST_PULLS = 200


class Handed:
    """The pulls of this process's task, each of another task's once."""

    def __init__(self, failures: FailureLog) -> None:
        self._failures = failures
        self._pulls: dict[tuple[str, str], None] = {}

    def watch(self, kind: type) -> None:
        """See every pull by task instances of this class; what they pull, and what that costs them, stays theirs."""
        method = getattr(kind, _METHOD)
        if hasattr(method, _MARK):
            return

        @functools.wraps(method)
        def xcom_pull(task_instance: Any, *args: Any, **more: Any) -> Any:
            value = method(task_instance, *args, **more)
            if value is not None:
                with guard("seeing what a task was handed", self._failures):
                    self._note(task_instance, *args, **more)
            return value

        setattr(xcom_pull, _MARK, True)
        setattr(kind, _METHOD, xcom_pull)

    def taken(self) -> list[Pull]:
        """Return what was pulled, and begin anew."""
        pulls, self._pulls = self._pulls, {}
        return [{"dag_id": dag_id, "task_id": task_id} for dag_id, task_id in pulls]

    def _note(
        self, task_instance: Any, task_ids: object = None, dag_id: object = None, *_args: Any, **_more: Any
    ) -> None:
        for task_id in _ids(task_ids):
            whose = word(str(dag_id or task_instance.dag_id)), word(task_id)
            if whose != (task_instance.dag_id, task_instance.task_id) and len(self._pulls) < _MOST_PULLS:
                self._pulls[whose] = None


def _ids(task_ids: object) -> Iterator[str]:
    if isinstance(task_ids, str):
        yield task_ids
    elif isinstance(task_ids, list | tuple | set | frozenset):
        yield from (task_id for task_id in task_ids if isinstance(task_id, str))
