from __future__ import annotations

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import database, kafka_topic, location
from riverhead_emitter.naming.servers import SERVERS

few = hypothesis.settings(max_examples=40, deadline=None)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_=-.@#%?", min_size=1, max_size=8).filter(
    lambda word: word.strip(".") != ""
)
PATHS = st.lists(WORDS, min_size=1, max_size=4).map("/".join)
SCHEMES = st.sampled_from(["s3", "s3a", "s3n", "gs", "hdfs", "abfss", "file"])
CANARY = "canary5ecret"
SECRETS = st.text("abc/+=@:%", max_size=6).map(lambda around: around + CANARY + around)


@given(PATHS)
@few
def test_a_plain_path_is_named_as_it_is(path: str) -> None:
    assert location(f"/{path}") == Dataset("file", f"/{path}")


@given(SCHEMES, PATHS, st.integers(0, 2))
@few
def test_trailing_slashes_change_no_name(scheme: str, path: str, slashes: int) -> None:
    assert location(f"{scheme}://place/{path}" + "/" * slashes) == location(f"{scheme}://place/{path}")
    assert location(f"/{path}" + "/" * slashes) == location(f"/{path}")


@given(PATHS)
@few
def test_every_spelling_of_s3_gives_one_name(path: str) -> None:
    names = {location(f"{scheme}://bucket/{path}") for scheme in ("s3", "s3a", "s3n", "S3A")}

    assert len(names) == 1
    assert names.pop().namespace == "s3://bucket"


@given(st.sampled_from(["s3a", "hdfs", "https", "gs", "ftp", "jdbc:postgresql", "sftp"]), SECRETS, PATHS)
@few
def test_credentials_never_become_part_of_a_name(scheme: str, secret: str, path: str) -> None:
    name = location(f"{scheme}://user:{secret}@place/{path}")

    assert CANARY not in name.namespace + name.name


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        ("s3a://bucket/a/b.parquet", "s3://bucket", "a/b.parquet"),
        ("s3://bucket", "s3://bucket", "/"),
        ("gs://bucket/a//b/", "gs://bucket", "a/b"),
        ("hdfs://name-node:8020/warehouse/t", "hdfs://name-node:8020", "/warehouse/t"),
        ("abfss://box@account.dfs.core.windows.net/a", "abfss://box@account.dfs.core.windows.net", "a"),
        ("abfs://box:canary/x@Account.dfs.core.windows.net/a", "abfss://box@account.dfs.core.windows.net", "a"),
        ("hdfs://NN.example/warehouse", "hdfs://nn.example:8020", "/warehouse"),
        ("hdfs://warehouses/t", "hdfs://warehouses", "/t"),
        ("https://Place:443/a.csv?sig=canary", "https://place", "/a.csv"),
        ("file://Place/a.csv", "file://place", "/a.csv"),
        ("file://localhost/a.csv", "file", "/a.csv"),
        ("file:///C:/data/orders", "file", "C:/data/orders"),
        (r"\\Place\share\a.csv", "file://place", "/share/a.csv"),
        ("file:///data/a%20b.csv", "file", "/data/a b.csv"),
        ("file:/data/a.csv", "file", "/data/a.csv"),
        ("/data/a%20b.csv", "file", "/data/a%20b.csv"),
        ("/data/a#1?.csv", "file", "/data/a#1?.csv"),
        ("//data//a.csv", "file", "/data/a.csv"),
        ("/", "file", "/"),
        (r"C:\data\orders" + "\\", "file", r"C:\data\orders"),
        ("C:/data/orders/", "file", "C:/data/orders"),
    ],
)
def test_a_place_is_named_as_the_specification_says(uri: str, namespace: str, name: str) -> None:
    assert location(uri) == Dataset(namespace, name)


