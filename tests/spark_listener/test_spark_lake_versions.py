"""Which version of a table of a lake a write made."""

from __future__ import annotations

from riverhead_emitter.model import Dataset, Lineage, Touched
from riverhead_spark.plan import Node
from riverhead_spark.sources.lakes import lake_of
from riverhead_spark.versions import Version, version_made, with_versions
from spark_plans import ends_of, names_of

ENDED = 1000


def version(id_: int, made: int) -> Version:
    return Version(id_, made, {})


def test_a_write_made_the_version_after_the_one_that_it_found() -> None:
    assert version_made([version(4, 900), version(3, 500)], 3, ENDED) == version(4, 900)


def test_a_version_that_another_made_since_is_not_the_writes() -> None:
    assert version_made([version(5, 1001), version(4, 900), version(3, 500)], 3, ENDED) == version(4, 900)


def test_a_write_that_changed_nothing_made_no_version() -> None:
    assert version_made([version(3, 500)], 3, ENDED) is None


def test_the_first_version_of_a_new_table_needs_none_before_it() -> None:
    assert version_made([version(0, 900)], None, ENDED) == version(0, 900)


def test_a_store_whose_clock_is_ahead_loses_no_version() -> None:
    assert version_made([version(4, 1500), version(3, 500)], 3, ENDED) == version(4, 1500)


def test_an_output_carries_the_version_and_the_rows_that_iceberg_counted() -> None:
    output = Touched(Dataset("file", "/lake/t"))
    counts = {"added-records": "6", "added-data-files": "2", "added-files-size": "800"}
    lake = {"path": "/lake/t", "before": 11, "versions": [[12, 900, counts], [11, 500, {}]]}

    (settled,) = with_versions(Lineage(outputs=(output,)), {"ended": ENDED, "lakes": [lake]}).outputs

    assert settled.facets["version"]["datasetVersion"] == "12"
    statistics = settled.traffic["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"], statistics["fileCount"]) == (6, 800, 2)


def test_an_output_of_another_place_gets_no_version() -> None:
    output = Touched(Dataset("file", "/lake/other"))
    lake = {"path": "/lake/t", "versions": [[12, 900]]}

    assert with_versions(Lineage(outputs=(output,)), {"ended": ENDED, "lakes": [lake]}).outputs == (output,)


def test_a_table_of_delta_that_is_replaced_is_overwritten_in_a_new_version() -> None:
    *_, (created,), (replaced,) = (event["outputs"] for event in ends_of("4.0", "delta/replace_as_select"))

    assert names_of([created, replaced]) == ["file /lake/warehouse/again"] * 2
    told = [output["facets"]["lifecycleStateChange"]["lifecycleStateChange"] for output in (created, replaced)]
    assert told == ["CREATE", "OVERWRITE"]
    assert [output["facets"]["version"]["datasetVersion"] for output in (created, replaced)] == ["0", "1"]


def test_a_snapshot_that_a_read_asks_for_is_the_version_and_not_the_newest() -> None:
    table = {"lake": "iceberg", "path": "/lake/ice/db/orders", "version": 12}

    lake = lake_of(Node("DataSourceV2Relation", fields={"table": table, "snapshot": 11}))

    assert lake is not None
    assert lake.version == 11
