"""`/namespaces`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import not_found
from riverhead_catalog.store import lookups
from riverhead_catalog.times import iso

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

# Marquez has this namespace from its first start, and clients fall back to it.
_DEFAULT: dict[str, Any] = {
    "name": "default",
    "createdAt": iso(0),
    "updatedAt": iso(0),
    "ownerName": "anonymous",
    "description": "The default global namespace for dataset, job, and run metadata not belonging to a user-specified "
    "namespace.",
    "isHidden": False,
}


def listing(connection: Connection, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of namespaces by name."""
    found = [_namespace(row) for row in lookups.all_namespaces(connection, limit, offset)]
    if len(found) < limit and not offset and lookups.namespace(connection, "default") is None:
        found = sorted([*found, _DEFAULT], key=lambda one: str(one["name"]))
    return {"namespaces": found}


def one(connection: Connection, name: str) -> dict[str, Any]:
    """Return one namespace."""
    row = lookups.namespace(connection, name)
    if row is None and name != "default":
        raise not_found("Namespace", name)
    return _DEFAULT if row is None else _namespace(row)


def _namespace(row: Row[Any]) -> dict[str, Any]:
    description = _DEFAULT["description"] if row.name == "default" else None
    return {
        "name": row.name,
        "createdAt": iso(row.created),
        "updatedAt": iso(row.updated),
        "ownerName": "anonymous",
        "description": description,
        "isHidden": False,
    }
