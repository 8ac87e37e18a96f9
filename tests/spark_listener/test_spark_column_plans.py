"""Which column comes from which, told by hand for the analysed plans of `tests/plans/column_queries.py`."""

from __future__ import annotations

import pytest

from spark_plans import SPARKS, column_plan, columns_of, edges_in, unresolved_of

# Output column → its sources; `*` are those that decide about every row. The letters: Identity, Transformation,
# Aggregation; Join, Filter, Group, Sort, Window, Conditional; a small m marks a masked value.
EXPECTED: dict[str, dict[str, dict[str, str]]] = {
    "joins": {
        "inner": {
            "id": "orders.id:I",
            "name": "customers.name:I",
            "*": "orders.customer_id:J customers.id:J orders.amount:J",
        },
        "using": {
            "id": "orders.id:T customers.id:T",
            "name": "customers.name:I",
            "*": "orders.id:J customers.id:J",
        },
        "semi": {"id": "orders.id:I", "*": "orders.customer_id:J customers.id:J"},
        "anti": {"id": "orders.id:I", "*": "orders.customer_id:J customers.id:J"},
        "cross": {"id": "orders.id:I", "name": "customers.name:I"},
        "self": {"x": "orders.amount:I", "y": "orders.status:I", "*": "orders.id:J orders.customer_id:J"},
        "lateral": {
            "id": "orders.id:I",
            "label": "customers.name:T orders.status:T",
            "*": "customers.id:F orders.customer_id:F",
        },
        "as_of": {"status": "orders.status:I", "name": "customers.name:I", "*": "orders.amount:J customers.id:J"},
    },
    "set_operations": {
        "union_all": {"id": "orders.id:I customers.id:I", "label": "orders.status:I customers.name:I"},
        "union": {"id": "orders.id:I customers.id:I"},
        "union_with_implicit_cast": {"x": "orders.id:I orders.amount:I"},
        "union_by_name": {"id": "orders.id:I", "amount": "orders.amount:I", "status": "orders.status:I"},
        "intersect": {"id": "orders.id:I", "*": "orders.id:F customers.id:F"},
        "except_all": {"id": "orders.id:I", "*": "orders.id:F customers.id:F"},
        "branches": {"a": "orders.id:T customers.id:T"},
    },
    "aggregates": {
        "kinds": {
            "status": "orders.status:I",
            "s": "orders.amount:A",
            "n": "orders.id:Am",
            "c": "",
            "d": "orders.day:Am",
            "f": "orders.amount:A orders.day:C",
            "m": "orders.id:A orders.amount:C",
            "*": "orders.status:G",
        },
        "grouping_sets": {
            "status": "orders.status:I",
            "customer_id": "orders.customer_id:I",
            "g": "",
            "s": "orders.amount:A",
            "*": "orders.status:G orders.customer_id:G",
        },
        "cube": {
            "status": "orders.status:I",
            "d": "orders.day:T",
            "n": "orders.id:Am",
            "*": "orders.status:G orders.day:G",
        },
        "having": {"status": "orders.status:I", "n": "orders.id:Am", "*": "orders.status:G orders.amount:F"},
        "pivot": {
            "customer_id": "orders.customer_id:I",
            "A": "orders.amount:A orders.status:C",
            "B": "orders.amount:A orders.status:C",
            "*": "orders.customer_id:G orders.status:G",
        },
        "unpivot": {"id": "orders.id:I", "k": "", "v": "orders.amount:I orders.customer_id:T"},
        "stack": {"id": "orders.id:I", "k": "", "v": "orders.amount:T orders.customer_id:T"},
        "distinct": {"status": "orders.status:I", "*": "orders.status:G"},
        "drop_duplicates": {"id": "orders.id:I", "status": "orders.status:I", "*": "orders.status:G"},
    },
    "windows": {
        "functions": {
            "rn": "orders.customer_id:W orders.day:W",
            "r": "orders.amount:W",
            "s": "orders.amount:A orders.status:W",
            "l": "orders.amount:T orders.day:W",
            "f": "orders.status:T orders.day:W",
        },
        "after_aggregate": {
            "status": "orders.status:I",
            "s": "orders.amount:A",
            "r": "orders.amount:W",
            "*": "orders.status:G",
        },
        "qualified": {"id": "orders.id:I", "*": "orders.status:F orders.day:F"},
    },
    "nested": {
        "access": {
            "user": "nested.user:I",
            "t0": "nested.tags:T",
            "pk": "nested.props:T",
            "q": "nested.lines.qty:T",
            "skus": "nested.lines.sku:I",
            "uid": "nested.user.uid:I",
        },
        "with_field": {
            "named": "nested.user.uid:T nested.props:T",
            "dropped": "nested.user.uid:T",
            "uid": "nested.user.uid:I",
        },
        "made": {"s": "nested.id:T nested.user.name:T", "a": "nested.id:I", "c": "nested.user.name:T"},
        "explode": {"id": "nested.id:I", "line": "nested.lines:T", "qty": "nested.lines.qty:T"},
        "explode_map": {"key": "nested.props:T", "value": "nested.props:T"},
        "posexplode": {"pos": "nested.tags:T", "col": "nested.tags:T"},
        "inline": {"sku": "nested.lines.sku:T", "qty": "nested.lines.qty:T"},
        "lateral_view": {"id": "nested.id:I", "t": "nested.tags:T", "*": "nested.tags:F"},
        "json": {"a": "orders.status:T", "b": "orders.status:T", "c": "orders.status:T"},
        "higher_order": {
            "t": "nested.lines:T nested.id:T",
            "f": "nested.tags:T",
            "a": "nested.lines:T",
            "e": "nested.tags:T",
        },
        "collected": {"amounts": "orders.amount:A"},
    },
    "expressions": {
        "choices": {
            "x": "orders.amount:T orders.customer_id:T orders.status:C orders.day:C",
            "y": "orders.status:T orders.day:T orders.amount:C",
            "z": "orders.status:T orders.day:T",
            "n": "orders.day:T orders.id:T orders.status:C",
            "d": "orders.day:T orders.status:C",
        },
        "masked": {
            "a": "orders.status:Tm",
            "b": "orders.status:Tm",
            "c": "orders.status:Tm",
            "d": "orders.status:T",
            "e": "orders.status:T",
            "f": "orders.status:Tm orders.day:Tm",
        },
        "filters": {"id": "orders.id:I", "*": "orders.status:F orders.amount:F orders.day:F orders.id:F"},
        "sample": {"id": "orders.id:I"},
        "sort_and_limit": {"id": "orders.id:I", "*": "orders.amount:S orders.status:S"},
        "repartition": {"id": "orders.id:I"},
        "file_metadata": {"id": "orders.id:I", "file_name": ""},
        "text_of_the_last_change": {"more": "orders.amount:T", "same": "orders.amount:T"},
        "observed": {"id": "orders.id:I"},
        "hundred_columns": {"id": "orders.id:I", "amount": "orders.amount:T"},
    },
    "subqueries": {
        "scalar": {"id": "orders.id:I", "r": "orders.amount:A orders.day:F"},
        "correlated": {
            "name": "customers.name:I",
            "total": "orders.amount:A orders.customer_id:F customers.id:F",
        },
        "exists": {
            "id": "orders.id:I",
            "*": "orders.customer_id:F customers.id:F customers.country:F",
        },
        "not_in": {"id": "orders.id:I", "*": "orders.customer_id:F customers.id:F"},
        "as_values": {
            "id": "orders.id:I",
            "i": "orders.customer_id:T customers.id:T",
            "e": "customers.id:F orders.customer_id:F",
        },
        "struct_of_outer_query": {"x": "customers.name:A customers.id:F nested.user.uid:F"},
        "common_table_twice": {
            "s": "orders.amount:A",
            "customer_id": "orders.customer_id:I",
            "*": "orders.customer_id:G orders.amount:J",
        },
    },
    "python": {
        "udf": {"id": "orders.id:I", "total": "orders.amount:T orders.customer_id:T"},
        "pandas_aggregate": {"status": "orders.status:I", "mean": "orders.amount:A", "*": "orders.status:G"},
        "map_in_pandas": {"id": "orders.id:T orders.amount:T", "doubled": "orders.id:T orders.amount:T"},
        "map_in_arrow": {"id": "orders.id:T orders.amount:T", "doubled": "orders.id:T orders.amount:T"},
        "apply_in_pandas": {
            "status": "orders.id:T orders.amount:T orders.status:T",
            "total": "orders.id:T orders.amount:T orders.status:T",
            "*": "orders.status:G",
        },
        "cogroup": {
            "id": "orders.id:T orders.customer_id:T customers.id:T customers.name:T",
            "n": "orders.id:T orders.customer_id:T customers.id:T customers.name:T",
            "*": "orders.customer_id:J customers.id:J",
        },
        "udtf": {"id": "orders.id:I", "b": "orders.customer_id:T"},
    },
}
SINCE_4: dict[str, dict[str, str]] = {
    "recursive": {
        "id": "orders.id:I",
        "boss": "orders.customer_id:I orders.id:I",
        "*": "orders.id:F orders.customer_id:J orders.id:J",
    },
    "pipe": {
        "status": "orders.status:I",
        "s": "orders.amount:A",
        "t": "orders.amount:A",
        "*": "orders.amount:F orders.status:G",
    },
    "variable": {"x": "orders.id:T"},
    "sql_function": {
        "p": "orders.id:T customers.id:T",
        "amount": "orders.amount:I",
        "*": "orders.status:F customers.name:F",
    },
    "listagg": {"l": "orders.status:A orders.day:W"},
}
HIDING = {"apply_in_pandas", "cogroup", "map_in_arrow", "map_in_pandas", "udtf"}
QUERIES = [(family, query) for family, queries in EXPECTED.items() for query in queries]


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(("family", "query"), QUERIES)
def test_each_column_has_the_sources_that_the_query_gives_it(spark: str, family: str, query: str) -> None:
    expected = {column: set(sources.split()) for column, sources in EXPECTED[family][query].items()}

    assert columns_of(column_plan(spark, family, query)) == expected


