"""Riverhead's answer in the neutral form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import Database
from riverhead_sql import lineage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Lineage

PACKAGE = "riverhead"
_NAMESPACE = "db"
_RESULT = Dataset("result", "rows of the query")


def run(
    sql: str | Sequence[str], dialect: str, schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return what `lineage_of` says of a text."""
    database = Database(_NAMESPACE, dialect, default.get("db"), default.get("schema"))
    return _neutral(lineage_of(sql, dialect=dialect, default=database, schema=schema, result=_RESULT).merged)


def _neutral(lineage: Lineage) -> dict[str, Any]:
    columns: dict[tuple[str, Dataset], list[list[Any]]] = {}
    for edge in lineage.columns:
        source = [_name(edge.source.dataset), edge.source.name, edge.how.value, edge.is_masking]
        columns.setdefault((edge.output.name, edge.output.dataset), []).append(source)
    return {
        "inputs": [_name(touched.dataset) for touched in lineage.inputs],
        "outputs": [_name(touched.dataset) for touched in lineage.outputs if touched.dataset != _RESULT],
        "columns": [
            {"out": name, "table": None if dataset == _RESULT else _name(dataset), "from": sources}
            for (name, dataset), sources in columns.items()
        ],
        "dataset": [[_name(edge.source.dataset), edge.source.name, edge.how.value] for edge in lineage.datasets],
        "unresolved": [f"{one.what}: {one.why}" for one in lineage.unresolved],
    }


def _name(dataset: Dataset) -> str:
    if dataset.namespace in (_NAMESPACE, "file"):
        return dataset.name
    return f"{dataset.namespace}/{dataset.name.lstrip('/')}"
