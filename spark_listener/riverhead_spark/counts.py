"""What an execution counted → the traffic of the datasets that it read and wrote. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.traffic import input_statistics, output_statistics
from riverhead_spark.plan import Node
from riverhead_spark.sources import reads_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Dataset, Lineage, Touched

# The leaf of an analysed plan that each scan of an executed one comes from; others are called as they are.
_LEAVES = {
    "BatchScanExec": "DataSourceV2ScanRelation",
    "FileSourceScanExec": "LogicalRelation",
    "HiveTableScanExec": "HiveTableRelation",
    "RowDataSourceScanExec": "LogicalRelation",
}
_READ = ("numOutputRows", "filesSize", "numFiles")
_WRITTEN = ("numOutputRows", "numOutputBytes", "numFiles")


def output_traffic(execution: Mapping[str, Any], outputs: int) -> list[dict[str, Any]]:
    """Return the output facets of what each of so many outputs was given; empty where that was not counted."""
    counted = [execution.get("written")] if outputs == 1 else execution.get("writes")
    if not isinstance(counted, list) or len(counted) != outputs:
        return [{}] * outputs
    return [_output_statistics(*_figures(each, _WRITTEN)) for each in counted]


def with_traffic(lineage: Lineage, root: Mapping[str, Any], nested: Sequence[Mapping[str, Any]] = ()) -> Lineage:
    """Return the lineage of an action that succeeded with what it read, and what its tasks wrote where nothing told."""
    read = _read([scan for execution in (root, *nested) for scan in execution.get("scans") or ()])
    inputs = tuple(_with_statistics(touched, read) for touched in lineage.inputs)
    outputs = lineage.outputs
    if len(outputs) == 1 and not outputs[0].traffic:
        rows, size = _figures(root.get("used"), ("written_rows", "written_bytes"))
        # Tasks that counted nothing are those of a source that counts nothing.
        outputs = (replace(outputs[0], traffic=_output_statistics(rows or None, size or None, None)),)
    return replace(lineage, inputs=inputs, outputs=outputs)


def without_outcome(lineage: Lineage) -> Lineage:
    """Return the lineage of an action that has not ended, or has failed: it counted and changed nothing yet."""
    return replace(lineage, outputs=tuple(map(_without_outcome, lineage.outputs)))


def _without_outcome(output: Touched) -> Touched:
    facets = {name: facet for name, facet in output.facets.items() if name != "lifecycleStateChange"}
    return replace(output, facets=facets, traffic={})


def _output_statistics(rows: int | None, size: int | None, files: int | None) -> dict[str, Any]:
    if rows is None and size is None and files is None:
        return {}
    return {"outputStatistics": output_statistics(rows, size, files)}


def _read(scans: object) -> dict[Dataset, list[int | None]]:
    read: dict[Dataset, list[int | None]] = {}
    for scan in scans if isinstance(scans, list) else ():
        # What was read of several datasets at once was counted in one sum.
        datasets = {touched.dataset for touched in reads_of(_leaf(scan), ()).datasets}
        if len(datasets) == 1:
            known = read.setdefault(datasets.pop(), [None] * len(_READ))
            known[:] = [_added(old, new) for old, new in zip(known, _figures(scan, _READ), strict=True)]
    return read


def _leaf(scan: Mapping[str, Any]) -> Node:
    return Node(_LEAVES.get(scan["n"], scan["n"]), fields=scan.get("f") or {})


def _with_statistics(touched: Touched, read: Mapping[Dataset, list[int | None]]) -> Touched:
    figures = read.get(touched.dataset)
    if figures is None:
        return touched
    return replace(touched, traffic={**touched.traffic, "inputStatistics": input_statistics(*figures)})


def _figures(counted: object, names: tuple[str, ...]) -> tuple[int | None, ...]:
    counts = counted if isinstance(counted, dict) else {}
    return tuple(count_of(counts.get(name)) for name in names)


def count_of(value: object) -> int | None:
    """Return what was counted; None where the JVM said nothing, or that it does not know."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _added(old: int | None, new: int | None) -> int | None:
    return new if old is None else old + (new or 0)
