from __future__ import annotations

import logging
import re
import sqlite3
import sys
import types
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import Database
from riverhead_sql.schema_sources import DatabaseSchema, GivenSchema, Several, Table
from riverhead_sql.schema_sources.dictionaries import DICTIONARIES
from riverhead_sql.schema_sources.parameters import STYLES, bound, marks
from riverhead_sql.schema_sources.questions import MOST_TABLES, Name, questions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

SHOP = Database("postgres://shop:5432", "postgres", "shop", "public")
FILE = Database("sqlite:///shop.db", "sqlite")
SECRET = "hunter2-canary"


def table(name: str, database: Database = FILE) -> Table:
    return Table.meant_by(name.split("."), database)


class ListedSchema:
    """A source that knows a few tables and remembers what it was asked."""

    def __init__(self, known: Mapping[Table, tuple[str, ...]]) -> None:
        self.known = {one.dataset: columns for one, columns in known.items()}
        self.asked: list[list[str]] = []

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        self.asked.append([one.name for one in tables])
        return {one.dataset: self.known[one.dataset] for one in tables if one.dataset in self.known}


class Driver:
    """A DB-API driver that answers each query from a list, remembers it, and raises what the list says."""

    def __init__(self, *answers: list[Any] | Exception, paramstyle: str | None = "qmark") -> None:
        self.answers = list(answers)
        self.queries: list[tuple[str, Any]] = []
        self.events: list[str] = []
        # A connection's class says in which module of the driver it lives.
        self.module = types.ModuleType("fake_driver")
        if paramstyle:
            self.module.paramstyle = paramstyle  # type: ignore[attr-defined] # DB-API's own attribute

    def connect(self) -> Driver:
        self.events.append("connect")
        return self

    def cursor(self) -> Driver:
        return self

    def execute(self, sql: str, values: Any = ()) -> None:
        self.queries.append((sql, values))
        self.events.append("execute")
        if self.answers and isinstance(self.answers[0], Exception):
            raise self.answers.pop(0)  # type: ignore[misc] # the line above saw that it is one

    def fetchmany(self, most: int) -> list[Any]:
        answer = self.answers.pop(0) if self.answers else []
        assert isinstance(answer, list)
        return answer[:most]

    def rollback(self) -> None:
        self.events.append("rollback")

    def close(self) -> None:
        self.events.append("close")


Driver.__module__ = "fake_driver.connections"


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Driver]:
    def made(*answers: list[Any] | Exception, paramstyle: str | None = "qmark") -> Driver:
        one = Driver(*answers, paramstyle=paramstyle)
        monkeypatch.setitem(sys.modules, "fake_driver", one.module)
        return one

    return made


@pytest.mark.parametrize(
    ("parts", "meant"),
    [
        (["orders"], ("shop", "public", "orders")),
        (["sales", "orders"], ("shop", "sales", "orders")),
        (["lake", "sales", "orders"], ("lake", "sales", "orders")),
        (["lake", "", "orders"], ("lake", "public", "orders")),
        (["far", "lake", "sales", "orders"], ("far.lake", "sales", "orders")),
    ],
)
def test_a_name_is_completed_from_the_databases_defaults(parts: list[str], meant: tuple[str, str, str]) -> None:
    one = Table.meant_by(parts, SHOP)

    assert one[1:] == meant


def test_a_table_carries_the_dataset_that_its_name_means() -> None:
    assert table("orders", SHOP).dataset == Dataset("postgres://shop:5432", "shop.public.orders")


def test_a_mapping_answers_for_the_names_that_one_would_write() -> None:
    source = GivenSchema({"orders": ["id", "total"], "sales.orders": ["id"]}, SHOP)

    found = source.columns_of([table("orders", SHOP), table("shop.sales.orders", SHOP), table("other", SHOP)])

    assert found == {table("orders", SHOP).dataset: ("id", "total"), table("sales.orders", SHOP).dataset: ("id",)}


def test_a_mapping_for_a_dialect_that_nobody_knows_is_read_as_the_standard_has_it() -> None:
    unknown = Database("klingon://shop", "klingon")

    assert GivenSchema({"orders": ["id"]}, unknown).columns_of([table("orders", unknown)]) == {
        Dataset("klingon://shop", "orders"): ("id",)
    }


