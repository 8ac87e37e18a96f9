"""What was seen of a task's work, and what it means."""

from __future__ import annotations

from typing import Any

from airflow_snapshots import task
from riverhead_airflow.understand import interpret
from riverhead_emitter.observation import Observation

SHOP = {
    "conn_id": "shop",
    "kind": "postgres",
    "host": "db",
    "port": 5432,
    "name": "shop",
    "schema": None,
    "account": None,
    "region": None,
}
NOTHING: dict[str, list[Any]] = {"inputs": [], "outputs": []}


def ran(sql: str = "", **more: Any) -> dict[str, Any]:
    facts = {"sql": sql, "is_cut": False, "kind": "execute", "count": 1, "is_failed": False, "address": SHOP}
    return {**facts, **more}


def event_of(
    *statements: dict[str, Any], assets: Any = NOTHING, left_out: int = 0, columns: Any = (), **changed: Any
) -> Any:
    seen = {"statements": list(statements), "left_out": left_out, "assets": assets, "columns": columns}
    payload = task(**{"sql": [], "address": None, "told": {"seen": seen}, **changed})
    [event] = interpret(Observation("airflow.task", 2, "", payload))
    return event


def names(datasets: list[dict[str, Any]]) -> list[str]:
    return [f"{dataset['namespace']} {dataset['name']}" for dataset in datasets]


def sources(output: dict[str, Any]) -> dict[str, list[str]]:
    fields = output["facets"].get("columnLineage", {}).get("fields", {})
    return {
        name: [f"{source['name']}.{source['field']}" for source in field["inputFields"]]
        for name, field in fields.items()
    }


def test_what_a_hook_ran_is_the_tasks_lineage() -> None:
    event = event_of(ran("INSERT INTO t (id) SELECT id FROM s"))

    assert names(event["inputs"]) == ["postgres://db:5432 shop.public.s"]
    assert sources(event["outputs"][0]) == {"id": ["shop.public.s.id"]}
    assert event["job"]["facets"]["sql"]["query"] == "INSERT INTO t (id) SELECT id FROM s"


def test_a_plain_name_is_the_first_of_its_search_path_that_is_there() -> None:
    columns = [{"conn_id": "shop", "tables": {"public.s": ["id"], "mart.t": ["id", "note"]}}]
    of_the_connection = {**SHOP, "search_path": ["mart", "public"]}
    move = "INSERT INTO t SELECT id FROM s"

    by_statement = event_of(
        ran("SET search_path TO mart, public", conn_id="shop"), ran(move, conn_id="shop"), columns=columns
    )
    by_connection = event_of(ran(move, conn_id="shop", address=of_the_connection), columns=columns)

    for event in (by_statement, by_connection):
        assert names(event["inputs"]) == ["postgres://db:5432 shop.public.s"]
        assert names(event["outputs"]) == ["postgres://db:5432 shop.mart.t"]
        assert sources(event["outputs"][0]) == {"id": ["shop.public.s.id"]}


def test_a_start_does_not_guess_in_which_schema_of_several_a_table_is() -> None:
    texts = ["SET search_path TO mart, public; INSERT INTO t SELECT id FROM s"]

    start, end = (event_of(sql=texts, address=SHOP, state=state) for state in ("START", "COMPLETE"))

    assert (names(start["inputs"]), names(start["outputs"])) == ([], [])
    assert names(end["outputs"]) == ["postgres://db:5432 shop.mart.t"]


def test_each_statement_keeps_its_own_columns_and_temporary_tables_flow_on() -> None:
    event = event_of(
        ran("CREATE TEMP TABLE x AS SELECT a FROM s"), ran("INSERT INTO t (b) SELECT a FROM x"), ran("SELECT 1")
    )

    assert names(event["outputs"]) == ["postgres://db:5432 shop.public.t"]
    assert sources(event["outputs"][0]) == {"b": ["shop.public.s.a"]}


def test_a_statement_that_failed_names_its_datasets_and_no_columns() -> None:
    event = event_of(
        ran("INSERT INTO t (id) SELECT id FROM s"),
        ran("INSERT INTO u (id) SELECT id FROM s", is_failed=True),
        state="FAIL",
    )

    told, failed = event["outputs"]
    assert sources(told) == {"id": ["shop.public.s.id"]}
    assert failed["name"] == "shop.public.u"
    assert sources(failed) == {}


def test_an_operators_sql_of_a_failed_task_claims_no_columns_where_nothing_was_seen() -> None:
    event = event_of(sql=["INSERT INTO t (id) SELECT id FROM s"], address=SHOP, state="FAIL")

    assert names(event["outputs"]) == ["postgres://db:5432 shop.public.t"]
    assert sources(event["outputs"][0]) == {}


def test_two_databases_in_one_task_keep_their_tables_apart() -> None:
    event = event_of(ran("SELECT a FROM s"), ran("INSERT INTO t VALUES (1)", address={**SHOP, "host": "other"}))

    assert names(event["inputs"]) == ["postgres://db:5432 shop.public.s"]
    assert names(event["outputs"]) == ["postgres://other:5432 shop.public.t"]


def test_a_table_that_a_hook_filled_by_name_is_an_output_and_one_that_it_dumped_an_input() -> None:
    event = event_of(ran(kind="insert_rows", table="t", columns=["a", "b"]), ran(kind="bulk_dump", table="s"))

    assert names(event["outputs"]) == ["postgres://db:5432 shop.public.t"]
    assert [field["name"] for field in event["outputs"][0]["facets"]["schema"]["fields"]] == ["a", "b"]
    assert names(event["inputs"]) == ["postgres://db:5432 shop.public.s"]


def test_a_star_is_the_columns_that_the_database_told() -> None:
    columns = [{"conn_id": "shop", "tables": {"s": ["a", "b"], "t": ["x", "y"]}}]

    event = event_of(ran("INSERT INTO t SELECT * FROM s", conn_id="shop"), columns=columns)

    assert sources(event["outputs"][0]) == {"x": ["shop.public.s.a"], "y": ["shop.public.s.b"]}


def test_what_hooks_told_of_files_is_read_and_written() -> None:
    told: dict[str, Any] = {"name": None, "count": 1, "hook": None, "extra": {}}
    assets = {"inputs": [{"uri": "file:///in/a.csv", **told}], "outputs": [{"uri": "s3://bucket/b.csv", **told}] * 2}

    event = event_of(assets=assets)

    assert names(event["inputs"]) == ["file /in/a.csv"]
    assert names(event["outputs"]) == ["s3://bucket b.csv"]


def test_what_was_not_kept_or_has_no_place_is_named() -> None:
    event = event_of(ran("SELECT a FROM s", is_cut=True), ran("SELECT 1", address=None), left_out=7)

    reasons = " ".join(gap["why"] for gap in event["run"]["facets"]["riverhead_coverage"]["unresolved"])
    assert "too long" in reasons
    assert "database is not known" in reasons
    assert "7 more statements" in reasons
