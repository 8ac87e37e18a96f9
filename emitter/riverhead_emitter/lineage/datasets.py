"""What a person hands over → the dataset it means, or a sentence that says why it means none."""

from __future__ import annotations

import os
import re

from riverhead_emitter.lineage.gaps import MisunderstoodError
from riverhead_emitter.model import Dataset
from riverhead_emitter.naming.dataset_uris import dataset_of
from riverhead_emitter.naming.jdbc import database_of_jdbc

LONGEST_NAME = 4096
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|[a-zA-Z]:[\\/]|\\\\")
_JDBC = re.compile(r"\s*jdbc:", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.:-]+:/")
_EXAMPLE = "as in ('s3://bucket', 'orders')"
_PAIR = f"a namespace and a name stand in round brackets, {_EXAMPLE}"
_TABLE = "as in ('jdbc:postgresql://host/shop', 'public.orders')"
_HOW = "give its URI or path, as in 's3://bucket/orders' or 'postgres://host/shop/orders'"


def dataset_meant(thing: object) -> Dataset:
    """Return the dataset of a URI, a path, a namespace with a name, or an object that has one of these."""
    if isinstance(thing, Dataset):
        return thing
    if isinstance(thing, (str, os.PathLike)):
        return _of_text(os.fspath(thing))
    if isinstance(thing, tuple):
        return _of_pair(thing)
    if isinstance(thing, list):
        raise MisunderstoodError(f"a list is no dataset; {_PAIR}")
    pair = (getattr(thing, "namespace", None), getattr(thing, "name", None))
    if all(isinstance(part, str) for part in pair):
        return _of_pair(pair)
    uri = getattr(thing, "uri", None)
    if isinstance(uri, str):
        return _of_text(uri)
    raise MisunderstoodError(_why_not(thing))


def listed(things: object) -> list[object]:
    """Return one or several things as a list; a tuple of two texts is one, unless the second is an address."""
    if things is None:
        return []
    if isinstance(things, (list, set, frozenset)):
        return list(things)
    # What is a tuple and more, such as a named one, means something of its own.
    is_several = type(things) is tuple and len(things) > 0 and not _is_pair(things)
    return list(things) if is_several else [things]  # type: ignore[call-overload]  # the line before has looked


def _is_pair(things: tuple[object, ...]) -> bool:
    if len(things) != 2 or not isinstance(things[0], str):  # noqa: PLR2004 - a namespace and a name
        return False
    is_address = isinstance(things[1], str) and _ADDRESS.match(things[1])
    return not is_address and not isinstance(things[1], (os.PathLike, Dataset, tuple))


def _of_text(text: str | bytes) -> Dataset:
    name = os.fsdecode(text).strip()
    if not name:
        raise MisunderstoodError(f"an empty text is no dataset: {_HOW}")
    if len(name) > LONGEST_NAME:
        raise MisunderstoodError(f"a text of {len(name):,} characters is no dataset's name: {_HOW}")
    if _JDBC.match(name):
        raise MisunderstoodError(f"a JDBC URL names a database: give the URL and the table, {_TABLE}")
    if not _URI.match(name):
        # Wherever the process stands: somebody else must find the same file.
        name = os.path.abspath(os.path.expanduser(name))  # noqa: PTH100, PTH111 - pathlib raises for a user without a home
    # A pattern is the folder that it looks into.
    star = name.find("*")
    return dataset_of(name[: name.rfind("/", 0, star)] if star > 0 and "/" in name[:star] else name)


def _of_jdbc(url: str, table: str) -> Dataset:
    found = database_of_jdbc(url)
    if found is None:
        raise MisunderstoodError("this JDBC URL does not say which database it leads to")
    return found.named(table)


def _of_pair(pair: tuple[object, ...]) -> Dataset:
    if len(pair) != 2 or not all(isinstance(part, str) and part.strip() for part in pair):  # noqa: PLR2004 - a namespace and a name
        raise MisunderstoodError(f"a dataset is a namespace and a name, both texts, {_EXAMPLE}")
    namespace, name = pair
    if _JDBC.match(str(namespace)):
        return _of_jdbc(str(namespace), str(name)[:LONGEST_NAME])
    return Dataset(str(namespace)[:LONGEST_NAME], str(name)[:LONGEST_NAME])


def _why_not(thing: object) -> str:
    kind = type(thing).__name__[:100]
    # Looked up on the type: an object of data may run code of its own for a name that it does not know.
    if any(hasattr(type(thing), sign) for sign in ("__dataframe__", "__array__", "columns", "toPandas")):
        return f"what is of type {kind} lies in memory and is no dataset: say where it came from or went to; {_HOW}"
    return f"what is of type {kind} is no dataset: {_HOW}"
