"""What one run has told of itself so far, and the lineage and facets that this makes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from riverhead_emitter.facets.own.documents import derivation
from riverhead_emitter.facets.own.learning import metrics
from riverhead_emitter.facets.own.operation import parameters
from riverhead_emitter.facets.tags import Tag, run_tags
from riverhead_emitter.lineage.columns import Inputs, Table, fields_of, resolved
from riverhead_emitter.lineage.gaps import MOST
from riverhead_emitter.model import Lineage, Touched, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.facets.facet import Facet
    from riverhead_emitter.facets.own.documents import Derived
    from riverhead_emitter.facets.own.learning import Learned, Metric
    from riverhead_emitter.lineage.columns import Wanted
    from riverhead_emitter.model import Dataset, Flow

# A training loop measures without end, a cleaning job writes millions of documents: facets name the first thousand.
_MOST_IN_FACETS = 1_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Bounded(dict[Key, Value]):
    """The first of a kind that a run is told; the others are counted. Fill it by `[…] =` and `setdefault` alone."""

    __slots__ = ("left_out",)

    def __init__(self) -> None:
        self.left_out = 0

    def __setitem__(self, key: Key, value: Value) -> None:
        if self._has_room(key):
            super().__setitem__(key, value)

    def setdefault(self, key: Key, value: Value) -> Value:
        """Return the value of this key, which is this one if there was none; beyond the bound it is not kept."""
        return super().setdefault(key, value) if self._has_room(key) else value

    def _has_room(self, key: Key) -> bool:
        if key in self or len(self) < MOST:
            return True
        self.left_out += 1
        return False


# Plain classes: three dataclasses would cost every fresh process more than two milliseconds.
class Use:
    """What is known of one dataset that the run reads or writes."""

    __slots__ = ("aliases", "columns", "document_count", "documents", "facets", "split", "traffic", "version")

    def __init__(self) -> None:
        self.columns: Bounded[str, str] = Bounded()
        self.facets: dict[str, Facet] = {}
        self.traffic: dict[str, Facet] = {}
        self.aliases: set[str] = set()
        self.version: str | None = None
        self.split: str | None = None
        self.documents: list[Derived] = []
        self.document_count = 0

    @property
    def is_model(self) -> bool:
        """True of a model, which is an input of a run that predicts, and none that columns come from."""
        return bool(self.facets.get("datasetType", {}).get("datasetType") == "MODEL")


class Training(NamedTuple):
    """How the run trains a model: what that is, and on what; without data of its own, on all that the run reads."""

    described: dict[str, Any]
    on: list[Learned]


class Notes:
    """Everything that a run has told; it only ever grows, and what could grow without end is bounded."""

    def __init__(self, gaps: tuple[Unresolved, ...] = ()) -> None:
        self.inputs: Bounded[Dataset, Use] = Bounded()
        self.outputs: Bounded[Dataset, Use] = Bounded()
        self.wanted: Bounded[Wanted, None] = Bounded()
        self.flows: Bounded[Flow, None] = Bounded()
        self.gaps: dict[Unresolved, None] = dict.fromkeys(gaps)
        self.parameters: Bounded[str, Any] = Bounded()
        self.measured: dict[str, deque[Metric]] = {}
        self.metric_count = 0
        self.tags: Bounded[str, str] = Bounded()
        self.trainings: Bounded[Dataset, Training] = Bounded()
        self.job_facets: dict[str, Facet] = {}

    def read(self, dataset: Dataset) -> Use:
        """Return what is known of an input, which it is from now on."""
        return self.inputs.setdefault(dataset, Use())

    def written(self, dataset: Dataset) -> Use:
        """Return what is known of an output, which it is from now on."""
        return self.outputs.setdefault(dataset, Use())

    def want(self, wanted: Iterable[Wanted]) -> None:
        """Note which source columns columns come from."""
        for one in wanted:
            self.wanted[one] = None

    def measure(self, metric: Metric) -> None:
        """Note a figure; of one name the last thousand are kept."""
        self.metric_count += 1
        if metric.name in self.measured or len(self.measured) < _MOST_IN_FACETS:
            self.measured.setdefault(metric.name, deque(maxlen=_MOST_IN_FACETS)).append(metric)

    def derive(self, dataset: Dataset, derived: Derived) -> None:
        """Note that a document was made; the first thousand of a dataset are kept, all are counted."""
        use = self.written(dataset)
        use.document_count += 1
        if len(use.documents) < _MOST_IN_FACETS:
            use.documents.append(derived)

    def lineage(self) -> Lineage:
        """Return what was read and written, and which column came from which."""
        inputs = dict(self.inputs)
        tables = {dataset: Table(use.aliases, use.columns) for dataset, use in inputs.items() if not use.is_model}
        columns, rows, gaps = resolved(tuple(self.wanted), Inputs(tables))
        return Lineage(
            tuple(_touched(dataset, use) for dataset, use in inputs.items()),
            tuple(_touched(dataset, use) for dataset, use in dict(self.outputs).items()),
            tuple(columns),
            tuple(rows),
            tuple(dict.fromkeys((*self.gaps, *gaps, *self._gaps_of_size()))),
            tuple(self.flows),
        )

    def _gaps_of_size(self) -> Iterator[Unresolved]:
        kept: dict[str, Bounded[Any, Any]] = {
            "inputs": self.inputs, "outputs": self.outputs, "pairs of `from_`": self.flows,
            "sources of columns": self.wanted, "parameters": self.parameters, "tags": self.tags,
            "models": self.trainings,
        }  # fmt: skip
        left_out = {what: one.left_out for what, one in kept.items()}
        uses = [*dict(self.inputs).values(), *dict(self.outputs).values()]
        left_out["columns of a dataset"] = sum(use.columns.left_out for use in uses)
        for what, count in left_out.items():
            if count:
                yield Unresolved(what, f"only the first {MOST:,} are kept; {count:,} times another was told")

    def run_facets(self) -> dict[str, Facet]:
        """Return what was told of the run itself."""
        facets: dict[str, Facet] = {}
        if self.parameters:
            facets["riverhead_parameters"] = parameters(dict(self.parameters))
        if self.metric_count:
            facets["riverhead_metrics"] = {**metrics(self._last_metrics()), "metricCount": self.metric_count}
        if self.tags:
            facets["tags"] = run_tags([Tag(key, value, "USER") for key, value in dict(self.tags).items()])
        return facets

    def _last_metrics(self) -> list[Metric]:
        """Return the last figure of each name, and the ones before it as far as there is room."""
        series = [list(one) for one in list(self.measured.values())]
        room = max(0, _MOST_IN_FACETS - len(series))
        earlier = [metric for one in series for metric in one[:-1]][:room]
        kept = {id(metric) for metric in earlier}
        return [metric for one in series for metric in one if id(metric) in kept or metric is one[-1]]


def _touched(dataset: Dataset, use: Use) -> Touched:
    facets = dict(use.facets)
    if use.documents:
        facets["riverhead_derivation"] = {**derivation(use.documents), "documentCount": use.document_count}
    return Touched(dataset, fields_of(dict(use.columns)), facets, dict(use.traffic))
