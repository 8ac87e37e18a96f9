"""A script's lineage as one JSON document, whose form docs/sql.md promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.model import Column, Dataset

if TYPE_CHECKING:
    from riverhead_emitter.model import ColumnEdge, DatasetEdge, Flow, Lineage, Touched
    from riverhead_sql.lineage import SqlLineage


def as_json(answer: SqlLineage) -> dict[str, Any]:
    """Return what each statement did, as plain JSON."""
    return {"dialect": answer.dialect, "statements": [_statement(lineage) for lineage in answer.statements]}


def _statement(lineage: Lineage) -> dict[str, Any]:
    return {
        "inputs": [_touched(touched) for touched in lineage.inputs],
        "outputs": [_touched(touched) for touched in lineage.outputs],
        "columns": [_column_edge(edge) for edge in lineage.columns],
        "datasets": [_dataset_edge(edge) for edge in lineage.datasets],
        "flows": [_flow(flow) for flow in lineage.flows],
        "unresolved": [{"what": reason.what, "why": reason.why} for reason in lineage.unresolved],
    }


def _touched(touched: Touched) -> dict[str, Any]:
    fields = [{"name": field.name, "type": field.type} for field in touched.fields]
    return {**_dataset(touched.dataset), "fields": fields}


def _column_edge(edge: ColumnEdge) -> dict[str, Any]:
    return {
        "output": _column(edge.output),
        "source": _column(edge.source),
        "kind": edge.how.value,
        "masking": edge.is_masking,
        "expression": edge.expression,
    }


def _dataset_edge(edge: DatasetEdge) -> dict[str, Any]:
    return {
        "output": _dataset(edge.output),
        "source": _column(edge.source),
        "kind": edge.how.value,
        "expression": edge.expression,
    }


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        "output": _end(flow.output),
        "source": _end(flow.source),
        "kind": flow.how.value if flow.how else None,
        "expression": flow.expression,
    }


def _end(end: object) -> dict[str, str] | None:
    """Return one end of a flow; SQL knows no jobs and no runs."""
    if isinstance(end, Column):
        return _column(end)
    return _dataset(end) if isinstance(end, Dataset) else None


def _dataset(dataset: Dataset) -> dict[str, str]:
    return {"namespace": dataset.namespace, "dataset": dataset.name}


def _column(column: Column) -> dict[str, str]:
    return {**_dataset(column.dataset), "column": column.name}
