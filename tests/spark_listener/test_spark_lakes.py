"""Recorded plans of Delta and Iceberg → datasets, versions and columns."""

from __future__ import annotations

from typing import Any

import pytest

from spark_plans import edges_of, events_of, names_of

SPARKS = ("3.5", "4.0")
DELTA, ICEBERG = "file /lake/warehouse/copy", "file /lake/ice/db/orders"
BESIDE, MADE = "file /lake/ice/db/beside", "file /lake/ice/db/made"
ORDERS = "file /lake/orders"
JOINED = {"orders.id JOIN", "orders.amount FILTER", "orders.status FILTER"}

pytestmark = pytest.mark.parametrize("spark", SPARKS)


def end_of(spark: str, name: str) -> dict[str, Any]:
    """The end of the run that a recording ends with."""
    return events_of(spark, name)[-1]


def facet(dataset: dict[str, Any], name: str) -> Any:
    return dataset["facets"].get(name)


def version(dataset: dict[str, Any]) -> str | None:
    told = facet(dataset, "version")
    return told["datasetVersion"] if told else None


def change(event: dict[str, Any]) -> str | None:
    told = facet(event["outputs"][0], "lifecycleStateChange")
    return told["lifecycleStateChange"] if told else None


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("delta/save", "file /lake/d"),
        ("delta/create_as_select", DELTA),
        ("delta/create_at_a_place", "file /lake/placed"),
        ("delta/insert", DELTA),
        ("iceberg/create_as_select", MADE),
        ("iceberg/replace_as_select", MADE),
        ("iceberg/insert", ICEBERG),
        ("iceberg/insert_beside", BESIDE),
        ("iceberg/overwrite", MADE),
        ("iceberg/overwrite_partitions", ICEBERG),
        ("iceberg/insert_into_branch", ICEBERG),
    ],
)
def test_a_write_is_one_run_into_the_tables_folder(spark: str, name: str, output: str) -> None:
    start, complete = events_of(spark, name)

    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert names_of(start["outputs"]) == names_of(complete["outputs"]) == [output]
    assert names_of(complete["inputs"]) == [ORDERS]
    assert "riverhead_coverage" not in complete["run"]["facets"]


@pytest.mark.parametrize(
    ("name", "made"),
    [("delta/save", "0"), ("delta/create_as_select", "0"), ("delta/insert", "1")],
)
def test_an_output_carries_the_version_that_the_write_made(spark: str, name: str, made: str) -> None:
    start, complete = events_of(spark, name)

    assert version(start["outputs"][0]) is None
    assert version(complete["outputs"][0]) == made


def test_a_delete_that_finds_no_row_makes_no_version(spark: str) -> None:
    assert version(end_of(spark, "delta/delete_nothing")["outputs"][0]) is None


def test_a_read_of_an_old_version_names_it(spark: str) -> None:
    old, latest = end_of(spark, "delta/version"), end_of(spark, "delta/read")

    assert version(old["inputs"][0]) == "0"
    assert version(latest["inputs"][0]) == "4"


@pytest.mark.parametrize("name", ["iceberg/version", "iceberg/read", "iceberg/read_branch"])
def test_a_read_of_iceberg_names_its_snapshot(spark: str, name: str) -> None:
    assert version(end_of(spark, name)["inputs"][0]) is not None


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("delta/merge", {"copy.id JOIN"}),
        ("iceberg/merge", {"orders.id JOIN"}),
        ("iceberg/merge_beside", {"beside.id JOIN"}),
    ],
)
def test_a_merge_takes_each_column_from_what_it_assigns(spark: str, name: str, extra: set[str]) -> None:
    complete = end_of(spark, name)
    table = names_of(complete["outputs"])[0].rpartition("/")[2]
    direct = {edge for edge in edges_of(complete) if edge.split()[-1] in {"IDENTITY", "TRANSFORMATION"}}

    assert direct == {
        "id <- orders.id IDENTITY",
        "amount <- orders.amount TRANSFORMATION",
        "status <- orders.status IDENTITY",
        f"status <- {table}.status TRANSFORMATION",
    }
    decided = {edge.partition(" <- ")[2] for edge in edges_of(complete) - direct}
    assert decided == JOINED | extra


@pytest.mark.parametrize("name", ["delta/merge_by_path", "iceberg/merge_inserting"])
def test_a_merge_whose_target_keeps_its_values_does_not_read_it(spark: str, name: str) -> None:
    assert names_of(end_of(spark, name)["inputs"]) == [ORDERS]


