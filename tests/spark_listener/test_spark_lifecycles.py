"""Tables that come, change and go, on the plans of every supported Spark."""

from __future__ import annotations

import pytest

from spark_plans import SPARKS, changes_of, ends_of, events_of, fields_of


@pytest.mark.parametrize("spark", SPARKS)
def test_each_change_of_a_table_is_a_run_that_says_what_was_done(spark: str) -> None:
    warehouse = "/lake/warehouse"

    assert changes_of(ends_of(spark, "changes_of_tables"))[:9] == [
        (f"{warehouse}/stock", "CREATE"),
        (f"{warehouse}/stock", "ALTER"),
        (f"{warehouse}/stock", "ALTER"),
        (f"{warehouse}/goods", "RENAME"),
        (f"{warehouse}/few_goods", "CREATE"),
        ("/lake/outside", "CREATE"),
        ("/lake/elsewhere", "ALTER"),
        (f"{warehouse}/goods", "TRUNCATE"),
        (f"{warehouse}/goods", "DROP"),
    ]


# In the recording of 4.0 the table was gone before it could be asked for, and nothing remembered it yet.
@pytest.mark.parametrize("spark", ["3.5", "4.3"])
def test_a_dropped_table_is_named_by_where_it_lay_and_one_that_never_was_is_not(spark: str) -> None:
    assert changes_of(ends_of(spark, "changes_of_tables"))[9:] == [("/lake/elsewhere", "DROP")]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_changed_table_has_the_schema_that_it_has_then(spark: str) -> None:
    created, altered, _, renamed, alike, *_ = [event["outputs"][0] for event in ends_of(spark, "changes_of_tables")]

    assert fields_of(created) == ["id", "place"]
    assert fields_of(altered) == fields_of(renamed) == fields_of(alike) == ["id", "place", "note"]
    place = created["facets"]["schema"]["fields"][1]
    assert place["type"] == "struct"
    assert place["fields"] == [{"name": "shelf", "type": "int"}, {"name": "tags", "type": "array<string>"}]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_renamed_table_says_what_it_was_called(spark: str) -> None:
    facets = ends_of(spark, "changes_of_tables")[3]["outputs"][0]["facets"]

    before = facets["lifecycleStateChange"]["previousIdentifier"]
    assert before == {"namespace": "file", "name": "/lake/warehouse/stock"}
    assert facets["symlinks"]["identifiers"][0]["name"] == "default.goods"


@pytest.mark.parametrize("spark", SPARKS)
def test_commands_that_touch_no_dataset_are_no_runs(spark: str) -> None:
    assert events_of(spark, "commands_without_data") == []


@pytest.mark.parametrize("spark", SPARKS)
def test_hives_tables_and_views_come_change_and_go(spark: str) -> None:
    ends = ends_of(spark, "hive_changes")

    assert changes_of(ends) == [
        ("/lake/warehouse/texts", "CREATE"),
        ("/lake/warehouse/texts", "ALTER"),
        ("default.of_texts", "CREATE"),
        ("/lake/others", "CREATE"),
        ("/lake/others", "DROP"),
    ]
    assert fields_of(ends[1]["outputs"][0]) == ["a", "b", "c"]


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize("query", ["changes_of_tables", "failing_write"])
def test_only_the_end_of_a_command_that_succeeded_says_what_became_of_its_table(spark: str, query: str) -> None:
    others = [event for event in events_of(spark, query) if event["eventType"] != "COMPLETE"]

    assert any(event["outputs"] for event in others)
    assert {what for _, what in changes_of(others)} == {None}
