"""Tables and views that Spark fills, on the plans of every supported Spark."""

from __future__ import annotations

from typing import Any

import pytest

from riverhead_emitter.facets.dataset import dataset_version, lifecycle_state_change
from riverhead_emitter.model import Dataset, Lineage, Touched
from riverhead_spark.lineage import joined
from riverhead_spark.plan import Node
from riverhead_spark.sources import reads_of
from spark_plans import SPARKS, changes_of, edges_of, ends_of, fields_of, names_of


@pytest.mark.parametrize("spark", SPARKS)
def test_a_table_made_from_a_query_is_created_where_it_lies(spark: str) -> None:
    made = ends_of(spark, "tables_made_from_queries")

    assert changes_of(made) == [
        ("/lake/warehouse/made", "CREATE"),
        ("/lake/made_outside", "CREATE"),
        ("/lake/warehouse/made_buckets", "CREATE"),
    ]
    assert edges_of(made[0]) == {"id <- orders.id IDENTITY", "status <- orders.status IDENTITY"}
    assert made[1]["outputs"][0]["facets"]["storage"]["fileFormat"] == "json"


@pytest.mark.parametrize("spark", SPARKS)
def test_a_partitions_value_comes_from_a_column_only_where_it_is_one(spark: str) -> None:
    _, dynamic, static, listed = ends_of(spark, "inserts_into_partitions")

    assert edges_of(dynamic) == {"id <- orders.id IDENTITY", "q <- orders.status IDENTITY"}
    assert edges_of(static) == {"id <- orders.id IDENTITY"}
    assert edges_of(listed) == {"id <- orders.id IDENTITY", "q <- orders.status IDENTITY"}
    assert fields_of(static["outputs"][0]) == ["id", "p", "q"]
    assert changes_of([dynamic, static]) == [("/lake/warehouse/parted", "OVERWRITE"), ("/lake/warehouse/parted", None)]


@pytest.mark.parametrize("spark", SPARKS)
def test_each_insert_of_one_statement_has_its_own_columns(spark: str) -> None:
    # Spark 3.5 runs each by itself, later ones run all of them in one.
    _, _, *inserted = ends_of(spark, "inserts_of_one_statement")

    assert changes_of(inserted) == [("/lake/warehouse/left_ids", None), ("/lake/warehouse/right_ids", "OVERWRITE")]
    left, right = [output for event in inserted for output in event["outputs"]]
    assert _direct_sources(left, "id") == ["id"]
    assert _direct_sources(right, "id") == ["customer_id"]
    rows = [output["outputFacets"]["outputStatistics"]["rowCount"] for output in (left, right)]
    assert rows == [3, 2]


def _direct_sources(output: dict[str, Any], column: str) -> list[str]:
    sources = output["facets"]["columnLineage"]["fields"][column]["inputFields"]
    return [each["field"] for each in sources if each["transformations"][0]["type"] == "DIRECT"]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_view_is_a_dataset_made_from_what_its_definition_reads(spark: str) -> None:
    made, again, above, *_ = ends_of(spark, "views")

    assert names_of(made["outputs"]) == ["file:/lake/warehouse default.big"]
    assert names_of(made["inputs"]) == names_of(above["inputs"]) == ["file /lake/orders"]
    assert made["outputs"][0]["facets"]["datasetType"]["datasetType"] == "VIEW"
    assert "id <- orders.id IDENTITY" in edges_of(made)
    assert edges_of(again) == {"number <- orders.id IDENTITY", "twice <- orders.amount IDENTITY"}
    assert edges_of(above) == {"twice <- orders.amount IDENTITY"}


@pytest.mark.parametrize("spark", SPARKS)
def test_who_reads_views_reads_what_they_are_made_from(spark: str) -> None:
    *_, through, altered, dropped = ends_of(spark, "views")

    assert names_of(through["inputs"]) == ["file /lake/orders"]
    assert edges_of(through) == {"twice <- orders.amount IDENTITY"}
    assert edges_of(altered) == {"number <- orders.id IDENTITY"}
    assert changes_of([altered, dropped]) == [("default.bigger", "ALTER"), ("default.bigger", "DROP")]


