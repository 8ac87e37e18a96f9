from __future__ import annotations

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import database, location

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
        ("abfss://box@account.dfs.core.windows.net/a", "abfss://box@account.dfs.core.windows.net", "/a"),
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
    assert database("oracle", "h", 1, "x") is None
