"""How Airflow ran a task: where it waited, how often it may be tried, where its log is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from riverhead_airflow.texts import link, word

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import Placed

_WORDS, _NUMBERS = ("pool", "queue", "rendered_map_index"), ("pool_slots", "priority_weight", "max_tries")


def placed(task_instance: object, operator: object) -> Placed:
    """Return it as the task instance has it, or else as its author asked for."""
    found: dict[str, Any] = {}
    for name in _WORDS:
        said = _said(name, str, task_instance, operator)
        if said:
            found[name] = word(said)
    for name in _NUMBERS:
        said = _said(name, int, task_instance, operator)
        if said is not None:
            found[name] = said
    queued = getattr(task_instance, "queued_dttm", None)
    if isinstance(queued, datetime):
        found["queued_time"] = queued.isoformat()
    log = getattr(task_instance, "log_url", None)
    if isinstance(log, str) and log:
        found["log_url"] = link(log)
    return cast("Placed", found)


def _said(name: str, kind: type, *who: object) -> Any:
    return next((said for one in who if isinstance(said := getattr(one, name, None), kind)), None)
