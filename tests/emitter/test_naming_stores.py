"""Every store of the specification: the table in docs/naming.md, and the official client's own classes beside it."""

from __future__ import annotations

import re

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.naming import dataset as official

import house
from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import (
    database,
    dataset_of,
    glue_table,
    in_memory,
    kafka_topic,
    location,
    metastore_table,
    pubsub,
    unity_table,
    warehouse_table,
)

few = hypothesis.settings(max_examples=20, deadline=None)
WORD = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)
PORT = st.integers(1, 65535)
ROWS = [
    tuple(re.findall(r"`([^`]+)`", line))
    for line in (house.ROOT / "docs" / "naming.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and line.count("`") == 6
]
# Where we do not write what an official class writes for the same parts, and why.
DIFFERENCES = {
    "AzureSynapse": "the class takes any host; here a host of Azure's is what tells Synapse from SQL Server",
    "Redshift": "the class is given a cluster and a region; here they are read from the host",
    "WASBS": "the class writes dfs.core.windows.net, where blobs are not; the URI's own host is kept",
}


def test_the_table_has_every_store() -> None:
    assert len(ROWS) > 40


@pytest.mark.parametrize(("written", "namespace", "name"), ROWS)
def test_a_store_is_named_as_the_table_says(written: str, namespace: str, name: str) -> None:
    assert dataset_of(written) == Dataset(namespace, name)


@pytest.mark.parametrize(
    ("written", "namespace", "name"),
    [
        ("postgres://loader:secret@h:5433/shop/mart/orders", "postgres://h:5433", "shop.mart.orders"),
        ("postgres://h/shop/mart.orders", "postgres://h:5432", "shop.mart.orders"),
        ("trino://h:8080/lake/mart/orders", "trino://h:8080", "lake.mart.orders"),
        ("mysql://h/shop/orders", "mysql://h:3306", "shop.orders"),
        ("databricks://w/lake/mart/orders", "databricks://w", "lake.mart.orders"),
        ("duckdb:///data/shop.duckdb/shop/mart/orders", "duckdb:///data/shop.duckdb", "shop.mart.orders"),
        ("duckdb:///data/shop.duckdb/mart/orders", "duckdb:///data/shop.duckdb", "shop.mart.orders"),
        ("sqlite:///data.db/lite.db/main/orders", "sqlite:///data.db/lite.db", "main.orders"),
        ("sqlite:///data.d/lite/orders", "sqlite:///data.d/lite", "orders"),
    ],
)
def test_the_steps_of_a_tables_address_are_its_whole_name(written: str, namespace: str, name: str) -> None:
    assert dataset_of(written) == Dataset(namespace, name)


@pytest.mark.parametrize(("written", "namespace", "name"), ROWS)
def test_a_name_that_is_read_again_stays(written: str, namespace: str, name: str) -> None:
    joined = {"file": name, "inmemory://": f"inmemory://{name}"}.get(namespace, f"{namespace}/{name.lstrip('/')}")
    if namespace in {"pubsub", "bigquery"} or namespace.startswith("arn:"):
        joined = f"{namespace}:{name}"

    assert dataset_of(joined) == Dataset(namespace, name), written


SERVERS = [
    ("cassandra", official.Cassandra, ("keyspace", "table")),
    ("mysql", official.MySQL, ("database", "table")),
    ("crate", official.CrateDB, ("database", "schema", "table")),
    ("oceanbase", official.OceanBase, ("database", "table")),
    ("postgres", official.Postgres, ("database", "schema", "table")),
    ("teradata", official.Teradata, ("database", "table")),
    ("trino", official.Trino, ("catalog", "schema", "table")),
    ("hive", official.Hive, ("database", "table")),
]


@pytest.mark.parametrize("server", SERVERS)
@given(host=WORD, port=PORT, words=st.lists(WORD, min_size=3, max_size=3))
@few
def test_servers_are_named_as_the_official_client_names_them(
    server: tuple[str, type, tuple[str, ...]], host: str, port: int, words: list[str]
) -> None:
    kind, naming, levels = server
    parts = tuple(words[: len(levels)])
    theirs = naming(host=host, port=str(port), **dict(zip(levels, parts, strict=True)))
    ours = database(kind, host.upper(), port, None)

    assert ours is not None
    assert ours.dataset(parts) == Dataset(theirs.get_namespace(), theirs.get_name())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (dataset_of("awsathena://athena.r.amazonaws.com/c.d.t"), official.Athena("r", "c", "d", "t")),
        (glue_table("r", "1", "d", "t"), official.AWSGlue("r", "1", "d", "t")),
        (dataset_of("azurecosmos://h/dbs/d/colls/t"), official.AzureCosmosDB("h", "d", "t")),
        (dataset_of("azurekusto://h/d/t"), official.AzureDataExplorer("h", "d", "t")),
        (dataset_of("bigquery:p.d.t"), official.BigQuery("p", "d", "t")),
        (dataset_of("db2://h:1/D.S.T"), official.DB2("h", "1", "D", "S", "T")),
        (dataset_of("oracle://h:1/X.S.T"), official.Oracle("h", "1", "X", "S", "T")),
        (dataset_of("snowflake://o-a/D.S.T"), official.Snowflake("o", "a", "D", "S", "T")),
        (location("abfss://c@s.dfs.core.windows.net/p"), official.ABFSS("c", "s", "p")),
        (location("dbfs://w/p"), official.DBFS("w", "/p")),
        (location("gs://b/k"), official.GCS("b", "k")),
        (location("hdfs://h:1/p"), official.HDFS("h", "1", "/p")),
        (kafka_topic("h:1", "t"), official.Kafka("h", "1", "t")),
        (location("/p"), official.LocalFileSystem("/p")),
        (location("file://h/p"), official.RemoteFileSystem("h", "/p")),
        (location("s3a://b/k"), official.S3("b", "k")),
        (pubsub("p", "t"), official.PubSubNaming(official.PubSubResourceType.TOPIC, "p", "t")),
        (metastore_table("thrift://h:9083", "d", "t"), official.Hive("h", "9083", "d", "t")),
    ],
)
def test_other_stores_are_named_as_the_official_client_names_them(
    ours: Dataset, theirs: official.DatasetNaming
) -> None:
    assert ours == Dataset(theirs.get_namespace(), theirs.get_name())


def test_every_official_class_is_compared_or_its_difference_is_said() -> None:
    compared = {naming.__name__ for _, naming, _ in SERVERS} | {
        "Athena", "AWSGlue", "AzureCosmosDB", "AzureDataExplorer", "BigQuery", "DB2", "Oracle", "Snowflake", "ABFSS",
        "DBFS", "GCS", "HDFS", "Kafka", "LocalFileSystem", "RemoteFileSystem", "S3", "PubSubNaming",
    }  # fmt: skip
    known = {name for name, found in vars(official).items() if hasattr(found, "get_namespace")} - {"DatasetNaming"}

    assert known == compared | DIFFERENCES.keys()
    assert compared & DIFFERENCES.keys() == set()


def test_a_lakes_table_has_a_name_in_its_catalog_too() -> None:
    assert metastore_table("thrift://b:1,thrift://a", "shop", "o") == Dataset("hive://a:9083", "shop.o")
    assert unity_table("https://ADB-1.net/", "main", "shop", "o") == Dataset("databricks://adb-1.net", "main.shop.o")
    assert warehouse_table("s3a://b/wh/shop.db/o", "shop.o") == Dataset("s3://b/wh/shop.db", "shop.o")
    assert warehouse_table("/wh/o", "shop.o") == Dataset("file:/wh", "shop.o")
    assert pubsub("", "projects/p/subscriptions/s") == Dataset("pubsub", "subscription:p:s")
    assert in_memory("t") == Dataset("inmemory://", "t")
