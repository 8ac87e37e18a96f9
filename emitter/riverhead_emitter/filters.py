"""What is left out of events on their way: whole jobs, and datasets wherever an event lists them. Pure.

Of the official client's three fields only `type` has more values here, so one file configures both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riverhead_emitter.event import Event

SUBJECTS = ("job", "job_namespace", "dataset", "dataset_namespace")
_OF_JOBS, _OF_DATASETS = SUBJECTS[:2], SUBJECTS[2:]
# An event is no deeper than this; what is deeper is looked at no further.
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Filter:
    """Leaves out what has this name (or, as `is_regex`, begins like it, as the official client understands it)."""

    subject: str
    pattern: str
    is_regex: bool = False

    @property
    def line(self) -> str:
        """What tells this filter from others, as part of a destination."""
        return f"filter {self.told}"

    @property
    def told(self) -> str:
        """What it leaves out, as a person reads it."""
        return f"{self.subject} {'~' if self.is_regex else '='} {self.pattern}"

    def matches(self, named: Any) -> bool:
        """Return whether this leaves out what is named so; it may be anything that came as JSON."""
        if not isinstance(named, dict):
            return False
        pair = named.get("namespace"), named.get("name")
        # Columns have a name, too, but no namespace.
        if not (isinstance(pair[0], str) and isinstance(pair[1], str)):
            return False
        name = pair[0] if self.subject.endswith("namespace") else pair[1]
        return bool(_compiled(self.pattern).match(name)) if self.is_regex else name == self.pattern


def filtered(event: Event, filters: Sequence[Filter]) -> Event | None:
    """Return the event without the datasets that are left out, or None if its job, or all it is about, is."""
    of_jobs, of_datasets = _chosen(filters, _OF_JOBS), _chosen(filters, _OF_DATASETS)
    if of_jobs(event.get("job")) or of_datasets(event.get("dataset")):
        return None
    return _without(event, of_datasets, 0) if any(found.subject in _OF_DATASETS for found in filters) else event


def _chosen(filters: Sequence[Filter], subjects: tuple[str, ...]) -> Callable[[Any], bool]:
    chosen = [found for found in filters if found.subject in subjects]
    return lambda named: any(found.matches(named) for found in chosen)


def _without(part: Any, is_left_out: Callable[[Any], bool], depth: int) -> Any:
    """Datasets stand in lists: inputs, outputs, a column's input fields, other names of a dataset, explicit lineage."""
    if depth > _DEEPEST:
        return part
    if isinstance(part, dict):
        return {key: _without(value, is_left_out, depth + 1) for key, value in part.items()}
    if isinstance(part, list):
        return [_without(entry, is_left_out, depth + 1) for entry in part if _is_job(entry) or not is_left_out(entry)]
    return part


def _is_job(entry: Any) -> bool:
    # The explicit lineage facet lists jobs beside datasets.
    return isinstance(entry, dict) and entry.get("type") == "JOB"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
