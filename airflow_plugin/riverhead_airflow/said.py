"""What operators said of themselves, and what they checked → lineage and facets; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.quality import Assertion, Check, assertions, checks
from riverhead_emitter.model import Dataset, Lineage, Touched
from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_airflow.snapshot import CheckFacts, Said
    from riverhead_emitter.facets.facet import Facet

_ANY_FACET = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/BaseFacet"


def lineage_said(said: Said) -> Lineage:
    """Return an operator's own account; what has no name is left out."""
    return Lineage(_touched(said["inputs"], "inputFacets"), _touched(said["outputs"], "outputFacets"))


def whole(facets: Mapping[str, Any]) -> dict[str, Facet]:
    """Return facets that somebody made by hand with what every facet carries; what is none is left out."""
    carried = {"_producer": PRODUCER, "_schemaURL": _ANY_FACET}
    return {name: {**carried, **facet} for name, facet in facets.items() if isinstance(facet, dict)}


def with_checks(lineage: Lineage, results: Iterable[CheckFacts]) -> tuple[Lineage, dict[str, Facet]]:
    """Return the lineage with each check at the input that it is of, and a facet of the run for the others."""
    by_table: dict[str, list[CheckFacts]] = {}
    for result in results:
        by_table.setdefault((result["table"] or "").lower(), []).append(result)
    inputs, rest = [], by_table.pop("", [])
    for touched in lineage.inputs:
        tables = [table for table in by_table if f".{touched.dataset.name.lower()}".endswith(f".{table}")]
        made = [_assertion(result) for table in tables for result in by_table.pop(table)]
        traffic = {**touched.traffic, "dataQualityAssertions": assertions(made)} if made else touched.traffic
        inputs.append(replace(touched, traffic=traffic))
    rest += [result for results in by_table.values() for result in results]
    return replace(lineage, inputs=tuple(inputs)), {"test": checks(map(_check, rest))} if rest else {}


def _touched(datasets: Iterable[dict[str, Any]], traffic: str) -> tuple[Touched, ...]:
    return tuple(
        Touched(
            Dataset(dataset["namespace"], dataset["name"]),
            facets=whole(dataset.get("facets") or {}),
            traffic=whole(dataset.get(traffic) or {}),
        )
        for dataset in datasets
        if dataset.get("namespace") and dataset.get("name")
    )


def _assertion(result: CheckFacts) -> Assertion:
    return Assertion(
        result["check"],
        result["is_passed"],
        column=result["column"],
        severity=result["severity"],
        name=result["name"],
        description=result["description"],
        expected=result["expected"],
        actual=result["actual"],
        content=result["content"],
        content_type="sql" if result["content"] else None,
    )


def _check(result: CheckFacts) -> Check:
    return Check(
        result["name"],
        "pass" if result["is_passed"] else "fail",
        severity=result["severity"],
        type=result["check"],
        description=result["description"],
        expected=result["expected"],
        actual=result["actual"],
        content=result["content"],
        content_type="sql" if result["content"] else None,
    )
