"""A real PostgreSQL is asked for its columns, by a source that disturbs nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import postgresql
from riverhead_emitter.naming import Database
from riverhead_sql.schema_sources import DatabaseSchema, RememberedSchema, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.journey

SHOP = Database("postgres://shop:5432", "postgres", "postgres", "public")
TABLES = """
    CREATE SCHEMA sales;
    CREATE TABLE orders (id int, gone int, total numeric, "Note" text);
    ALTER TABLE orders DROP COLUMN gone;
    CREATE TABLE sales.orders (order_id int, placed date) PARTITION BY RANGE (placed);
    CREATE VIEW sales.latest AS SELECT placed, order_id FROM sales.orders;
    CREATE MATERIALIZED VIEW sales.totals AS SELECT sum(total) AS total, count(*) AS orders FROM orders;
    CREATE TABLE "Mixed" ("Id" int);
    CREATE TABLE sales.customers (name text);
"""


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    with postgresql.Server() as server:
        with server.connect(autocommit=True) as connection:
            connection.execute(TABLES)
        yield server


def table(name: str) -> Table:
    return Table.meant_by(name.split("."), SHOP)


def test_postgresql_tells_the_columns_of_all_that_can_be_read_from(server: postgresql.Server) -> None:
    known = {
        "orders": ("id", "total", "Note"),
        "sales.orders": ("order_id", "placed"),
        "sales.latest": ("placed", "order_id"),
        "postgres.sales.totals": ("total", "orders"),
        "Mixed": ("Id",),
    }
    unknown = ["mixed", "nowhere.orders", "elsewhere.public.orders", "o'; DROP TABLE orders; --"]

    with DatabaseSchema(server.connect, "postgres", most_lookups=2) as source:
        found = source.columns_of([table(name) for name in [*known, *unknown]])

    assert found == {table(name).dataset: columns for name, columns in known.items()}


def test_a_name_without_a_schema_is_looked_for_on_the_connections_own_path(server: postgresql.Server) -> None:
    orders, customers = (table(name)._replace(catalog=None, schema=None) for name in ("orders", "customers"))

    def found(path: str) -> list[tuple[str, ...]]:
        with DatabaseSchema(lambda: server.connect(options=f"-c search_path={path}"), "postgres") as source:
            return list(source.columns_of([orders, customers]).values())

    assert found("sales,public") == [("order_id", "placed"), ("name",)]
    assert found("public,sales") == [("id", "total", "Note"), ("name",)]
    assert found("public") == [("id", "total", "Note")]


def test_it_stays_in_no_transaction_and_leaves_the_hosts_alone(server: postgresql.Server) -> None:
    with server.connect() as host, DatabaseSchema(server.connect, "postgres") as source:
        host.execute("CREATE TABLE uncommitted (id int)")
        unseen = source.columns_of([table("uncommitted"), table("orders")])
        states = host.execute(
            "SELECT state FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
        host.rollback()

    assert unseen == {table("orders").dataset: ("id", "total", "Note")}
    assert states == [("idle",)]


def test_a_connection_that_the_server_ends_is_made_anew(server: postgresql.Server) -> None:
    with server.connect(autocommit=True) as host, DatabaseSchema(server.connect, "postgres") as source:
        source.columns_of([table("sales.orders")])
        host.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        answers = [source.columns_of([table("orders")]) for _ in range(2)]

    assert answers == [{}, {table("orders").dataset: ("id", "total", "Note")}]


def test_a_question_that_takes_too_long_is_ended_by_the_server(server: postgresql.Server) -> None:
    connections = [server.connect(options="-c statement_timeout=100") for _ in range(2)]
    with server.connect() as host, DatabaseSchema(connections.pop, "postgres") as source:
        host.execute("LOCK TABLE pg_catalog.pg_attribute IN ACCESS EXCLUSIVE MODE")
        answers = [source.columns_of([table("orders")]) for _ in range(3)]

    assert answers == [{}] * 3
    assert connections == []


def test_what_postgresql_said_is_remembered_when_it_is_gone(server: postgresql.Server, tmp_path: Path) -> None:
    path = tmp_path / "columns.db"
    with DatabaseSchema(server.connect, "postgres") as source:
        before = RememberedSchema(path, source).columns_of([table("orders")])

    assert (
        RememberedSchema(path).columns_of([table("orders")])
        == before
        == {table("orders").dataset: ("id", "total", "Note")}
    )
