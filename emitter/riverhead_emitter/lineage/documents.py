"""What a person says of documents → the dataset that each lies in, its name there, and perhaps a part of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from riverhead_emitter.facets.own.documents import Source
from riverhead_emitter.lineage.datasets import LONGEST_NAME, dataset_meant
from riverhead_emitter.lineage.gaps import MisunderstoodError
from riverhead_emitter.model import Dataset


class DocumentPart(NamedTuple):
    """A document or a part of it, as it was said: nothing here is understood before a verb takes it."""

    name: object
    of: object = None
    unit: str | None = None
    start: float | None = None
    end: float | None = None
    start_time: datetime | str | None = None
    end_time: datetime | str | None = None


def source_meant(thing: object) -> Source:
    """Return the source document that is meant, or the part of one."""
    if isinstance(thing, Source):
        return thing
    if not isinstance(thing, DocumentPart):
        return Source(*document_meant(thing))
    dataset, name = document_meant(thing.name if thing.of is None else (thing.of, thing.name))
    try:
        unit = None if thing.unit is None else str(thing.unit)
        start, end = (None if edge is None else float(edge) for edge in (thing.start, thing.end))
    except (TypeError, ValueError) as error:
        raise MisunderstoodError("a part of a document begins and ends at numbers") from error
    times = (thing.start_time, thing.end_time)
    if not all(time is None or isinstance(time, (str, datetime)) for time in times):
        raise MisunderstoodError("a time is a datetime, or a text as OpenLineage has it")
    return Source(dataset, name, unit, start, end, *times)


def document_meant(thing: object) -> tuple[Dataset, str]:
    """Return the dataset and the name in it of a document: a pair of the two, or a URI, whose last step is the name."""
    if isinstance(thing, (tuple, list)) and len(thing) == 2:  # noqa: PLR2004 - a dataset and a document's name
        return dataset_meant(thing[0]), _named(thing[1])
    found = dataset_meant(thing)
    folder, slash, name = found.name.rpartition("/")
    return (Dataset(found.namespace, folder or "/"), name) if slash and name else (found, found.name)


def _named(thing: object) -> str:
    if isinstance(thing, (str, int)) and str(thing).strip():
        return str(thing)[:LONGEST_NAME]
    raise MisunderstoodError("a document is named by a text or a number within its dataset")


def several_documents(things: object) -> list[object]:
    """Return one or several documents as a list; a pair is one document of a dataset."""
    return list(things) if isinstance(things, (list, set, frozenset)) else [things]
