"""Files and folders as datasets, on the plans of every supported Spark."""

from __future__ import annotations

import pytest

from riverhead_spark.sources import folder
from spark_plans import SPARKS, ends_of, names_of


@pytest.mark.parametrize("spark", SPARKS)
def test_a_path_keeps_its_blanks_and_signs_on_both_sides(spark: str) -> None:
    written, read, _ = ends_of(spark, "paths")

    assert names_of(written["outputs"]) == ["file /lake/o u+t 100%é"]
    assert names_of(read["inputs"]) == names_of(written["outputs"])


@pytest.mark.parametrize("spark", SPARKS)
def test_each_path_of_one_read_is_a_dataset(spark: str) -> None:
    assert names_of(ends_of(spark, "paths")[2]["inputs"]) == ["file /lake/orders", "file /lake/customers"]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_glob_of_partitions_or_of_files_is_the_dataset_that_they_divide(spark: str) -> None:
    *_, months, parts, _ = ends_of(spark, "files")

    assert names_of(months["inputs"]) == ["file /lake/by_month"]
    assert names_of(parts["inputs"]) == ["file /lake/by_month"]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_single_file_is_a_dataset(spark: str) -> None:
    assert names_of(ends_of(spark, "files")[-1]["inputs"]) == ["file /lake/by_month/2024-01/people.csv"]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_v2_source_of_files_is_named_as_a_v1_source_is(spark: str) -> None:
    (end,) = ends_of(spark, "files_of_v2")

    assert names_of(end["inputs"]) == ["file /lake/orders"]
    assert end["inputs"][0]["facets"]["storage"]["fileFormat"] == "parquet"


@pytest.mark.parametrize("spark", SPARKS)
def test_an_inserted_directory_is_overwritten(spark: str) -> None:
    there, local = ends_of(spark, "directories")

    assert names_of(there["outputs"]) == ["file /lake/a dir"]
    assert names_of(local["outputs"]) == ["file /lake/local"]
    assert there["outputs"][0]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"


@pytest.mark.parametrize("spark", SPARKS)
def test_a_sink_that_keeps_nothing_is_no_output_and_nothing_unknown(spark: str) -> None:
    end = ends_of(spark, "sinks_that_keep_nothing")[0]

    assert names_of(end["inputs"]) == ["file /lake/orders"]
    assert end["outputs"] == []
    assert "riverhead_coverage" not in end["run"]["facets"]


@pytest.mark.parametrize("spark", SPARKS)
def test_every_dataset_says_which_store_it_lies_in(spark: str) -> None:
    end = ends_of(spark, "union")[-1]

    assert {each["facets"]["dataSource"]["uri"] for each in (*end["inputs"], *end["outputs"])} == {"file"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("file:/lake/sales/day=2024-01-01/hour=3", "/lake/sales"),
        ("file:/lake/sales/2024-01-01", "/lake/sales"),
        ("file:/lake/sales/20240131", "/lake/sales"),
        ("file:/lake/sales/2024-01", "/lake/sales"),
        ("file:/lake/sales/2024/01/31", "/lake/sales"),
        ("file:/lake/sales/2024/01", "/lake/sales"),
        ("file:/lake/sales/a=b=c", "/lake/sales/a=b=c"),
        ("file:/lake/sales/20249999", "/lake/sales/20249999"),
        ("file:/lake/v1.2", "/lake/v1.2"),
        ("file:/day=1", "/day=1"),
        ("s3a://bucket/sales/day=1", "sales"),
    ],
)
def test_directories_that_divide_a_dataset_are_no_part_of_its_name(path: str, name: str) -> None:
    assert folder(path).name == name