@pytest.mark.parametrize(
    ("connection", "parts", "expected"),
    [
        (
            ("postgres", "DB.Local", None, "shop"),
            ("orders",),
            Dataset("postgres://db.local:5432", "shop.public.orders"),
        ),
        (("postgresql", None, 6543, "shop"), ("s", "orders"), Dataset("postgres://localhost:6543", "shop.s.orders")),
        (("postgres", "user:canary@db", None, "shop"), ("a", "b", "c"), Dataset("postgres://db:5432", "a.b.c")),
        (("postgres", "::1", None, "shop"), ("o",), Dataset("postgres://[::1]:5432", "shop.public.o")),
        (("sqlite", "/data//shop.db", None, None), ("orders",), Dataset("sqlite:///data/shop.db", "orders")),
        (
            ("duckdb", "/data/shop.duckdb", None, None),
            ("orders",),
            Dataset("duckdb:///data/shop.duckdb", "shop.main.orders"),
        ),
        (("duckdb", None, None, None), ("orders",), Dataset("duckdb:///:memory:", "memory.main.orders")),
        (("duckdb", ":memory:", None, None), ("orders",), Dataset("duckdb:///:memory:", "memory.main.orders")),
        (
            ("duckdb", "md:shop?motherduck_token=canary", None, None),
            ("o",),
            Dataset("duckdb://md:shop", "md:shop.main.o"),
        ),
    ],
)
def test_a_database_completes_the_names_of_its_datasets(
    connection: tuple[str, str | None, int | None, str | None], parts: tuple[str, ...], expected: Dataset
) -> None:
    found = database(*connection)

    assert found is not None
    assert found.dataset(parts) == expected


def test_a_kind_of_database_without_a_rule_has_no_name() -> None:
    assert database("unheard-of", "h", 1, "x") is None


@pytest.mark.parametrize("kind", ["snowflake", "athena", "glue", "spanner", "cosmos", "kusto", "databricks"])
def test_a_database_whose_address_is_missing_has_no_name(kind: str) -> None:
    assert database(kind, None, None, None) is None


KINDS = [*SERVERS, "redshift"]


@given(st.sampled_from(KINDS), st.sampled_from(["Db.Example", "10.0.0.7", "[2001:DB8::1]", "db"]))
@few
def test_a_default_port_and_the_case_of_a_host_change_no_name(kind: str, host: str) -> None:
    plain = database(kind, host.lower(), None, "shop")
    assert plain is not None
    port = int(plain.namespace.rpartition(":")[2])

    assert database(kind, host, port, "shop") == plain
    assert database(kind, f"{host}:{port}", None, "shop") == plain
    assert database(kind, f"user:canary@{host}", None, "shop") == plain
    assert database(kind, f" {host.upper()} ", None, "shop") == plain


@pytest.mark.parametrize(
    "aliases",
    [
        {"10.0.0.7": "db.example"},
        {"10.0.0.7:5432": "db.example:5432"},
        {"postgres://10.0.0.7:5432": "postgres://db.example:5432"},
    ],
)
def test_an_alias_gives_two_addresses_of_a_server_one_name(aliases: dict[str, str]) -> None:
    assert database("postgres", "10.0.0.7", None, "shop", aliases=aliases) == database(
        "postgres", "db.example", None, "shop"
    )


def test_an_alias_renames_a_whole_place() -> None:
    aliases = {"hdfs://nn1:8020": "hdfs://shop", "dbfs://": "dbfs://workspace"}

    assert location("hdfs://nn1:8020/a", aliases) == Dataset("hdfs://shop", "/a")
    assert location("dbfs:/a", aliases) == Dataset("dbfs://workspace", "/a")


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("org-account", "org-account"),
        ("ORG-My_Account.snowflakecomputing.com", "org-my-account"),
        ("org-account.privatelink.snowflakecomputing.com", "org-account"),
        ("xy12345", "xy12345.us-west-1.aws"),
        ("xy12345.us-east-2.aws", "xy12345.us-east-2.aws"),
        ("xy12345.east-us-2.azure", "xy12345.east-us-2.azure"),
        ("xy12345.fhplus.us-gov-west-1.aws", "xy12345.fhplus.us-gov-west-1.aws"),
        ("xy12345.europe-west3.gcp.europe-west3.gcp", "xy12345.europe-west3.gcp"),
    ],
)
def test_every_spelling_of_a_snowflake_account_gives_one_name(written: str, account: str) -> None:
    found = database("snowflake", None, None, "shop", account=written)

    assert found is not None
    assert found.namespace == f"snowflake://{account}"


def test_synapse_leaves_its_own_database_out_and_names_another() -> None:
    found = database("mssql", "w.sql.azuresynapse.net", None, "pool")

    assert found is not None
    assert [found.dataset(("pool", "dbo", "t")).name, found.dataset(("x", "dbo", "t")).name] == ["dbo.t", "x.dbo.t"]


def test_brokers_in_any_order_are_one_cluster() -> None:
    assert (
        kafka_topic("b:9093,PLAINTEXT://A", "t") == kafka_topic("a:9092, b:9093", "t") == Dataset("kafka://a:9092", "t")
    )


@given(st.text("/@:a1", max_size=30))
@few
def test_an_absurd_uri_has_a_name_too(text: str) -> None:
    assert location(f"hdfs://{text}").namespace.startswith("hdfs://")
