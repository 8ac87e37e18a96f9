"""What a person hands over → the dataset it means, or a sentence that says why it means none."""

from __future__ import annotations

import os
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.facets.own.documents import Source
from riverhead_emitter.model import Dataset
from riverhead_emitter.naming.uris import dataset_of

if TYPE_CHECKING:
    from riverhead_emitter.naming.hosts import Aliases

_LONGEST_NAME = 4096
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|[a-zA-Z]:[\\/]|\\\\")
_HOW = "give its URI or path, as in 's3://bucket/orders' or 'postgres://host/shop/orders'"


class MisunderstoodError(RiverheadError):
    """What was handed over means nothing here, and why."""


def dataset_meant(thing: object, aliases: Aliases | None = None) -> Dataset:
    """Return the dataset of a URI, a path, a namespace with a name, or an object that has one of these."""
    if isinstance(thing, Dataset):
        return thing
    if isinstance(thing, (str, os.PathLike)):
        return _of_text(os.fspath(thing), aliases)
    if isinstance(thing, (tuple, list)):
        return _of_pair(thing)
    pair = (getattr(thing, "namespace", None), getattr(thing, "name", None))
    if all(isinstance(part, str) for part in pair):
        return _of_pair(pair)
    uri = getattr(thing, "uri", None)
    if isinstance(uri, str):
        return _of_text(uri, aliases)
    raise MisunderstoodError(_why_not(thing))


class Part(NamedTuple):
    """A document or a part of it, as it was said: nothing here is understood before a verb takes it."""

    name: object
    of: object = None
    unit: str | None = None
    start: float | None = None
    end: float | None = None
    start_time: datetime | str | None = None
    end_time: datetime | str | None = None


def source_meant(thing: object, aliases: Aliases | None = None) -> Source:
    """Return the source document that is meant, or the part of one."""
    if isinstance(thing, Source):
        return thing
    if not isinstance(thing, Part):
        return Source(*document_meant(thing, aliases))
    dataset, name = document_meant(thing.name if thing.of is None else (thing.of, thing.name), aliases)
    try:
        unit = None if thing.unit is None else str(thing.unit)
        start, end = (None if edge is None else float(edge) for edge in (thing.start, thing.end))
    except (TypeError, ValueError) as error:
        raise MisunderstoodError("a part of a document begins and ends at numbers") from error
    times = (thing.start_time, thing.end_time)
    if not all(time is None or isinstance(time, (str, datetime)) for time in times):
        raise MisunderstoodError("a time is a datetime, or a text as OpenLineage has it")
    return Source(dataset, name, unit, start, end, *times)


def document_meant(thing: object, aliases: Aliases | None = None) -> tuple[Dataset, str]:
    """Return the dataset and the name in it of a document: a pair of the two, or a URI, whose last step is the name."""
    if isinstance(thing, (tuple, list)) and len(thing) == 2:  # noqa: PLR2004 - a dataset and a document's name
        return dataset_meant(thing[0], aliases), _named(thing[1])
    found = dataset_meant(thing, aliases)
    folder, slash, name = found.name.rpartition("/")
    return (Dataset(found.namespace, folder or "/"), name) if slash and name else (found, found.name)


def _of_text(text: str | bytes, aliases: Aliases | None) -> Dataset:
    name = os.fsdecode(text).strip()
    if not name:
        raise MisunderstoodError(f"an empty text is no dataset: {_HOW}")
    if len(name) > _LONGEST_NAME:
        raise MisunderstoodError(f"a text of {len(name):,} characters is no dataset's name: {_HOW}")
    if not _URI.match(name):
        # Wherever the process stands: somebody else must find the same file.
        name = os.path.abspath(os.path.expanduser(name))  # noqa: PTH100, PTH111 - pathlib raises for a user without a home
    # A pattern is the folder that it looks into.
    star = name.find("*")
    return dataset_of(name[: name.rfind("/", 0, star)] if star > 0 and "/" in name[:star] else name, aliases)


def _of_pair(pair: tuple[object, ...] | list[object]) -> Dataset:
    if len(pair) != 2 or not all(isinstance(part, str) and part.strip() for part in pair):  # noqa: PLR2004 - a namespace and a name
        raise MisunderstoodError("a dataset is a namespace and a name, both texts, as in ('s3://bucket', 'orders')")
    namespace, name = pair
    return Dataset(str(namespace)[:_LONGEST_NAME], str(name)[:_LONGEST_NAME])


def _named(thing: object) -> str:
    if isinstance(thing, (str, int)) and str(thing).strip():
        return str(thing)[:_LONGEST_NAME]
    raise MisunderstoodError("a document is named by a text or a number within its dataset")


def _why_not(thing: object) -> str:
    kind = type(thing).__name__[:100]
    # Looked up on the type: an object of data may run code of its own for a name that it does not know.
    if any(hasattr(type(thing), sign) for sign in ("__dataframe__", "__array__", "columns", "toPandas")):
        return f"what is of type {kind} lies in memory and is no dataset: say where it came from or went to; {_HOW}"
    return f"what is of type {kind} is no dataset: {_HOW}"
