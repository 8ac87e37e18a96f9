"""For the auditor: who read or wrote what, by which right and for what purpose, and that it is still the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entry, instant, known, own_facet
from riverhead_emitter.facets.own.bounds import first

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Principal(NamedTuple):
    """Who did it: a name as the system knows it, its kind (USER, SERVICE, ROLE), and for whom it acted."""

    name: str
    kind: str | None = None
    on_behalf_of: str | None = None


def access(
    principal: Principal,
    *,
    operation: str = "READ",
    purpose: str | None = None,
    columns: Iterable[str] | None = None,
    row_filter: str | None = None,
    rows: int | None = None,
    granted_by: str | None = None,
    time: datetime | str | None = None,
) -> Facet:
    """Return the `riverhead_access` facet of an input or an output; without `columns`, all of them were touched."""
    named, count = (None, None) if columns is None else first(columns)
    return own_facet(
        "access",
        "1-0-0",
        principal=entry(principal),
        operation=operation,
        purpose=purpose,
        columnCount=count,
        columns=named,
        rowFilter=row_filter,
        rowCount=rows,
        grantedBy=granted_by,
        accessTime=None if time is None else instant(time),
    )


def digest(
    algorithm: str,
    value: str,
    *,
    scope: str = "BYTES",
    size_bytes: int | None = None,
    parts: Iterable[tuple[str, str]] = (),
) -> Facet:
    """Return the `riverhead_digest` dataset facet; `parts` are the names and digests of a dataset's files, say."""
    named, count = first(parts)
    listed = [known(name=name, value=part) for name, part in named]
    return own_facet(
        "digest",
        "1-0-0",
        algorithm=algorithm,
        value=value,
        scope=scope,
        sizeBytes=size_bytes,
        partCount=count or None,
        parts=listed or None,
    )