def test_the_first_source_that_knows_a_table_answers_and_the_next_is_asked_for_the_rest() -> None:
    first = ListedSchema({table("orders"): ("id",)})
    second = ListedSchema({table("orders"): ("wrong",), table("customers"): ("name",)})

    found = Several(first, second).columns_of([table("orders"), table("customers"), table("other")])

    assert found == {table("orders").dataset: ("id",), table("customers").dataset: ("name",)}
    assert second.asked == [["customers", "other"]]


def test_a_source_is_not_asked_when_those_before_it_knew_everything() -> None:
    second = ListedSchema({})

    Several(ListedSchema({table("orders"): ("id",)}), second).columns_of([table("orders")])

    assert second.asked == []


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE Orders (Id INTEGER, total REAL, tax REAL GENERATED ALWAYS AS (total * 0.2) VIRTUAL);
            CREATE VIEW latest AS SELECT id AS order_id, total FROM orders;
            CREATE TABLE customers (name TEXT);
        """)
    return path


def test_sqlite_tells_the_columns_of_tables_and_views_in_order(shop: Path) -> None:
    with DatabaseSchema(lambda: sqlite3.connect(shop), "sqlite") as source:
        found = source.columns_of([table("orders"), table("main.latest"), table("other")])

    assert found == {
        table("orders").dataset: ("id", "total", "tax"),
        table("main.latest").dataset: ("order_id", "total"),
    }


def test_sqlite_finds_a_temporary_table_before_a_stored_one(shop: Path) -> None:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(shop)
        connection.execute("CREATE TEMP TABLE customers (passing TEXT)")
        return connection

    with DatabaseSchema(connect, "sqlite") as source:
        found = source.columns_of([table("customers"), table("main.customers")])

    assert found == {table("customers").dataset: ("passing",), table("main.customers").dataset: ("name",)}


def test_a_table_name_is_a_value_and_never_sql(shop: Path) -> None:
    hostile = "x'); DROP TABLE customers; --"
    with DatabaseSchema(lambda: sqlite3.connect(shop), "sqlite") as source:
        found = source.columns_of([Table.meant_by([hostile], FILE), table("customers")])

    assert found == {table("customers").dataset: ("name",)}


def test_duckdb_tells_the_columns_of_its_current_and_other_schemas(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed here")
    database = Database("duckdb://Shop.db", "duckdb", "Shop", "main")
    with duckdb.connect(str(tmp_path / "Shop.db")) as connection:
        connection.execute("CREATE TABLE Orders (Id INTEGER, total DOUBLE)")
        connection.execute("CREATE SCHEMA sales")
        connection.execute("CREATE VIEW sales.latest AS SELECT total, id FROM orders")
    orders, latest = table("orders", database), table("shop.sales.latest", database)
    nowhere = Table(orders.dataset, None, None, "orders")

    with DatabaseSchema(lambda: duckdb.connect(str(tmp_path / "Shop.db")), "duckdb") as source:
        found = source.columns_of([orders, latest])
        unqualified = source.columns_of([nowhere])

    assert found == {orders.dataset: ("id", "total"), latest.dataset: ("total", "id")}
    assert unqualified == {orders.dataset: ("id", "total")}


@pytest.mark.parametrize(
    ("style", "written", "values"),
    [
        ("qmark", "table_schema = ? AND table_name = ?", ("shop", "orders")),
        ("format", "table_schema = %s AND table_name = %s", ("shop", "orders")),
        ("numeric", "table_schema = :1 AND table_name = :2", ("shop", "orders")),
        ("named", "table_schema = :p1 AND table_name = :p2", {"p1": "shop", "p2": "orders"}),
        ("pyformat", "table_schema = %(p1)s AND table_name = %(p2)s", {"p1": "shop", "p2": "orders"}),
    ],
)
def test_values_are_bound_in_the_style_of_the_driver(
    driver: Callable[..., Driver], style: str, written: str, values: object
) -> None:
    mysql = driver([("shop", "orders", "id")], paramstyle=style)

    found = DatabaseSchema(mysql.connect, "mysql").columns_of([Table(Dataset("m", "o"), None, "shop", "orders")])

    assert found == {Dataset("m", "o"): ("id",)}
    assert [(written in sql, bound_values) for sql, bound_values in mysql.queries] == [(True, values)]


def test_sqlite_itself_takes_the_marks_of_its_styles() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        answers = [
            connection.execute(f"SELECT {', '.join(marks(2, style))}", bound(["a", "b"], style)).fetchone()
            for style in ("qmark", "named")
        ]

    assert answers == [("a", "b")] * 2


def test_a_driver_that_says_no_style_is_asked_only_with_one_named(driver: Callable[..., Driver]) -> None:
    mute, helped = (driver([("shop", "orders", "id")], paramstyle=None) for _ in range(2))
    orders = Table(Dataset("m", "o"), None, "shop", "orders")

    unanswered = DatabaseSchema(mute.connect, "mysql").columns_of([orders])
    answered = DatabaseSchema(helped.connect, "mysql", paramstyle="format").columns_of([orders])

    assert (unanswered, mute.queries) == ({}, [])
    assert answered == {orders.dataset: ("id",)}


def test_all_tables_of_a_statement_are_one_question_and_are_asked_for_once(driver: Callable[..., Driver]) -> None:
    mysql = driver([("shop", "orders", "id"), ("shop", "orders", "total")])
    source = DatabaseSchema(mysql.connect, "mysql")
    tables = [Table(Dataset("m", name), None, "shop", name) for name in ("orders", "missing")]

    answers = [source.columns_of(tables) for _ in range(3)]

    assert answers == [{tables[0].dataset: ("id", "total")}] * 3
    assert len(mysql.queries) == 1


def test_tables_that_were_not_there_are_asked_for_again_once_they_are_forgotten(shop: Path) -> None:
    tables = [Table(Dataset("s", name), None, None, name) for name in ("orders", "copies")]
    with closing(sqlite3.connect(shop)) as owner, DatabaseSchema(lambda: sqlite3.connect(shop), "sqlite") as source:
        before = source.columns_of(tables)
        owner.execute("CREATE TABLE copies (id INTEGER)")
        remembered = source.columns_of(tables)
        source.forget_unknown()
        after = source.columns_of(tables)

    assert before == remembered
    assert after == {**before, tables[1].dataset: ("id",)}


def test_a_name_without_a_schema_means_the_first_schema_on_the_path_that_has_it(driver: Callable[..., Driver]) -> None:
    path = [("shop", "own"), ("shop", "public")]
    postgres = driver(path, [("public", "orders", "late"), ("own", "orders", "early"), ("public", "customers", "name")])
    tables = [Table(Dataset("p", name), None, None, name) for name in ("orders", "customers")]

    found = DatabaseSchema(postgres.connect, "postgres").columns_of(tables)

    assert found == {tables[0].dataset: ("early",), tables[1].dataset: ("name",)}


@pytest.mark.parametrize(
    ("dialect", "place"),
    [
        ("bigquery", "FROM `my-project`.`sales`.INFORMATION_SCHEMA.COLUMNS"),
        ("databricks", "FROM `my-project`.information_schema.columns"),
        ("snowflake", 'FROM "my-project".information_schema.columns'),
        ("trino", 'FROM "my-project".information_schema.columns'),
        ("tsql", "FROM [my-project].INFORMATION_SCHEMA.COLUMNS"),
    ],
)
def test_a_place_is_part_of_the_sql_only_where_its_name_is_plain(
    driver: Callable[..., Driver], dialect: str, place: str
) -> None:
    warehouse = driver()
    names = ["my-project", "a`b", 'a"b', "a]b", "a.b", "a b", "ä", "a\n"]
    tables = [Table(Dataset("w", name), name, "sales", "orders") for name in names]

    DatabaseSchema(warehouse.connect, dialect).columns_of(tables)

    assert [place in sql for sql, _ in warehouse.queries] == [True]


def test_tables_in_several_places_are_a_question_each(driver: Callable[..., Driver]) -> None:
    bigquery = driver([("sales", "Orders", "Id")], [("stock", "items", "item")])
    tables = [
        Table(Dataset("b", schema), "p", schema, name) for schema, name in (("sales", "orders"), ("stock", "items"))
    ]

    found = DatabaseSchema(bigquery.connect, "bigquery").columns_of(tables)

    assert found == {Dataset("b", "sales"): ("id",), Dataset("b", "stock"): ("item",)}


def test_one_catalogs_table_never_answers_for_another_catalogs(driver: Callable[..., Driver]) -> None:
    postgres = driver([("public", "orders", "id")], [])
    here, elsewhere = (Table(Dataset("p", name), name, "public", "orders") for name in ("shop", "lake"))

    assert DatabaseSchema(postgres.connect, "postgres").columns_of([here, elsewhere]) == {here.dataset: ("id",)}


def test_two_tables_whose_names_differ_only_in_case_are_not_guessed_between(driver: Callable[..., Driver]) -> None:
    server = driver([("dbo", "Orders", "id"), ("dbo", "ORDERS", "other")])
    orders = Table(Dataset("s", "orders"), "shop", "dbo", "orders")

    assert DatabaseSchema(server.connect, "tsql").columns_of([orders]) == {}


def test_names_that_a_driver_gives_as_bytes_are_read(driver: Callable[..., Driver]) -> None:
    mysql = driver([(b"shop", bytearray(b"orders"), b"id")])
    orders = Table(Dataset("m", "o"), None, "shop", "orders")

    assert DatabaseSchema(mysql.connect, "mysql").columns_of([orders]) == {orders.dataset: ("id",)}


def test_rows_that_a_driver_gives_as_dicts_are_read_by_their_order(driver: Callable[..., Driver]) -> None:
    path = {"current_database": b"shop", "unnest": b"public"}
    postgres = driver([path], [{"nspname": "public", "relname": "orders", "attname": "id"}])
    orders = Table(Dataset("p", "o"), None, None, "orders")

    assert DatabaseSchema(postgres.connect, "postgres").columns_of([orders]) == {orders.dataset: ("id",)}


def test_rows_that_nobody_asked_for_are_a_failure_like_any_other(driver: Callable[..., Driver]) -> None:
    mysql = driver([("shop", "orders")], [7])
    source = DatabaseSchema(mysql.connect, "mysql")

    assert [source.columns_of([Table(Dataset("m", "o"), None, "shop", "orders")]) for _ in range(3)] == [{}] * 3
    assert len(mysql.queries) == 2


@pytest.mark.parametrize("dialect", ["hive", "spark", "", "klingon"])
def test_a_database_without_a_dictionary_is_never_connected_to(driver: Callable[..., Driver], dialect: str) -> None:
    silent = driver()

    assert DatabaseSchema(silent.connect, dialect).columns_of([table("orders")]) == {}
    assert silent.events == []


def test_look_ups_end_when_their_number_is_used_up(driver: Callable[..., Driver]) -> None:
    mysql = driver(*([("shop", str(number), "id")] for number in range(9)))
    source = DatabaseSchema(mysql.connect, "mysql", most_lookups=3)
    tables = [Table(Dataset("m", str(number)), None, "shop", str(number)) for number in range(9)]

    known = [bool(source.columns_of([one])) for one in [*tables, tables[0]]]

    assert known == [True] * 3 + [False] * 6 + [True]
    assert len(mysql.queries) == 3


def test_no_more_columns_are_read_than_allowed_and_half_a_table_is_not_believed(driver: Callable[..., Driver]) -> None:
    mysql = driver([("shop", "orders", str(number)) for number in range(50)], [("shop", "other", "id")])
    source = DatabaseSchema(mysql.connect, "mysql", most_columns=10)
    orders, other = (Table(Dataset("m", name), None, "shop", name) for name in ("orders", "other"))

    assert source.columns_of([orders]) == {}
    assert source.columns_of([other]) == {}
    assert len(mysql.queries) == 1


def test_very_many_tables_are_asked_for_in_several_questions() -> None:
    names = [Name(None, "shop", str(number)) for number in range(MOST_TABLES + 1)]

    asked = list(questions(names, DICTIONARIES["mysql"], "qmark"))

    assert [len(question.names) for question in asked] == [MOST_TABLES, 1]


def test_after_one_failure_it_asks_again_on_a_new_connection(driver: Callable[..., Driver]) -> None:
    mysql = driver(OSError("gone"), [("shop", "orders", "id")])
    source = DatabaseSchema(mysql.connect, "mysql")
    orders = Table(Dataset("m", "o"), None, "shop", "orders")

    assert [source.columns_of([orders]) for _ in range(2)] == [{}, {orders.dataset: ("id",)}]
    assert mysql.events == ["connect", "execute", "close", "close", "connect", "execute", "close", "rollback"]


def test_after_two_failures_it_asks_no_more_and_says_so_once_without_the_drivers_words(
    driver: Callable[..., Driver], caplog: pytest.LogCaptureFixture
) -> None:
    mysql = driver(OSError(SECRET), ValueError(SECRET), [("shop", "orders", "id")])
    source = DatabaseSchema(mysql.connect, "mysql")
    orders = Table(Dataset("m", "o"), None, "shop", "orders")

    with caplog.at_level(logging.DEBUG):
        answers = [source.columns_of([orders]) for _ in range(5)]

    assert answers == [{}] * 5
    assert len(mysql.queries) == 2
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    assert SECRET not in caplog.text


def test_a_database_that_cannot_be_reached_is_tried_twice() -> None:
    tried = []

    def refuse() -> None:
        tried.append(1)
        raise ConnectionRefusedError(SECRET)

    source = DatabaseSchema(refuse, "postgres")

    assert [source.columns_of([table("orders", SHOP)]) for _ in range(5)] == [{}] * 5
    assert len(tried) == 2


def test_no_transaction_stays_open_between_questions(driver: Callable[..., Driver]) -> None:
    mysql = driver()

    DatabaseSchema(mysql.connect, "mysql").columns_of([Table(Dataset("m", "o"), None, "shop", "orders")])

    assert mysql.events[-2:] == ["close", "rollback"]


def test_closing_ends_the_connection_and_keeps_the_answers(shop: Path) -> None:
    source = DatabaseSchema(lambda: sqlite3.connect(shop), "sqlite")
    before = source.columns_of([table("customers")])
    source.close()

    assert source.columns_of([table("customers"), table("orders")]) == before == {table("customers").dataset: ("name",)}


PARSED_AS = {name: "mysql" if name == "mariadb" else name for name in DICTIONARIES}


@pytest.mark.parametrize("dialect", DICTIONARIES)
def test_every_question_is_sql_of_its_own_dialect(dialect: str) -> None:
    dictionary = DICTIONARIES[dialect]
    names = [Name("shop", "sales", name) for name in ("orders", "items")]
    texts = [question.sql for question in questions(names, dictionary, "qmark")]

    trees = [sqlglot.parse_one(text, dialect=PARSED_AS[dialect]) for text in [*texts, dictionary.path] if text]

    assert len(texts) == 1
    assert {type(tree) for tree in trees} == {sqlglot.exp.Select}


@pytest.mark.parametrize("dialect", DICTIONARIES)
def test_nothing_but_the_marks_looks_like_a_value_to_any_driver(dialect: str) -> None:
    dictionary = DICTIONARIES[dialect]

    assert not re.search(r"[%?:]", dictionary.question + dictionary.condition + dictionary.path)
    assert dictionary.condition.count("{}") == len(dictionary.compared)


# sqlglot folds Teradata's names and compares them exactly; Teradata compares them in any case.
@pytest.mark.parametrize("dialect", sorted(DICTIONARIES.keys() - {"teradata"}))
def test_names_are_compared_in_any_case_where_the_dialect_folds_them_so(dialect: str) -> None:
    strategy = Dialect.get_or_raise(PARSED_AS[dialect]).normalization_strategy

    assert DICTIONARIES[dialect].ignores_case == (strategy is NormalizationStrategy.CASE_INSENSITIVE)


def test_every_style_of_the_standard_has_its_marks() -> None:
    assert [marks(1, style) for style in STYLES] == [["?"], [":1"], [":p1"], ["%s"], ["%(p1)s"]]
