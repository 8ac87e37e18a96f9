"""Databases behind JDBC, on the plans of every supported Spark and on URLs of several drivers."""

from __future__ import annotations

import json

import pytest

from riverhead_emitter.model import Field
from riverhead_spark.lineage import written_by
from riverhead_spark.plan import Node, Plan, plan_from
from riverhead_spark.sources import reads_of
from spark_plans import RECORDED, SPARKS, changes_of, edges_of, ends_of, fields_of, names_of, recorded

CANARY = "canary-3f9d"
SALES = "derby:memory:shop APP.SALES"


@pytest.mark.parametrize("spark", SPARKS)
def test_a_written_table_is_named_by_its_database(spark: str) -> None:
    made, appended, *_ = ends_of(spark, "jdbc")

    assert names_of(made["outputs"]) == names_of(appended["outputs"]) == [SALES]
    assert changes_of([made, appended]) == [("APP.SALES", "OVERWRITE"), ("APP.SALES", None)]
    assert edges_of(made) == {f"{name} <- orders.{name} IDENTITY" for name in ("id", "amount", "status")}


@pytest.mark.parametrize("spark", SPARKS)
def test_a_read_table_is_the_one_that_was_written(spark: str) -> None:
    reads = ends_of(spark, "jdbc")[2:]

    assert {name for event in reads for name in names_of(event["inputs"])} == {SALES}
    assert edges_of(reads[0]) == {f"{name} <- APP.SALES.{name} IDENTITY" for name in ("id", "amount", "status")}
    assert edges_of(reads[3]) == {"amount <- APP.SALES.amount IDENTITY"}


@pytest.mark.parametrize("spark", SPARKS)
def test_a_query_that_the_database_runs_is_followed_to_its_tables(spark: str) -> None:
    *_, query, subquery, _ = ends_of(spark, "jdbc")

    assert edges_of(query) >= {"ORDER_ID <- APP.SALES.id IDENTITY", "STATE <- APP.SALES.status TRANSFORMATION"}
    assert {edge for edge in edges_of(query) if edge.endswith("FILTER")} == {
        "ORDER_ID <- APP.SALES.amount FILTER",
        "STATE <- APP.SALES.amount FILTER",
    }
    assert "id <- APP.SALES.id IDENTITY" in edges_of(subquery)


@pytest.mark.parametrize("spark", SPARKS)
def test_a_table_over_jdbc_is_the_databases_table(spark: str) -> None:
    made, filled, read, *_ = ends_of(spark, "jdbc_tables")

    assert names_of(made["outputs"]) == names_of(filled["outputs"]) == names_of(read["inputs"]) == [SALES]
    assert changes_of([made]) == [("APP.SALES", None)], "only Spark's name for it was made"
    assert edges_of(filled) == {f"{name} <- orders.{name} IDENTITY" for name in ("id", "amount", "status")}


def test_spark_s_name_of_a_databases_table_is_dropped_without_the_table() -> None:
    options = {"url": "jdbc:postgresql://h:5432/shop", "dbtable": "orders"}
    sales = {"table": "default.sales", "type": "EXTERNAL", "provider": "jdbc", "options": options}
    node = {"n": "DropTableCommand", "ch": [], "f": {"tableName": sales}}

    assert written_by(plan_from({"nodes": [node], "attributes": {}, "cut": 0})) is None


