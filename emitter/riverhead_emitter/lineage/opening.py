"""How code comes to its run: `run(…)` opens one, `current()` finds it; and the values that say things more exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.job import documentation, ownership
from riverhead_emitter.facets.own.learning import Learned
from riverhead_emitter.facets.tags import Tag, job_tags
from riverhead_emitter.lineage.calls import forgiving
from riverhead_emitter.lineage.columns import ColumnUse
from riverhead_emitter.lineage.documents import DocumentPart
from riverhead_emitter.lineage.nesting import around_here
from riverhead_emitter.lineage.places import place_of_caller
from riverhead_emitter.lineage.traced import TracedRun
from riverhead_emitter.model import Derivation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from riverhead_emitter.emitter import Outbox
    from riverhead_emitter.facets.facet import Facet


def _bare(*args: Any, **kwargs: Any) -> TracedRun:
    return TracedRun(args[0] if args else kwargs.get("name"), outbox=kwargs.get("outbox"))


def _nothing(*_: Any, **__: Any) -> object:
    return None


@forgiving(_bare)
def run(
    name: object,
    *,
    namespace: str | None = None,
    parent: object = None,
    description: str | None = None,
    owners: Iterable[str] = (),
    tags: Mapping[str, str] | None = None,
    outbox: Outbox | None = None,
) -> TracedRun:
    """Open a run of the job `name`: `with lineage.run("train") as run: run.reads(…)`.

    Its parent is `parent` (a run, or `namespace/job/id`), else the run around it, else the one that started this
    process. The description, the owners and the tags are the job's.
    """
    facets: dict[str, Facet] = {}
    place = place_of_caller()
    if place is not None:
        facets["sourceCodeLocation"] = place
    if description:
        facets["documentation"] = documentation(str(description))
    if owners:
        names = [owners] if isinstance(owners, str) else list(owners)
        facets["ownership"] = ownership([(str(owner), None) for owner in names])
    if tags:
        facets["tags"] = job_tags([Tag(str(key), str(value), "USER") for key, value in tags.items()])
    return TracedRun(name, namespace=namespace, parent=parent, outbox=outbox, job_facets=facets)


def current() -> TracedRun:
    """Return the run around this code; outside of any, one that never begins, so that nothing needs to ask."""
    return around_here() or TracedRun("nowhere")


@forgiving(_nothing)
def column(
    name: str,
    *,
    of: Any = None,
    how: Derivation | str = Derivation.TRANSFORMATION,
    expression: str = "",
    masking: bool = False,
) -> object:
    """Return a source column and how it is used: IDENTITY, TRANSFORMATION, AGGREGATION, or by deciding, as a JOIN."""
    kind = how if isinstance(how, Derivation) else Derivation.__members__.get(str(how).upper(), how)
    return ColumnUse(name, of, kind, expression, masking)  # type: ignore[arg-type]  # a verb finds out, and says so


@forgiving(_nothing)
def document(
    name: object,
    *,
    of: object = None,
    unit: str | None = None,
    start: float | None = None,
    end: float | None = None,
    start_time: datetime | str | None = None,
    end_time: datetime | str | None = None,
) -> object:
    """Return a source document `of` a dataset, or a part of it: from `start` up to `end`, counted in `unit`."""
    return DocumentPart(name, of, unit, start, end, start_time, end_time)


@forgiving(_nothing)
def data(dataset: Any, *, version: Any = None, split: str | None = None) -> object:
    """Return data that a model learned from, with its version or the split of it."""
    return Learned(dataset, version, split)
