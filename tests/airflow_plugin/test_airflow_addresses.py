"""What a connection says of its database: the address that is kept, and the names that its datasets get by it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from riverhead_airflow.addresses import address_of
from riverhead_airflow.understand import interpret
from riverhead_emitter.observation import Observation

CANARY = "canary-2f7c"
NOTHING: dict[str, str] = {}


MOMENT = "2026-11-21T00:27:45+00:00"
RUN: dict[str, Any] = {
    "namespace": "shop",
    "dag_id": "daily",
    "run_id": "manual__1",
    "run_type": "manual",
    "logical_date": None,
    "run_after": MOMENT,
    "clear_number": 0,
    "origin": {"parent": None, "root": None},
    "task_id": "clean",
    "try_number": 1,
    "map_index": -1,
    "state": "COMPLETE",
    "time": MOMENT,
    "start_time": MOMENT,
    "end_time": MOMENT,
    "operator": "an.Operator",
    "is_sql_cut": False,
    "failure": None,
}


class Known:
    """A host that knows one connection."""

    def __init__(self, connection: object) -> None:
        self.connection = connection

    def connection_of(self, _conn_id: str) -> Any:
        return self.connection

    def connection_from(self, _conn_id: str, _text: str) -> Any:
        return self.connection


def connection(kind: str, host: str | None = None, field: str | None = None, **extra: object) -> SimpleNamespace:
    secrets = {"password": CANARY, "private_key_content": CANARY, "aws_session_token": CANARY}
    text = json.dumps({**secrets, **extra})
    return SimpleNamespace(conn_type=kind, host=host, port=None, schema=field, password=CANARY, extra=text)


def address(of: SimpleNamespace, **operator: object) -> Any:
    return address_of(SimpleNamespace(conn_id="db", **operator), Known(of), NOTHING, may_ask=True)


def event_of(sql: str, kept: object) -> Any:
    [event] = interpret(Observation("airflow.task", 1, "", {**RUN, "sql": [sql], "address": kept}))
    return event


def dataset(of: SimpleNamespace, sql: str = "SELECT a FROM orders", **operator: object) -> tuple[str, str]:
    kept = address(of, **operator)
    assert CANARY not in str(kept)
    [found] = event_of(sql, kept)["inputs"]
    return found["namespace"], found["name"]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (
            connection("snowflake", field="sales", account="org-account", database="shop"),
            ("snowflake://org-account", "SHOP.SALES.ORDERS"),
        ),
        (
            connection(
                "snowflake", extra__snowflake__account="xy12345", extra__snowflake__region="eu-west-1", database="shop"
            ),
            ("snowflake://xy12345.eu-west-1.aws", "SHOP.PUBLIC.ORDERS"),
        ),
        (
            connection("athena", field="shop", region_name="eu-west-1"),
            ("awsathena://athena.eu-west-1.amazonaws.com", "AwsDataCatalog.shop.orders"),
        ),
        (connection("trino", "db", "shop", catalog="lake"), ("trino://db:8080", "lake.shop.orders")),
        (connection("presto", "db", "shop"), ("presto://db:8080", "hive.shop.orders")),
        (
            connection("databricks", "adb-1.azuredatabricks.net", catalog="main", schema="shop"),
            ("databricks://adb-1.azuredatabricks.net", "main.shop.orders"),
        ),
        (connection("oracle", "db", "sales", service_name="orclpdb1"), ("oracle://db:1521", "ORCLPDB1.SALES.ORDERS")),
        (connection("oracle", "db", None, sid="orcl"), ("oracle://db:1521", "ORCL.ORDERS")),
        (
            connection("redshift", None, "dev", iam=True, cluster_identifier="shop", region="eu-west-1"),
            ("redshift://shop.eu-west-1:5439", "dev.public.orders"),
        ),
        (
            connection("postgres", "shop.abc123.eu-west-1.redshift.amazonaws.com", "dev", redshift=True),
            ("redshift://shop.eu-west-1:5439", "dev.public.orders"),
        ),
        (connection("mssql", "db", "shop"), ("mssql://db:1433", "shop.dbo.orders")),
        (
            connection("jdbc", f"jdbc:postgresql://db/shop?user=reader&password={CANARY}"),
            ("postgres://db:5432", "shop.public.orders"),
        ),
    ],
)
def test_a_connection_names_its_database_by_what_its_extras_say(of: SimpleNamespace, expected: tuple[str, str]) -> None:
    assert dataset(of) == expected


@pytest.mark.parametrize(
    ("of", "operator"),
    [
        (connection("postgres", "db", "shop", options="-c search_path=mart,public"), {}),
        (connection("postgres", "db", "shop"), {"options": "-c statement_timeout=9s -c search_path=mart,\\ public"}),
        (connection("postgres", "db", "shop"), {"hook_params": {"options": '-csearch_path="$user",mart'}}),
    ],
)
def test_plain_names_are_those_of_the_search_path_that_a_connection_asks_for(
    of: SimpleNamespace, operator: dict[str, Any]
) -> None:
    assert dataset(of, **operator) == ("postgres://db:5432", "shop.mart.orders")
    assert dataset(of, "SELECT a FROM public.orders", **operator) == ("postgres://db:5432", "shop.public.orders")


def test_a_project_and_an_instance_are_in_the_extras_too() -> None:
    spanner = connection("gcpspanner", project_id="project", instance_id="instance", database_id="shop")
    bigquery = connection("gcpbigquery", extra__google_cloud_platform__project="project")

    assert dataset(spanner, "SELECT a FROM sales.orders") == ("spanner://project:instance", "shop.sales.orders")
    assert dataset(bigquery, "SELECT a FROM shop.orders") == ("bigquery", "project.shop.orders")


def test_glue_is_named_by_its_account_and_region() -> None:
    kept = address(connection("glue", None, "shop", account_id="123456789012", region_name="eu-west-1"))

    assert (kept["account"], kept["region"], kept["name"]) == ("123456789012", "eu-west-1", "shop")


def test_what_an_operator_asks_for_goes_before_its_connection() -> None:
    snowflake = connection("snowflake", field="sales", account="org-account", database="shop")
    trino = connection("trino", "db", "shop", catalog="lake")

    by_hook = dataset(snowflake, hook_params={"database": "other", "schema": "raw"})
    by_field = dataset(connection("postgres", "db", "shop"), database="other")

    assert by_hook == ("snowflake://org-account", "OTHER.RAW.ORDERS")
    assert by_field == ("postgres://db:5432", "other.public.orders")
    assert dataset(trino, hook_params={"catalog": "sea"}) == ("trino://db:8080", "sea.shop.orders")


@pytest.mark.parametrize(
    "extra", [None, "", "no JSON", "[1]", '{"database": ', "[" * 100_000, '{"a": "' + "x" * 70_000]
)
def test_extras_that_cannot_be_read_cost_only_what_they_would_say(extra: str | None) -> None:
    of = connection("snowflake", "org-account.snowflakecomputing.com", "sales")
    of.extra = extra

    assert address(of)["host"] == "org-account.snowflakecomputing.com"
    assert address(of)["name"] is None


def test_a_store_whose_sql_is_nobodys_dialect_has_its_text_without_one() -> None:
    kept = address(connection("cassandra", "db", "shop"))

    event = event_of("SELECT a FROM orders", kept)

    assert "dialect" not in event["job"]["facets"]["sql"]
    assert event["inputs"][0]["name"] == "shop.orders"