@pytest.mark.parametrize("spark", SPARKS)
def test_a_jdbc_catalogs_table_is_filled_read_changed_and_dropped(spark: str) -> None:
    *_, filled, read, altered, dropped = ends_of(spark, "jdbc_tables")

    assert names_of(filled["outputs"]) == names_of(read["inputs"]) == [SALES]
    assert edges_of(read) == {"most <- APP.SALES.amount AGGREGATION", "most <- APP.SALES.id FILTER"}
    assert read["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 1, "the database itself looks for it"
    assert changes_of([filled, altered, dropped]) == [
        ("APP.SALES", None),
        ("APP.SALES", "ALTER"),
        ("APP.SALES", "DROP"),
    ]
    assert fields_of(altered["outputs"][0]) == ["id", "amount", "status", "note"]
    assert filled["outputs"][0]["facets"]["catalog"]["name"] == "shop"


@pytest.mark.parametrize("command", ["CreateTableAsSelect", "ReplaceTableAsSelect"])
def test_a_table_made_in_a_jdbc_catalog_is_an_output(command: str) -> None:
    catalog = {"catalog": "shop", "class": "JDBCTableCatalog", "url": "jdbc:postgresql://db/shop"}
    made = Node("ResolvedIdentifier", fields={"catalog": catalog, "identifier": "public.copies"})
    plan = Plan((Node(command, fields={"name": {"$": 1}, "query": {"$": 2}}), made, Node("Range", (), (1,))), {})

    told = written_by(plan)

    assert told is not None
    assert [output.dataset.name for output in told.lineage.outputs] == ["shop.public.copies"]
    assert told.label == "public_copies"


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize("name", RECORDED)
def test_no_secret_of_a_url_an_option_or_a_property_leaves_the_jvm(spark: str, name: str) -> None:
    told = [
        {key: value for key, value in execution.items() if key not in {"sql", "description"}}
        for observation in recorded(spark, name)
        for execution in observation.payload["executions"]
    ]

    assert CANARY not in json.dumps(told)


@pytest.mark.parametrize(
    ("url", "dbtable", "dataset"),
    [
        ("jdbc:postgresql://db/shop", "people", ("postgres://db:5432", "shop.public.people")),
        ("jdbc:postgresql://db/shop", '"Sales"."People"', ("postgres://db:5432", "shop.Sales.People")),
        ("jdbc:mysql://db:3307/shop", "`people`", ("mysql://db:3307", "shop.people")),
        ("jdbc:sqlserver://db;databaseName=shop", "[dbo].[people]", ("mssql://db:1433", "shop.dbo.people")),
        ("jdbc:oracle:@//db:1521/svc", "hr.people", ("oracle://db:1521", "SVC.HR.PEOPLE")),
        ("jdbc:h2:file:/data/shop", "people", ("h2:file:/data/shop", "PUBLIC.PEOPLE")),
        ("jdbc:h2:mem:shop", '"people"', ("h2:mem:shop", "PUBLIC.people")),
    ],
)
def test_a_table_is_named_as_its_database_keeps_it(url: str, dbtable: str, dataset: tuple[str, str]) -> None:
    (touched,) = reads_of(_relation(url, dbtable), ()).datasets

    assert (touched.dataset.namespace, touched.dataset.name) == dataset


@pytest.mark.parametrize(
    "dbtable",
    ["people p join orders o on p.id = o.person", "(select p.id from people p join orders o on p.id = o.person) t"],
)
def test_a_join_in_a_database_has_all_its_tables(dbtable: str) -> None:
    reading = reads_of(_relation("jdbc:postgresql://db/shop", dbtable), ())

    assert [touched.dataset.name for touched in reading.datasets] == ["shop.public.people", "shop.public.orders"]
    assert reading.query is not None
    assert {edge.how.value for edge in reading.query.datasets} == {"JOIN"}


def test_a_database_that_is_not_known_is_named_as_such() -> None:
    reading = reads_of(_relation("jdbc:unheard-of:x", "people"), ())

    assert reading.datasets == ()
    assert [each.what for each in reading.unresolved] == ["JDBC"]


def test_without_sqlglot_a_query_is_named_as_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sqlglot", None)
    for name in [name for name in sys.modules if name.startswith(("riverhead_sql.scripts", "sqlglot."))]:
        monkeypatch.delitem(sys.modules, name)

    reading = reads_of(_relation("jdbc:postgresql://db/shop", "(select 1) t"), ())

    assert reading.datasets == ()
    assert "sqlglot" in reading.unresolved[0].why


def test_all_fields_of_a_databases_only_table_are_those_that_spark_found() -> None:
    from riverhead_spark.plan import Attribute

    relation = _relation("jdbc:postgresql://db/shop", "(select * from people) t")

    reading = reads_of(relation, [Attribute(1, "id", "int"), Attribute(2, "name", "string")])

    assert reading.query is not None
    assert [edge.output.name for edge in reading.query.columns] == ["id", "name"]
    assert reading.datasets[0].fields in {(), (Field("id"), Field("name"))}


def _relation(url: str, dbtable: str) -> Node:
    return Node("LogicalRelation", fields={"relation": {"class": "JDBCRelation", "url": url, "dbtable": dbtable}})


def test_a_query_in_a_database_without_a_dialect_reads_names_as_the_database_does() -> None:
    reading = reads_of(_relation("jdbc:h2:mem:shop", "(select ID, upper(NAME) N from PEOPLE limit 2) t"), ())

    assert [touched.dataset.name for touched in reading.datasets] == ["PUBLIC.PEOPLE"]
    assert reading.query is not None
    assert {(edge.output.name, edge.source.name) for edge in reading.query.columns} == {("ID", "ID"), ("N", "NAME")}