@pytest.mark.parametrize("spark", SPARKS)
def test_hive_tables_are_named_by_their_location_and_known_to_hives_catalog(spark: str) -> None:
    writes = ends_of(spark, "hive_writes")

    assert changes_of(writes)[:2] == [
        ("/lake/warehouse/made_parquet", "CREATE"),
        ("/lake/warehouse/made_text", "CREATE"),
    ]
    assert edges_of(writes[0]) == {"id <- orders.id IDENTITY", "twice <- orders.amount TRANSFORMATION"}
    assert {each["outputs"][0]["facets"]["catalog"]["framework"] for each in writes[:2]} == {"hive"}
    assert writes[1]["outputs"][0]["facets"]["symlinks"]["identifiers"][0]["name"] == "default.made_text"


@pytest.mark.parametrize("spark", SPARKS)
def test_hives_partitions_are_filled_by_columns_or_by_values(spark: str) -> None:
    writes = {event["outputs"][0]["name"].rpartition("/")[2]: event for event in ends_of(spark, "hive_writes")}

    assert edges_of(writes["by_p"]) == {"a <- orders.id IDENTITY", "p <- orders.status IDENTITY"}
    assert edges_of(writes["texts"]) == {"a <- orders.id IDENTITY", "b <- orders.status IDENTITY"}
    assert edges_of(writes["by_q"]) == {"a <- texts.a IDENTITY"}
    assert fields_of(writes["by_q"]["outputs"][0]) == ["a", "q"]


@pytest.mark.parametrize("spark", SPARKS)
def test_hives_directories_are_datasets(spark: str) -> None:
    *_, there, local = ends_of(spark, "hive_writes")

    assert changes_of([there, local]) == [("/lake/hive_dir", "OVERWRITE"), ("/lake/hive_local", "OVERWRITE")]
    assert edges_of(there) == {"id <- orders.id IDENTITY"}


@pytest.mark.parametrize("spark", SPARKS)
def test_loaded_files_go_into_a_table_whose_columns_they_do_not_name(spark: str) -> None:
    (loaded,) = ends_of(spark, "hive_load")

    assert names_of(loaded["inputs"]) == ["file /lake/load.csv"]
    assert changes_of([loaded]) == [("/lake/warehouse/texts", "OVERWRITE")]
    assert edges_of(loaded) == set()


def test_a_table_of_a_metastore_is_its_location_with_its_name_there_as_a_symlink() -> None:
    table = {"table": "spark_catalog.shop.orders", "type": "MANAGED", "provider": "orc", "warehouse": "s3a://lake"}
    place = {"location": "s3a://lake/shop.db/orders", "metastore": "thrift://HMS:9083"}

    (touched,) = reads_of(Node("HiveTableRelation", fields={"tableMeta": {**table, **place}}), ()).datasets

    assert (touched.dataset.namespace, touched.dataset.name) == ("s3://lake", "shop.db/orders")
    (symlink,) = touched.facets["symlinks"]["identifiers"]
    assert (symlink["namespace"], symlink["name"]) == ("hive://hms:9083", "shop.orders")
    assert touched.facets["catalog"]["metadataUri"] == "hive://hms:9083"


def test_a_table_of_another_database_is_known_in_the_same_warehouse() -> None:
    table = {"table": "spark_catalog.shop.orders", "type": "MANAGED", "warehouse": "file:/lake/warehouse"}
    fields = {"catalogTable": {**table, "location": "file:/lake/warehouse/shop.db/orders"}}

    (touched,) = reads_of(Node("LogicalRelation", fields=fields), ()).datasets

    (symlink,) = touched.facets["symlinks"]["identifiers"]
    assert (symlink["namespace"], symlink["name"]) == ("file:/lake/warehouse", "shop.orders")


def test_a_source_of_an_unknown_kind_is_named_by_its_kind() -> None:
    reading = reads_of(Node("LogicalRelation", fields={"relation": {"class": "BigQueryRelation"}}), ())

    assert [each.what for each in reading.unresolved] == ["BigQueryRelation"]


def test_what_an_inner_command_does_to_the_files_is_not_said_of_the_table() -> None:
    table = Dataset("file", "/lake/t")
    inner = {"lifecycleStateChange": lifecycle_state_change("OVERWRITE"), "version": dataset_version("1")}

    (output,) = joined(Lineage(outputs=(Touched(table),)), Lineage(outputs=(Touched(table, facets=inner),))).outputs

    assert set(output.facets) == {"version"}
