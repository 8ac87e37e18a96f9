"""What is wrong with a `columnLineage` facet, before anything is read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_catalog.projection.reading import is_object, missing, objects, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def column_lineage_problems(facet: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield every reason why the facet's edges cannot be read."""
    fields = facet.get("fields")
    if fields is not None and not is_object(fields):
        yield f"{path}.fields must be an object"
        fields = None
    for name, field in (fields or {}).items():
        where = f"{path}.fields.{name}"
        if "\0" in name or not name:
            yield f"{path}.fields must not name a column that is empty or contains a NUL character"
        if not is_object(field):
            yield from missing(field, where)
            continue
        yield from _sources(field.get("inputFields"), f"{where}.inputFields")
    yield from _sources(facet.get("dataset"), f"{path}.dataset")


def _sources(value: object, path: str) -> Iterator[str]:
    entries, wrong = objects(value, path)
    yield from wrong
    for where, entry in entries:
        for part in ("namespace", "name", "field"):
            yield from text(entry, part, f"{where}.{part}", is_name=True)
        _, wrong = objects(entry.get("transformations"), f"{where}.transformations")
        yield from wrong
