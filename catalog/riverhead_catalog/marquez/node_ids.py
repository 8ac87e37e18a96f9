"""Node ids: `type:namespace:name`, with raw separators.

A namespace holds colons of its own (`postgres://db:5432`), so an id cannot be cut without knowing what there is:
every cut is tried against the store, as written first, then with its parts percent-decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from riverhead_catalog.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_catalog.store.lookups import Known

JOB = "job"
DATASET = "dataset"
FIELD = "datasetField"
# Only an id is a version: a name may hold a # of its own.
_VERSION = re.compile(r"#[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_TYPES = frozenset({JOB, DATASET, FIELD, "run"})


def split(node_id: str) -> tuple[str, str]:
    """Return a node id's type and the rest of it."""
    kind, separator, rest = node_id.partition(":")
    if not separator or kind not in _TYPES:
        raise Refusal(404, f"Node '{node_id}' must be of the form type:namespace:name")
    if _VERSION.search(rest):
        raise Refusal(400, f"Node '{node_id}' names a version; this release answers for the present only")
    return kind, rest


def find(rest: str, lookup: Callable[[str, str], Known | None]) -> Known | None:
    """Return what `namespace:name` names, or None where no cut of it is known."""
    for namespace, name in _cuts(rest):
        known = lookup(namespace, name)
        if known is not None:
            return known
    return None


def find_field(rest: str, lookup: Callable[[str, str], Known | None]) -> tuple[Known, str] | None:
    """Return dataset and field of `namespace:dataset:field`."""
    for before, field in _cuts(rest):
        known = find(before, lookup)
        if known is not None:
            return known, field
    return None


def node_id(kind: str, *parts: str) -> str:
    """Return a node id as Marquez writes it."""
    return ":".join((kind, *parts))


def _cuts(rest: str) -> Iterator[tuple[str, str]]:
    places = [place for place, character in enumerate(rest) if character == ":"]
    for place in reversed(places):
        first, last = rest[:place], rest[place + 1 :]
        yield first, last
        if "%" in rest:
            yield unquote(first), unquote(last)
