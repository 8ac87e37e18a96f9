"""Riverhead's SQL lineage in the neutral form that the shared scorer and the comparison of parsers read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import Database
from riverhead_sql import lineage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Lineage

_NAMESPACE = "db"
_RESULT = Dataset("result", "rows of the query")


def run(
    sql: str | Sequence[str], dialect: str, schema: Mapping[str, Sequence[str]], default: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return inputs, outputs, columns, deciding columns and what could not be said of a text."""
    database = Database(_NAMESPACE, dialect, default.get("db"), default.get("schema"))
    answer = lineage_of(sql, dialect=dialect or None, default=database, schema=schema, result=_RESULT)
    return _neutral(answer.merged)


def _neutral(lineage: Lineage) -> dict[str, Any]:
    columns: dict[tuple[str, Dataset], list[list[Any]]] = {}
    for flow in lineage.flows:
        if flow.expression == "*" and isinstance(flow.output, Dataset) and isinstance(flow.source, Dataset):
            entry = [_name(flow.source), "*", flow.how.value if flow.how else None, False]
            columns.setdefault(("*", flow.output), []).append(entry)
    for edge in lineage.columns:
        entry = [_name(edge.source.dataset), edge.source.name, edge.how.value, edge.is_masking]
        columns.setdefault((edge.output.name, edge.output.dataset), []).append(entry)
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
    if dataset.namespace == _NAMESPACE:
        return dataset.name
    return dataset.name if dataset.namespace == "file" else f"{dataset.namespace}/{dataset.name.lstrip('/')}"
