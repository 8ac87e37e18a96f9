"""`/namespaces/{namespace}/datasets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_catalog.answers import not_found
from riverhead_catalog.marquez.versions import version
from riverhead_catalog.store import lookups
from riverhead_catalog.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from riverhead_catalog.store.lookups import Known

# What the short form of a dataset is made from; the others can be large.
_SHORT = ("schema", "dataSource", "documentation", "lifecycleStateChange")


def listing(connection: Connection, namespace: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a namespace's datasets by name."""
    if lookups.namespace(connection, namespace) is None and namespace != "default":
        raise not_found("Namespace", namespace)
    found, count = lookups.datasets_of(connection, namespace, limit, offset)
    return {"totalCount": count, "datasets": [_whole(connection, known) for known in found]}


def one(connection: Connection, namespace: str, name: str) -> dict[str, Any]:
    """Return one dataset."""
    known = lookups.dataset(connection, namespace, name)
    if known is None:
        raise not_found("Dataset", name)
    return _whole(connection, known)


def short_forms(connection: Connection, found: Iterable[Known]) -> dict[int, dict[str, Any]]:
    """Return datasets as `/lineage` shows them, by id."""
    known = list(found)
    wanted = [address for one in known for name, address in one.facets.items() if name in _SHORT]
    bodies = lookups.bodies(connection, wanted)
    return {
        one.id: _short(one, {name: bodies[one.facets[name]] for name in _SHORT if name in one.facets}) for one in known
    }


def current_version(known: Known) -> str | None:
    """Return the id of a dataset's latest version: so far, of its latest schema."""
    schema = known.facets.get("schema")
    return None if schema is None else version(known.namespace, known.name, schema)


def _whole(connection: Connection, known: Known) -> dict[str, Any]:
    facets = lookups.facets(connection, known.registers)
    short = _short(known, facets)
    is_dropped = short["lastLifecycleState"] == "DROP"
    return {
        **short,
        "currentVersion": current_version(known),
        "facets": facets,
        "columnLineage": _column_lineage(facets.get("columnLineage")),
        "deleted": is_dropped,
    }


def _short(known: Known, facets: Mapping[str, Any]) -> dict[str, Any]:
    lifecycle = facets.get("lifecycleStateChange", {}).get("lifecycleStateChange")
    return {
        "id": {"namespace": known.namespace, "name": known.name},
        "type": "DB_TABLE",
        "name": known.name,
        "physicalName": known.name,
        "createdAt": iso(known.created),
        "updatedAt": iso(known.updated),
        "namespace": known.namespace,
        "sourceName": facets.get("dataSource", {}).get("name") or "default",
        "fields": [
            {"name": field["name"], "type": field.get("type"), "tags": [], "description": field.get("description")}
            for field in facets.get("schema", {}).get("fields") or []
        ],
        "tags": [],
        "lastModifiedAt": None,
        "description": facets.get("documentation", {}).get("description"),
        "lastLifecycleState": lifecycle or ("" if "schema" in facets else None),
    }


def _column_lineage(facet: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    fields = (facet or {}).get("fields")
    if not fields:
        return None
    return [
        {
            "name": name,
            "inputFields": [
                {
                    "namespace": source["namespace"],
                    "dataset": source["name"],
                    "field": source["field"],
                    "transformationDescription": field.get("transformationDescription"),
                    "transformationType": field.get("transformationType"),
                    "transformations": source.get("transformations") or [],
                }
                for source in field.get("inputFields") or []
            ],
            "transformationDescription": field.get("transformationDescription"),
            "transformationType": field.get("transformationType"),
        }
        for name, field in fields.items()
    ]