@pytest.mark.parametrize("spark", [spark for spark in SPARKS if spark >= "4"])
@pytest.mark.parametrize("query", SINCE_4)
def test_each_column_of_what_spark_4_added_has_its_sources(spark: str, query: str) -> None:
    expected = {column: set(sources.split()) for column, sources in SINCE_4[query].items()}

    assert columns_of(column_plan(spark, "since_4", query)) == expected


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(("family", "query"), QUERIES)
def test_only_functions_that_hide_what_they_do_are_unresolved(spark: str, family: str, query: str) -> None:
    assert bool(unresolved_of(column_plan(spark, family, query))) == (query in HIDING)


@pytest.mark.parametrize("spark", [spark for spark in SPARKS if spark >= "4"])
@pytest.mark.parametrize("query", SINCE_4)
def test_nothing_that_spark_4_added_is_unresolved(spark: str, query: str) -> None:
    assert unresolved_of(column_plan(spark, "since_4", query)) == []


TEXTS = {
    ("expressions", "text_of_the_last_change"): {
        "more": "(__auto_generated_subquery_name.twice + CAST(1 AS DOUBLE))",
        "same": "(orders.amount * CAST(2 AS DOUBLE))",
    },
    ("expressions", "hundred_columns"): {"id": "", "amount": "(amount + CAST(99 AS DOUBLE))"},
    ("set_operations", "union_with_implicit_cast"): {"x": ""},
    ("python", "pandas_aggregate"): {"status": "", "mean": "mean(amount)"},
}


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(("family", "query"), TEXTS)
def test_an_edge_carries_the_last_expression_that_changed_the_value(spark: str, family: str, query: str) -> None:
    edges = edges_in(column_plan(spark, family, query)).columns

    assert {edge.output.name: edge.expression for edge in edges} == TEXTS[family, query]


@pytest.mark.parametrize("spark", SPARKS)
def test_each_part_of_a_condition_is_the_text_of_its_own_columns(spark: str) -> None:
    edges = edges_in(column_plan(spark, "expressions", "filters")).datasets

    texts = {edge.source.name: edge.expression for edge in edges}
    assert texts["status"] == "(orders.status = 'A')"
    assert texts["day"] == "((orders.amount > CAST(5 AS DOUBLE)) OR (orders.day > '2024'))"
    assert texts["amount"] == texts["day"]
