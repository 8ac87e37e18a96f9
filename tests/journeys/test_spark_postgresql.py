"""Tables of a real PostgreSQL, filled and read by Spark, and nowhere its password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import postgresql
from spark_plans import edges_of, names_of
from spark_story import Story, played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = ("4_3", "4_0", "3_5")
# Nobody answers at the second, so that the spool keeps every record.
TRANSPORT = "spark.openlineage.transport."
CONF = {
    f"{TRANSPORT}type": "composite",
    f"{TRANSPORT}transports.kept.type": "file",
    f"{TRANSPORT}transports.kept.location": "{folder}/events.ndjson",
    f"{TRANSPORT}transports.dead.type": "http",
    f"{TRANSPORT}transports.dead.url": "http://127.0.0.1:1",
}
TABLES = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (id int, customer int, amount double precision);
    CREATE TABLE sales.customers (id int, name text);
    INSERT INTO sales.customers VALUES (7, 'ada'), (8, 'bob');
"""


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module."""
    folder = tmp_path_factory.mktemp("tables")
    with postgresql.Server() as server:
        with server.connect(autocommit=True) as connection:
            connection.execute(TABLES)
        told = played(
            request.param,
            "postgresql_tables.py",
            folder,
            str(server.port),
            conf=CONF,
            jars=("postgresql",),
            environment={"SHOP_PASSWORD": server.password},
        )
        assert told.code == 0, told.errors
        kept = [path for path in folder.rglob("*") if path.is_file()]
        assert [path for path in kept if server.password.encode() in path.read_bytes()] == []
        assert [path for path in kept if "spool" in path.parts and b"dbtable" in path.read_bytes()] != []
        assert server.password not in told.said + told.errors
    return told


def database(story: Story, output: str) -> list[str]:
    """Return what the run that filled this folder read, each as its database and table."""
    (end,) = story.filling(f"/{output}")
    return [name.partition(" ")[2] for name in names_of(end["inputs"]) if name.startswith("postgres://127.0.0.1:")]


def test_every_event_keeps_the_schemas(story: Story, read_events: Callable[[Path], list[dict[str, object]]]) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events


def test_every_run_starts_once_and_ends_once(story: Story) -> None:
    failed = [states for states in story.states().values() if states != ["START", "COMPLETE"]]

    assert failed == [["START", "FAIL"]]


def test_tables_are_filled_from_the_columns_of_files(story: Story) -> None:
    public = [event for event in story.filling(" postgres.public.orders") if event["inputs"]]
    sales = story.filling(" postgres.sales.orders")

    assert [story.inputs(event) for event in (*public, sales[0])] == [["orders"]] * 3
    identity = {f"{column} <- orders.{column} IDENTITY" for column in ("id", "customer", "amount")}
    assert [edges_of(event) for event in public] == [identity] * 2
    assert edges_of(sales[0]) == {
        *identity,
        *(f"{column} <- orders.id FILTER" for column in ("id", "customer", "amount")),
    }
    assert [len(story.filling(" postgres.public.ids"))] == [1]


def test_a_table_is_read_by_its_name_by_parts_and_behind_a_name_of_spark(story: Story) -> None:
    assert [database(story, name) for name in ("table", "parts", "by_name")] == [["postgres.public.orders"]] * 3
    assert edges_of(story.filling("/table")[0]) == {"id <- postgres.public.orders.id IDENTITY"} | {
        "amount <- postgres.public.orders.amount IDENTITY"
    }


def test_a_query_that_the_database_runs_is_followed_to_its_tables_and_columns(story: Story) -> None:
    (read,) = story.filling("/query")

    assert sorted(database(story, "query")) == ["postgres.public.orders", "postgres.sales.customers"]
    assert {
        "id <- postgres.public.orders.id IDENTITY",
        "buyer <- postgres.sales.customers.name TRANSFORMATION",
        "buyer <- postgres.public.orders.amount FILTER",
        "buyer <- postgres.sales.customers.id JOIN",
    } < edges_of(read)


@pytest.mark.parametrize("output", ["pushed", "pushed_by_catalog"])
def test_what_is_pushed_down_into_the_database_is_lineage_all_the_same(story: Story, output: str) -> None:
    (read,) = story.filling(f"/{output}")

    orders = "postgres.public.orders"
    assert database(story, output) == [orders]
    assert edges_of(read) == {
        f"customer <- {orders}.customer IDENTITY",
        f"total <- {orders}.amount AGGREGATION",
        *(
            f"{column} <- {orders}.{use}"
            for column in ("customer", "total")
            for use in ("id FILTER", "customer GROUP_BY")
        ),
    }


@pytest.mark.parametrize(("output", "rows"), [("table", 3), ("parts", 3), ("pushed", 2), ("pushed_by_catalog", 2)])
def test_the_rows_that_the_database_gave_are_counted(story: Story, output: str, rows: int) -> None:
    (read,) = story.filling(f"/{output}")

    assert read["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == rows


def test_tables_of_a_catalog_are_filled_and_made(story: Story) -> None:
    inserted, made = story.filling(" postgres.sales.orders")[1], story.filling(" postgres.sales.ids")[-1]

    for event in (inserted, made):
        assert names_of(event["inputs"])[0].endswith(" postgres.public.orders")
        assert "id <- postgres.public.orders.id IDENTITY" in edges_of(event)


def test_a_table_stays_when_spark_s_name_for_it_goes(story: Story) -> None:
    assert [event for event in story.ends if "drop_table" in event["job"]["name"]] == []


def test_a_read_that_the_database_refuses_is_a_run_that_fails(story: Story) -> None:
    (fail,) = [event for event in story.ends if event["eventType"] == "FAIL"]

    assert "failed as it should" in story.said
    assert names_of(fail["inputs"])[0].endswith(" postgres.public.orders")
    assert "division by zero" in fail["run"]["facets"]["errorMessage"]["message"]
