"""Lineage as facets: `columnLineage`, and the explicit `lineage` where that one is not enough."""

from __future__ import annotations

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

import openlineage_schemas
from riverhead_emitter.facets.column_lineage import (
    MOST_COLUMNS_WITH_REPEATED_EDGES,
    MOST_REPEATED_EDGES,
    column_lineage,
)
from riverhead_emitter.facets.lineage import dataset_lineage, job_lineage
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Field,
    Flow,
    Job,
    Lineage,
    Run,
    Touched,
)

ORDERS, TOTALS = Dataset("postgres://db:5432", "shop.public.orders"), Dataset("file", "/totals.parquet")
RAW, FRAUD = Dataset("file", "/raw"), Dataset("file", "/fraud")
TASK, OTHER = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
OWN = Run(TASK, Job("air", "dag.task"))
UPSTREAM = Run(OTHER, Job("air", "dag.before"))


def filtered(columns: int) -> Lineage:
    """As many columns, each copied, behind one filter."""
    return Lineage(
        columns=tuple(
            ColumnEdge(Column(TOTALS, f"c{at}"), Column(ORDERS, f"c{at}"), Derivation.IDENTITY) for at in range(columns)
        ),
        datasets=(DatasetEdge(TOTALS, Column(ORDERS, "paid"), Derivation.FILTER, "paid"),),
    )


def test_what_decides_about_rows_is_repeated_per_column_up_to_fifty_columns() -> None:
    facet = column_lineage(Touched(TOTALS), filtered(MOST_COLUMNS_WITH_REPEATED_EDGES))

    assert facet is not None
    assert "dataset" not in facet
    assert [entry["field"] for entry in facet["fields"]["c7"]["inputFields"]] == ["c7", "paid"]


def test_above_fifty_columns_what_decides_about_rows_stands_once_for_the_dataset() -> None:
    facet = column_lineage(Touched(TOTALS), filtered(MOST_COLUMNS_WITH_REPEATED_EDGES + 1))

    assert facet is not None
    assert [entry["field"] for entry in facet["dataset"]] == ["paid"]
    assert [entry["field"] for entry in facet["fields"]["c7"]["inputFields"]] == ["c7"]


