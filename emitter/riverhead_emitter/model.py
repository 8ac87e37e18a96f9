"""The vocabulary of lineage: frozen values that every room speaks.

Nothing here reads, writes, or knows a host. `event` turns these values into OpenLineage.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import dataclass, field
else:
    from riverhead_emitter.frozen import dataclass, field


class RunState(str, Enum):
    """Where a run is in its life; the values are OpenLineage's event types."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    ABORT = "ABORT"
    OTHER = "OTHER"


class Derivation(str, Enum):
    """How a source column reaches an output: as a value (direct), or by deciding about it (indirect)."""

    IDENTITY = "IDENTITY"
    TRANSFORMATION = "TRANSFORMATION"
    AGGREGATION = "AGGREGATION"
    JOIN = "JOIN"
    FILTER = "FILTER"
    GROUP_BY = "GROUP_BY"
    SORT = "SORT"
    WINDOW = "WINDOW"
    CONDITIONAL = "CONDITIONAL"

    @property
    def is_direct(self) -> bool:
        """True if the source's value itself ends up in the output."""
        return self in _DIRECT


_DIRECT = frozenset({Derivation.IDENTITY, Derivation.TRANSFORMATION, Derivation.AGGREGATION})


@dataclass(frozen=True, slots=True, order=True)
class Dataset:
    """A dataset by its OpenLineage identity."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """One column of one dataset; `name` is a dotted path for a nested field."""

    dataset: Dataset
    name: str


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """One output column and one source column it was computed from."""

    output: Column
    source: Column
    how: Derivation
    expression: str = ""
    is_masking: bool = False


@dataclass(frozen=True, slots=True)
class DatasetEdge:
    """A source column that decides about every row of an output: a join key, a filter, a grouping, an order."""

    output: Dataset
    source: Column
    how: Derivation
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A column as a dataset's schema declares it; `position` counts from 1, `fields` are a structure's own."""

    name: str
    type: str = ""
    description: str = ""
    position: int | None = None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """A dataset that a run read or wrote, with what is known of it.

    Both mappings hold ready OpenLineage facets: `facets` of the dataset itself, `traffic` of this run's use of it.
    """

    dataset: Dataset
    fields: tuple[Field, ...] = ()
    facets: Mapping[str, Any] = field(default_factory=dict)
    traffic: Mapping[str, Any] = field(default_factory=dict)


# A tuple, as the next ones: defining a frozen dataclass costs every fresh process five times as much.
@dataclass(frozen=True, slots=True)
class Unresolved:
    """Something that could not be traced, and why: partial truth is named, never guessed."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Data that went from a source to an output, where no pair of columns can say it.

    It is said of whole datasets (this input went into that output and into no other), of data that a job hands to
    another without a dataset between them (a `Run` where its run is known), of a column whose source column is not
    known, and of a column that a job reads without writing it anywhere. Without a source the output came from nothing
    that is tracked.
    """

    output: Dataset | Column | Job | Run
    source: Dataset | Column | Job | Run | None
    how: Derivation | None = None
    expression: str = ""
    is_masking: bool = False


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one run read and wrote, and which column came from which.

    Every input is taken to have gone into every output, but for the outputs that `flows` speak of.
    """

    inputs: tuple[Touched, ...] = ()
    outputs: tuple[Touched, ...] = ()
    columns: tuple[ColumnEdge, ...] = ()
    datasets: tuple[DatasetEdge, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    flows: tuple[Flow, ...] = ()


NO_LINEAGE = Lineage()


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its OpenLineage identity."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one job."""

    id: str
    job: Job


@dataclass(frozen=True, slots=True)
class Parentage:
    """The run that started this one, and the run at the root of them all."""

    parent: Run
    root: Run
