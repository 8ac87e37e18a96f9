"""Which column comes from which, on the plans of every supported Spark."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.model import Column, Dataset, Derivation
from riverhead_spark.columns import edges_of as edges_to
from riverhead_spark.columns import trace
from riverhead_spark.columns.traces import decided
from riverhead_spark.lineage import written_by
from riverhead_spark.plan import Plan, plan_from
from spark_plans import SPARKS, edges_of, events_of, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

EDGES = {
    "alias_and_cast": {
        "order_id <- orders.id IDENTITY",
        "whole <- orders.amount TRANSFORMATION",
        "hidden <- orders.status TRANSFORMATION",
    },
    "case": {
        "id <- orders.id IDENTITY",
        "x <- orders.amount TRANSFORMATION",
        "x <- orders.customer_id TRANSFORMATION",
        "x <- orders.status CONDITIONAL",
        "x <- orders.id CONDITIONAL",
    },
    "cte": {
        "s <- orders.amount AGGREGATION",
        "s2 <- orders.amount AGGREGATION",
        *(f"{column} <- orders.customer_id {kind}" for column in ("s", "s2") for kind in ("JOIN", "GROUP_BY")),
    },
    "filter_join_aggregate": {
        "country <- customers.country IDENTITY",
        "total <- orders.amount AGGREGATION",
        *(
            f"{column} <- {use}"
            for column in ("country", "total")
            for use in (
                "orders.amount FILTER",
                "orders.customer_id JOIN",
                "customers.id JOIN",
                "customers.country GROUP_BY",
            )
        ),
    },
    "in_subquery": {
        "id <- orders.id IDENTITY",
        "id <- orders.customer_id FILTER",
        "id <- customers.id FILTER",
        "id <- customers.country FILTER",
    },
    "insert_select": {"id <- orders.id IDENTITY", "total <- orders.amount TRANSFORMATION"},
    "save_as_table": {"id <- orders.id IDENTITY", "price <- orders.amount IDENTITY"},
    "scalar_subquery": {
        "name <- customers.name IDENTITY",
        "biggest <- orders.amount AGGREGATION",
        "biggest <- orders.customer_id FILTER",
        "biggest <- customers.id FILTER",
    },
    "sort": {
        "id <- orders.id IDENTITY",
        "amount <- orders.amount IDENTITY",
        "id <- orders.amount SORT",
        "amount <- orders.amount SORT",
    },
    "table_read": {"total <- ledger.total IDENTITY"},
    "union": {
        "id <- orders.id IDENTITY",
        "id <- customers.id IDENTITY",
        "label <- orders.status IDENTITY",
        "label <- customers.name IDENTITY",
    },
    "window": {
        "id <- orders.id IDENTITY",
        "r <- orders.status WINDOW",
        "r <- orders.amount WINDOW",
    },
}


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize("name", EDGES)
def test_each_column_of_an_output_keeps_its_sources_and_their_kinds(spark: str, name: str) -> None:
    complete = events_of(spark, name)[-1]

    assert complete["eventType"] == "COMPLETE"
    assert edges_of(complete) == EDGES[name]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_hashed_column_is_marked_as_masked(spark: str) -> None:
    complete = events_of(spark, "alias_and_cast")[-1]

    fields = complete["outputs"][0]["facets"]["columnLineage"]["fields"]
    masking = {name: entry["inputFields"][0]["transformations"][0]["masking"] for name, entry in fields.items()}
    assert masking == {"order_id": False, "whole": False, "hidden": True}


def test_an_unknown_operator_is_named_and_its_new_columns_have_no_source() -> None:
    plan = _plan(
        _node("Save", [1], {"query": {"$": 1}}),
        _node("Mystery", [2], {}, [1, 2]),
        _files("file:/lake/a"),
        names={1: "a", 2: "b"},
    )

    traced = trace(plan, 1)

    assert [each.what for each in traced.unresolved] == ["Mystery"]
    assert [len(traced.flow.columns.get(id_, ())) for id_ in (1, 2)] == [1, 0]


def test_a_source_that_is_not_understood_is_named() -> None:
    plan = _plan(_node("Save", [], {"query": {"$": 1}}), _node("JdbcThing", [], {}, [1]), names={1: "a"})

    assert [each.what for each in trace(plan, 1).unresolved] == ["JdbcThing"]


def test_a_command_that_writes_to_an_unknown_place_says_so_and_keeps_its_inputs() -> None:
    plan = _plan(_node("SaveIntoDataSourceCommand", [], {"query": {"$": 1}}), _files("file:/lake/a"), names={1: "a"})

    written = written_by(plan)

    assert written is not None
    assert [touched.dataset.name for touched in written.lineage.inputs] == ["/lake/a"]
    assert [each.what for each in written.lineage.unresolved] == ["SaveIntoDataSourceCommand"]


def test_a_v2_table_with_a_location_is_an_output() -> None:
    table = {"table": {"table": "lake.db.t", "class": "SomeTable", "location": "s3://bucket/t"}}
    append = _node("AppendData", [1], {"query": {"$": 1}, "table": {"$": 2}})
    plan = _plan(append, _files("file:/lake/a"), _node("DataSourceV2Relation", [], table, [2]), names={1: "a"})

    written = written_by(plan)

    assert written is not None
    assert [touched.dataset.namespace for touched in written.lineage.outputs] == ["s3://bucket"]
    assert written.label == "db_t"


@pytest.mark.parametrize("spark", SPARKS)
def test_a_literal_leaves_the_jvm_only_within_an_expressions_text(spark: str) -> None:
    from spark_plans import recorded

    plan = recorded(spark, "in_subquery")[-1].payload["executions"][0]["plan"]
    texts = [node["f"]["condition"].pop("s") for node in plan["nodes"] if "condition" in node["f"]]

    assert any("'DE'" in text for text in texts)
    assert "'DE'" not in str(plan)


def test_the_part_of_a_plan_that_was_too_large_is_named() -> None:
    plan = _plan(_node("Save", [1], {"query": {"$": 1}}), _node("Filter", [2], {}), names={}, cut=1)

    (unresolved,) = trace(plan, 1).unresolved
    assert unresolved.what == "a part of the plan that was too large to record"
    assert unresolved.why == "the record of a plan is bounded"


def test_a_field_that_was_too_large_is_named_although_every_operator_is_there() -> None:
    plan = _plan(_node("Save", [1], {"query": {"$": 1}}), _files("file:/lake/a"), names={1: "a"}, cut=1)

    assert [each.what for each in trace(plan, 1).unresolved] == ["a part of the plan that was too large to record"]


def test_a_deep_expression_keeps_its_columns_and_says_that_it_was_cut() -> None:
    deep = {"e": "Add", "id": 9, "refs": [1]}
    plan = _plan(
        _node("Save", [1], {"query": {"$": 1}}),
        _node("Project", [2], {"projectList": [{"e": "Alias", "id": 9, "k": [deep]}]}, [9]),
        _files("file:/lake/a"),
        names={1: "a", 9: "sum"},
    )

    traced = trace(plan, 1)

    assert [each.what for each in traced.unresolved] == ["Add"]
    assert len(traced.flow.columns[9]) == 1


# The tap's own bound, and a clause of a MERGE with an assignment round it.
DEEPEST = 104


@pytest.mark.parametrize(
    "round_it",
    [
        lambda inner: {"e": "Add", "k": [inner, None]},
        lambda inner: {"e": "AggregateExpression", "k": [inner]},
        lambda inner: {"e": "CaseWhen", "k": [inner, None]},
        lambda inner: {"e": "CreateNamedStruct", "k": [None, inner], "names": ["a"]},
        lambda inner: {"e": "MaxBy", "k": [None, inner]},
        lambda inner: {"e": "UpdateFields", "k": [None, inner], "names": ["a"], "with": ["a"]},
        lambda inner: {"e": "WindowExpression", "k": [None, inner]},
    ],
)
def test_an_expression_as_deep_as_the_tap_writes_is_followed(round_it: Callable[[Any], Any]) -> None:
    deep: Any = 1
    for _ in range(DEEPEST):
        deep = round_it(deep)
    plan = _plan(
        _node("Project", [1], {"projectList": [{"e": "Alias", "id": 9, "k": [deep]}]}, [9]),
        _files("file:/lake/a"),
        names={1: "a", 9: "b"},
    )

    assert len(trace(plan, 0).flow.columns[9]) == 1


def test_a_plan_of_ten_thousand_operators_needs_no_recursion() -> None:
    deep = 10_000
    filters = [_node("Filter", [place + 1], {"condition": None}) for place in range(1, deep)]
    plan = _plan(_node("Save", [1], {"query": {"$": 1}}), *filters, _files("file:/lake/a"), names={1: "a"})

    assert len(trace(plan, 1).flow.columns[1]) == 1


def test_a_common_table_that_refers_to_itself_ends() -> None:
    plan = _plan(
        _node("Save", [1], {"query": {"$": 1}}),
        _node("CTERelationDef", [2], {"id": 5}),
        _node("CTERelationRef", [], {"cteId": 5}, [1]),
        names={1: "a"},
    )

    assert trace(plan, 1).inputs == ()


def test_a_function_over_many_columns_is_bounded_and_says_so() -> None:
    given, made = list(range(1, 1001)), list(range(2001, 3001))
    plan = _plan(_node("MapInPandas", [1], {}, made), {**_files("file:/lake/a"), "o": given}, names=_named(given))

    edges = edges_to(Dataset("", "out"), [(f"c{id_}", id_) for id_ in made], trace(plan, 0).flow)

    assert len(edges.columns) < 100_000
    assert [each.what for each in edges.unresolved] == ["the columns of an output"]


def test_of_many_conditions_on_one_column_the_first_stand_for_all() -> None:
    conditions = [{"e": "GreaterThan", "k": [1, None], "s": f"(a > {number})"} for number in range(20)]
    filters = [_node("Filter", [at + 1], {"condition": condition}) for at, condition in enumerate(conditions)]
    plan = _plan(*filters, _files("file:/lake/a"), names={1: "a"})

    edges = edges_to(Dataset("", "out"), [("a", 1)], trace(plan, 0).flow)

    assert [edge.expression for edge in edges.datasets] == [f"(a > {number})" for number in range(19, 14, -1)]


def test_a_typed_function_of_scala_takes_all_that_its_object_is_made_of() -> None:
    made = {"e": "Alias", "id": 5, "k": [{"e": "Invoke", "k": [4]}]}
    plan = _plan(
        _node("SerializeFromObject", [1], {"serializer": [made]}, [5]),
        _node("MapElements", [2], {"outputObjAttr": 4}, [4]),
        _node("DeserializeToObject", [3], {"deserializer": {"e": "NewInstance", "k": [1, 2]}, "outputObjAttr": 3}, [3]),
        {**_files("file:/lake/a"), "o": [1, 2]},
        names={1: "a", 2: "b"},
    )

    traced = trace(plan, 0)

    assert [trace.source.name for trace in traced.flow.columns[5] if isinstance(trace.source, Column)] == ["a", "b"]
    assert [each.what for each in traced.unresolved] == ["MapElements"]


def test_a_frame_that_was_kept_in_between_is_followed_to_what_it_was_made_of() -> None:
    plan = _plan(
        _node("Project", [1], {"projectList": [3]}, [3]),
        _node("LogicalRDD", [], {"origin": {"$": 2}}, [3]),
        _node("Filter", [3], {"condition": {"e": "IsNotNull", "k": [1]}}),
        _files("file:/lake/a"),
        names={1: "a"},
    )

    traced = trace(plan, 0)

    assert [trace.source for trace in traced.flow.columns[3]] == [Column(Dataset("file", "/lake/a"), "a")]
    assert [trace.how for trace in decided(traced.flow)] == [Derivation.FILTER]
    assert traced.unresolved == ()


def test_a_structure_taken_apart_again_gives_each_field_its_own_source() -> None:
    structure = {"e": "CreateNamedStruct", "names": ["x", "y"], "k": [None, 1, None, {"e": "Upper", "k": [2]}]}
    plan = _plan(
        _node("Project", [1], {"projectList": [{"e": "Alias", "id": 4, "k": [_taken(3, "y")]}]}, [4]),
        _node("Project", [2], {"projectList": [{"e": "Alias", "id": 3, "k": [structure]}]}, [3]),
        {**_files("file:/lake/a"), "o": [1, 2]},
        names={1: "a", 2: "b"},
    )

    (found,) = trace(plan, 0).flow.columns[4]

    assert found.source == Column(Dataset("file", "/lake/a"), "b")


def test_a_value_is_masked_only_where_every_way_masks() -> None:
    masked, plain = {"e": "Md5", "k": [1]}, {"e": "Upper", "k": [1]}
    both = {"e": "Alias", "id": 2, "k": [{"e": "Concat", "k": [masked, plain]}]}
    only = {"e": "Alias", "id": 3, "k": [{"e": "Concat", "k": [masked, masked]}]}
    plan = _plan(_node("Project", [1], {"projectList": [both, only]}, [2, 3]), _files("file:/lake/a"), names={1: "a"})

    edges = edges_to(Dataset("", "out"), [("both", 2), ("only", 3)], trace(plan, 0).flow)

    assert [edge.is_masking for edge in edges.columns] == [False, True]


@pytest.mark.parametrize(
    "dump",
    [None, [], {}, {"nodes": []}, {"nodes": [{}], "attributes": {}}, {"nodes": [], "attributes": {}}, {"nodes": 1}],
)
def test_a_dump_that_is_none_is_an_unreadable_record(dump: object) -> None:
    with pytest.raises(UnreadableRecord):
        plan_from(dump)


def _plan_of(spark: str, name: str) -> Plan:
    from spark_plans import recorded

    return plan_from(recorded(spark, name)[-1].payload["executions"][0]["plan"])


def _plan(*nodes: dict[str, Any], names: dict[int, str], cut: int = 0) -> Plan:
    attributes = {str(id_): [name, "int"] for id_, name in names.items()}
    return plan_from({"nodes": list(nodes), "attributes": attributes, "cut": cut})


def _node(name: str, children: list[int], fields: dict[str, Any], output: list[int] | None = None) -> dict[str, Any]:
    return {"n": name, "ch": children, "f": fields, **({} if output is None else {"o": output})}


def _taken(structure: Any, field: str) -> dict[str, Any]:
    return {"e": "GetStructField", "field": field, "k": [structure]}


def _named(ids: list[int]) -> dict[int, str]:
    return {id_: f"c{id_}" for id_ in ids}


def _files(path: str) -> dict[str, Any]:
    return _node("LogicalRelation", [], {"relation": {"format": "Parquet", "paths": [path]}}, [1])


def test_an_end_is_understood_with_what_its_start_was(recorded_plan: dict[str, Any]) -> None:
    again = json.loads(json.dumps(recorded_plan))

    plan = plan_from(recorded_plan)

    assert plan_from(again) is plan
    assert trace(plan, 0) is trace(plan, 0)


def test_a_command_puts_out_nothing_of_what_its_query_does() -> None:
    command = _node("InsertIntoHadoopFsRelationCommand", [1], {}, [])
    query = _node("Project", [], {"projectList": [1, {"e": "Alias", "id": 2}]}, None)

    plan = plan_from({"nodes": [command, query], "attributes": {}, "cut": 0})

    assert (plan.output(0), plan.output(1)) == ((), (1, 2))


def test_what_was_understood_is_kept_for_a_moment_only(recorded_plan: dict[str, Any]) -> None:
    plan = plan_from(recorded_plan)
    for cut in (1, 2):
        plan_from({**recorded_plan, "cut": cut})

    assert plan_from(recorded_plan) is not plan


@pytest.fixture
def recorded_plan() -> dict[str, Any]:
    plan: dict[str, Any] = recorded(SPARKS[-1], "case")[0].payload["executions"][0]["plan"]
    return plan
