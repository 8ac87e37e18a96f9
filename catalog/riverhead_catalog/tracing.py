"""Questions about one column, asked of a store: find the column, then walk from it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from riverhead_catalog.graph import FARTHEST, edges_reached
from riverhead_catalog.links import DatasetLink, Trace
from riverhead_catalog.questions import finding
from riverhead_catalog.store import edges, lookups
from riverhead_emitter.model import Column, Dataset

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from riverhead_catalog.store.lookups import Known

_MOST_CANDIDATES = 200
_MOST_SEARCHED = 2_000
# Namespaces hold colons of their own, as in `postgres://host:5432`, and few.
_MOST_PREFIXES = 10


def find_column(connection: Connection, text: str, namespace: str | None) -> Column:
    """Return the column that somebody means; an unknown or ambiguous name is an error that helps."""
    finding.check_length(text)
    for part, field in finding.readings(text):
        found = _with_field(connection, _datasets_named(connection, part, namespace), field)
        if found:
            return finding.the_one(text, found)
    raise finding.unknown(text, _some_columns(connection, namespace))


def exact_column(connection: Connection, namespace: str, dataset: str, field: str) -> Column:
    """Return the column of these exact names."""
    known = lookups.dataset(connection, namespace, dataset)
    if known is None or not _with_field(connection, [known], field):
        raise finding.unknown(f"{dataset}.{field}", _some_columns(connection, namespace))
    return Column(Dataset(namespace, dataset), field)


def trace(
    connection: Connection, column: Column, *, is_upstream: bool, depth: int = FARTHEST, as_of: int | None = None
) -> Trace:
    """Return everything on the way from a column."""
    links_of = partial(edges.links, connection, is_upstream=is_upstream, as_of=as_of)
    far_end = (lambda link: link.source) if is_upstream else (lambda link: link.output)
    links = edges_reached([column], links_of, far_end, depth)
    if not is_upstream:
        return Trace(column, tuple(links))
    touched = {column.dataset, *(link.source.dataset for link in links)}
    return Trace(column, tuple(links), tuple(_without_columns(connection, touched, as_of)))


def _without_columns(connection: Connection, touched: set[Dataset], as_of: int | None) -> list[DatasetLink]:
    found: list[DatasetLink] = []
    for dataset in sorted(touched):
        known = lookups.dataset(connection, dataset.namespace, dataset.name)
        if known is not None:
            found += edges.makers_without_columns(connection, known, as_of)
    return found


def _datasets_named(connection: Connection, part: str, namespace: str | None) -> list[Known]:
    """Datasets of this name or ending; where some have exactly this name, only those."""
    found = lookups.datasets_ending_in(connection, part, _MOST_CANDIDATES)
    found += _prefixed(connection, part)
    found = [known for known in found if namespace in (None, known.namespace)]
    return [known for known in found if known.name == part] or found


def _prefixed(connection: Connection, part: str) -> list[Known]:
    """Datasets that are written with their namespace in front, as `namespace:name`."""
    places = [place for place, character in enumerate(part) if character == ":"][:_MOST_PREFIXES]
    found = (lookups.dataset(connection, part[:place], part[place + 1 :]) for place in places)
    return [known for known in found if known is not None]


def _with_field(connection: Connection, found: list[Known], field: str) -> list[Column]:
    return [
        Column(Dataset(known.namespace, known.name), field)
        for known in {one.id: one for one in found}.values()
        if field in columns_of(connection, known)
    ]


def columns_of(connection: Connection, known: Known) -> list[str]:
    """Return the columns that a dataset's schema declares or that an edge names."""
    schema = known.facets.get("schema")
    body = {} if schema is None else lookups.bodies(connection, [schema])[schema]
    declared = [field["name"] for field in body.get("fields") or []]
    return list(dict.fromkeys([*declared, *edges.columns_of(connection, known.id)]))


def _some_columns(connection: Connection, namespace: str | None) -> list[Column]:
    return [
        Column(Dataset(*names), field)
        for names, field in lookups.column_names(connection, _MOST_SEARCHED)
        if namespace in (None, names[0])
    ]