def test_many_uses_that_decide_about_rows_stand_once_for_the_dataset_even_with_few_columns() -> None:
    uses = tuple(
        DatasetEdge(TOTALS, Column(ORDERS, f"k{at}"), Derivation.JOIN) for at in range(MOST_REPEATED_EDGES // 2 + 1)
    )

    facet = column_lineage(Touched(TOTALS), Lineage(columns=filtered(2).columns, datasets=uses))

    assert facet is not None
    assert len(facet["dataset"]) == len(uses)
    assert [entry["field"] for entry in facet["fields"]["c0"]["inputFields"]] == ["c0"]


def test_an_output_of_which_no_column_is_known_still_says_what_filtered_it() -> None:
    facet = column_lineage(Touched(TOTALS), Lineage(datasets=filtered(0).datasets))

    assert facet is not None
    assert facet["fields"] == {}
    assert [entry["field"] for entry in facet["dataset"]] == ["paid"]


def test_an_output_of_which_nothing_is_known_has_no_column_lineage() -> None:
    assert column_lineage(Touched(ORDERS), filtered(3)) is None


def test_a_use_that_is_told_twice_is_said_once() -> None:
    edge = ColumnEdge(Column(TOTALS, "a"), Column(ORDERS, "a"), Derivation.IDENTITY)
    other = ColumnEdge(Column(TOTALS, "a"), Column(ORDERS, "a"), Derivation.JOIN, "a = b")

    facet = column_lineage(Touched(TOTALS), Lineage(columns=(edge, other, edge)))

    assert facet is not None
    (field,) = facet["fields"]["a"]["inputFields"]
    assert [use["subtype"] for use in field["transformations"]] == ["IDENTITY", "JOIN"]


def test_an_output_has_only_its_own_columns() -> None:
    edges = tuple(
        ColumnEdge(Column(output, name), Column(ORDERS, name), Derivation.IDENTITY)
        for output, name in ((TOTALS, "a"), (RAW, "b"))
    )

    facet = column_lineage(Touched(RAW, (Field("b"), Field("c"))), Lineage(columns=edges))

    assert facet is not None
    assert set(facet["fields"]) == {"b"}


def two_by_two(*flows: Flow, columns: tuple[ColumnEdge, ...] = ()) -> Lineage:
    """Two inputs, two outputs, and what is told of their flows."""
    return Lineage((Touched(ORDERS), Touched(RAW)), (Touched(TOTALS), Touched(FRAUD)), columns, flows=flows)


def told(lineage: Lineage) -> dict[str, list[str]] | None:
    """The names of the sources of each target, as the explicit facet has them."""
    facet = job_lineage(lineage, OWN)
    if facet is None:
        return None
    return {
        entry.get("name", "own job"): [source.get("name", "own job") for source in entry["inputs"]]
        for entry in facet["entries"]
    }


def test_without_flows_there_is_no_explicit_lineage() -> None:
    assert told(two_by_two(columns=filtered(3).columns)) is None


def test_flows_of_every_input_into_every_output_need_no_explicit_lineage() -> None:
    every = [Flow(output, source) for output in (TOTALS, FRAUD) for source in (ORDERS, RAW)]

    assert told(two_by_two(*every)) is None


def test_flows_that_the_columns_say_need_no_explicit_lineage() -> None:
    assert told(two_by_two(Flow(TOTALS, ORDERS), columns=filtered(3).columns)) is None


def test_several_flows_in_one_job_are_told_apart() -> None:
    assert told(two_by_two(Flow(TOTALS, ORDERS), Flow(FRAUD, RAW))) == {
        TOTALS.name: [ORDERS.name],
        FRAUD.name: [RAW.name],
    }


def test_explicit_lineage_is_whole_and_tells_the_outputs_of_which_no_flow_is_told() -> None:
    assert told(two_by_two(Flow(TOTALS, ORDERS))) == {TOTALS.name: [ORDERS.name], FRAUD.name: [ORDERS.name, RAW.name]}


def test_an_output_of_which_only_columns_are_told_comes_from_where_they_come_from() -> None:
    facet = job_lineage(two_by_two(Flow(FRAUD, RAW), columns=filtered(1).columns), OWN)

    assert facet is not None
    totals = facet["entries"][0]
    assert [source["name"] for source in totals["inputs"]] == [ORDERS.name]
    assert [source["field"] for source in totals["fields"]["c0"]["inputs"]] == ["c0"]


def test_an_output_that_came_from_nothing_tracked_says_so() -> None:
    assert told(two_by_two(Flow(TOTALS, None), Flow(FRAUD, RAW))) == {TOTALS.name: [], FRAUD.name: [RAW.name]}


def test_data_that_another_job_handed_over_names_the_job_and_its_run() -> None:
    facet = job_lineage(Lineage(flows=(Flow(OWN, UPSTREAM),)), OWN)

    assert facet is not None
    source = {"type": "JOB", "namespace": "air", "name": "dag.before", "runId": OTHER}
    assert facet["entries"] == [{"type": "JOB", "inputs": [source]}]


def test_data_that_an_earlier_run_of_the_same_job_handed_over_names_that_run() -> None:
    facet = job_lineage(Lineage(flows=(Flow(OWN.job, Run(OTHER, OWN.job)),)), OWN)

    assert facet is not None
    assert facet["entries"] == [{"type": "JOB", "inputs": [{"type": "JOB", "runId": OTHER}]}]


def test_a_column_from_a_dataset_of_which_no_column_is_known_is_told() -> None:
    whole = Lineage(
        (Touched(RAW),), (Touched(TOTALS),), flows=(Flow(Column(TOTALS, "vector"), RAW, Derivation.TRANSFORMATION),)
    )

    facet = job_lineage(whole, OWN)

    assert facet is not None
    (entry,) = facet["entries"]
    (source,) = entry["fields"]["vector"]["inputs"]
    assert (source["name"], "field" in source) == (RAW.name, False)
    assert [way["subtype"] for way in source["transformations"]] == ["TRANSFORMATION"]
    assert [dataset["name"] for dataset in entry["inputs"]] == [RAW.name]


def test_a_column_that_a_job_reads_and_writes_nowhere_is_told() -> None:
    facet = job_lineage(Lineage((Touched(ORDERS),), flows=(Flow(OWN, Column(ORDERS, "mail")),)), OWN)

    assert facet is not None
    source = {"namespace": ORDERS.namespace, "name": ORDERS.name, "type": "DATASET", "field": "mail"}
    assert facet["entries"] == [{"type": "JOB", "inputs": [source]}]


DATASETS = st.sampled_from([ORDERS, RAW, TOTALS, FRAUD])
COLUMNS = st.builds(Column, DATASETS, st.sampled_from(["a", "b"]))
JOBS = st.sampled_from([OWN, UPSTREAM, OWN.job, UPSTREAM.job])
HOW = st.sampled_from(Derivation)
FLOWS = st.builds(Flow, DATASETS | COLUMNS | JOBS, st.none() | DATASETS | COLUMNS | JOBS, st.none() | HOW)
LINEAGES = st.builds(
    Lineage,
    st.lists(st.builds(Touched, DATASETS), max_size=3).map(tuple),
    st.lists(st.builds(Touched, DATASETS), max_size=3).map(tuple),
    st.lists(st.builds(ColumnEdge, COLUMNS, COLUMNS, HOW), max_size=4).map(tuple),
    st.lists(st.builds(DatasetEdge, DATASETS, COLUMNS, HOW), max_size=3).map(tuple),
    flows=st.lists(FLOWS, min_size=1, max_size=5).map(tuple),
)


@given(LINEAGES)
@hypothesis.settings(max_examples=60, deadline=None)
def test_explicit_lineage_of_anything_keeps_its_schema_and_has_every_output_and_every_target_once(
    lineage: Lineage,
) -> None:
    facet = job_lineage(lineage, OWN)
    if facet is None:
        return

    if openlineage_schemas.are_at_hand():
        assert openlineage_schemas.problems_against(facet["_schemaURL"], facet) == []
    named = [entry["name"] for entry in facet["entries"] if entry["type"] == "DATASET"]
    outputs = {touched.dataset for touched in lineage.outputs}
    targets = {flow.output.dataset if isinstance(flow.output, Column) else flow.output for flow in lineage.flows}
    assert sorted(named) == sorted(
        dataset.name for dataset in outputs | {target for target in targets if isinstance(target, Dataset)}
    )


def test_masking_of_a_dataset_without_columns_is_told() -> None:
    lineage = Lineage(
        (Touched(RAW),), (Touched(FRAUD),), flows=(Flow(FRAUD, RAW, Derivation.TRANSFORMATION, "redacted", True),)
    )

    facet = job_lineage(lineage, OWN)

    assert facet is not None
    (source,) = facet["entries"][0]["inputs"]
    assert source["transformations"][0]["masking"] is True


def test_a_dataset_without_flows_has_no_explicit_lineage_of_its_own() -> None:
    assert dataset_lineage(RAW, Lineage(flows=(Flow(TOTALS, RAW),))) is None