@pytest.mark.parametrize("name", ["delta/update", "iceberg/update", "iceberg/update_beside"])
def test_an_update_takes_new_values_from_old_ones(spark: str, name: str) -> None:
    complete = end_of(spark, name)

    (output,) = names_of(complete["outputs"])
    assert names_of(complete["inputs"]) == [output]
    table = output.rpartition("/")[2]
    assert f"amount <- {table}.amount TRANSFORMATION" in edges_of(complete)
    assert not [edge for edge in edges_of(complete) if edge.endswith("IDENTITY")]


@pytest.mark.parametrize("name", ["iceberg/update_chosen", "iceberg/delete_chosen"])
def test_rows_chosen_by_a_subquery_are_decided_by_its_columns(spark: str, name: str) -> None:
    complete = end_of(spark, name)

    assert names_of(complete["inputs"]) == ["file /lake/customers"]
    assert {edge.partition(" <- ")[2] for edge in edges_of(complete)} == {
        "customers.id FILTER",
        "customers.name FILTER",
    }


@pytest.mark.parametrize("name", ["delta/delete", "iceberg/delete", "iceberg/delete_beside"])
def test_a_delete_has_its_table_as_output_and_reads_nothing(spark: str, name: str) -> None:
    complete = end_of(spark, name)

    assert names_of(complete["inputs"]) == []
    assert version(complete["outputs"][0]) is not None
    assert edges_of(complete) == set()


@pytest.mark.parametrize("name", ["iceberg/snapshots"])
def test_what_a_table_tells_of_itself_is_a_read_of_the_table_without_columns(spark: str, name: str) -> None:
    (read,) = end_of(spark, name)["inputs"]

    assert names_of([read]) == [ICEBERG]
    assert "schema" not in read["facets"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("delta/create_as_select", "CREATE"),
        ("delta/restore", "OVERWRITE"),
        ("delta/optimize", None),
        ("iceberg/create_as_select", "CREATE"),
        ("iceberg/overwrite", "OVERWRITE"),
        ("iceberg/truncate", "TRUNCATE"),
        ("iceberg/drop", "DROP"),
        ("iceberg/insert", None),
    ],
)
def test_a_change_of_a_table_is_told_with_it(spark: str, name: str, expected: str | None) -> None:
    assert change(end_of(spark, name)) == expected


def test_a_table_tells_its_name_and_its_catalog(spark: str) -> None:
    (delta,), (iceberg,) = end_of(spark, "delta/insert")["outputs"], end_of(spark, "iceberg/insert")["outputs"]

    assert facet(delta, "symlinks")["identifiers"] == [
        {"namespace": "file:/lake/warehouse", "name": "default.copy", "type": "TABLE"}
    ]
    assert facet(iceberg, "symlinks")["identifiers"] == [
        {"namespace": "file:/lake/ice", "name": "db.orders", "type": "TABLE"}
    ]
    assert (facet(delta, "catalog")["framework"], facet(delta, "storage")["storageLayer"]) == ("delta", "delta")
    told = facet(iceberg, "catalog")
    assert (told["framework"], told["type"], told["name"]) == ("iceberg", "hadoop", "ice")
    assert told["warehouseUri"] == "/lake/ice"


def test_a_clone_is_a_table_made_of_another(spark: str) -> None:
    end = end_of(spark, "delta/clone")

    assert names_of(end["inputs"]) == ["file /lake/warehouse/sheep"]
    assert facet(end["inputs"][0], "version")["datasetVersion"] == "0"
    assert names_of(end["outputs"]) == ["file /lake/warehouse/dolly"]
    assert facet(end["outputs"][0], "symlinks")["identifiers"][0]["name"] == "default.dolly"
    assert change(end) == "CREATE"


@pytest.mark.parametrize("name", ["delta/create_as_select", "delta/insert", "delta/update", "delta/restore"])
def test_a_lakes_table_of_the_sessions_catalog_is_called_as_any_other_there(spark: str, name: str) -> None:
    (output,) = end_of(spark, name)["outputs"]

    assert facet(output, "symlinks")["identifiers"][0]["name"].startswith("default.")
    assert facet(output, "catalog")["name"] == "spark_catalog"


@pytest.mark.parametrize(("name", "rows"), [("iceberg/create_as_select", 2), ("iceberg/insert", 3)])
def test_iceberg_counts_the_rows_that_it_added(spark: str, name: str, rows: int) -> None:
    (output,) = end_of(spark, name)["outputs"]

    assert output["outputFacets"]["outputStatistics"]["rowCount"] == rows
