"""How much of a task's data will be told, by whom, and why not more: the values that the rules return."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Depth(str, Enum):
    """How deep a task's lineage goes."""

    COLUMNS = "columns"
    DATASETS = "datasets"
    RUN = "run"

    @property
    def rank(self) -> int:
        """Return a number that is higher for what tells more."""
        return _RANKS[self]


_RANKS = {Depth.RUN: 0, Depth.DATASETS: 1, Depth.COLUMNS: 2}


class Source(str, Enum):
    """Where a task's lineage comes from, in the order in which they are asked."""

    EXTRACTOR = "extractor"
    SQL = "sql"
    OPERATOR = "operator"
    SPARK = "spark"
    HOOKS = "hooks"
    SDK = "sdk"
    ASSETS = "assets"
    XCOM = "xcom"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What will be known of one task."""

    depth: Depth
    source: Source
    reason: str
    advice: str = ""
    is_late: bool = False
    """What it will be is known only when the task runs; this is what is to be expected."""
    moves_data: bool = True
    """False for a task that only waits, decides or starts something: nothing is missing there."""
