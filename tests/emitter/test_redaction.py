from __future__ import annotations

import json
from typing import Any

import hypothesis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riverhead_emitter.encoding import encoded
from riverhead_emitter.redaction import scrubbed

few = hypothesis.settings(max_examples=60, deadline=None)
CANARY = "canary5ecret"


def through(value: Any) -> Any:
    """The value after its JSON was scrubbed."""
    return json.loads(scrubbed(json.dumps(value)))


def shape(value: Any) -> Any:
    """The value without its texts."""
    match value:
        case dict():
            return [shape(item) for item in value.values()]
        case list():
            return [shape(item) for item in value]
        case str():
            return "text"
    return value


FRAGMENTS = st.sampled_from(
    [
        "password", "token", "SECRET", "api_key", "=", ":", "=>", " ", "'", '"', "\\", "\n", "://", "@", "?", "&", "--",
        "-D", "export ", "||", ",", ")", "x", "é", "\ud800", "''", '\\"', "authorization", "Bearer ",
    ]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS, max_size=14).map("".join) | st.text(max_size=12)
KEYS = st.sampled_from(["password", "a", "api_key", "token's", "é", "url"])
VALUES = st.recursive(
    TEXTS | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@few
@example({"token": "\\", "a": "' token='"})
def test_scrubbed_json_stays_json_of_the_same_shape(value: Any) -> None:
    assert shape(through(value)) == shape(value)


@given(TEXTS)
@few
def test_scrubbing_what_is_scrubbed_changes_nothing_that_is_no_secret(text: str) -> None:
    assert "***" in scrubbed(text) or scrubbed(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"postgres://user:{CANARY}@db/shop",
        f"postgres://user:p@{CANARY}@db/shop",
        f"failed for amqp+ssl://{CANARY}@mq:5671",
        f"https://m/api?user=a&access_token={CANARY}&x=1",
        f"jdbc:mysql://db/shop?user=a&password={CANARY}",
        f"jdbc:sqlserver://db;user=a;password={CANARY};x=y",
        f"mysqldump --password={CANARY} shop",
        f"tool --api-key {CANARY}",
        f"java -Djavax.net.ssl.keyStorePassword={CANARY} -jar x",
        f"spark-submit --conf spark.hadoop.fs.s3a.secret.key={CANARY} job.py",
        f"export DB_PASSWORD={CANARY}; psql",
        f"curl -H 'Authorization: Bearer {CANARY}' https://m",
        f'curl -H "authorization: Basic {CANARY}" https://m',
        f"password='{CANARY}'",
        f"password = '{CANARY}''{CANARY}'",
        f"password='a\"{CANARY}'",
        f'password="{CANARY}"',
        f"{{'db_password': '{CANARY}'}}",
        f'{{"db_password": "{CANARY}"}}',
        f"CREATE USER ada PASSWORD '{CANARY}'",
        f"COPY t FROM 's3://b' CREDENTIALS 'aws_secret_access_key={CANARY}'",
        f"OPTIONS (secret_key => '{CANARY}')",
    ],
)
def test_a_secret_in_a_text_is_gone(text: str) -> None:
    assert CANARY not in through(text)
    assert CANARY not in through({"sql": [text]})["sql"][0]


@pytest.mark.parametrize("key", ["password", "DB_PASSWORD", "fs.s3a.secret.key", "api-key", "Authorization", "x_token"])
def test_what_is_named_like_a_secret_is_gone_however_long(key: str) -> None:
    assert through({key: f'{CANARY}"\\' * 2_000, "next": "kept"}) == {key: "***", "next": "kept"}


@pytest.mark.parametrize(
    "sql",
    [
        "select a from x join y on x.token = y.token and x.password=y.password",
        "select a from t where kind = 'password' and status = 'active'",
        'select "token", "user" from t',
        'select 1 from a join b on a."token" = b."token"',
        'select 1 from a join b on "token" = "b"."token"',
        "select 'https://m?token=' || t.token || '&x=' from t",
        "select concat('token=',x,'b') from t",
        "select 1 from t where x like 'secret=%' and y in ('token', 'b')",
        "select count(token) as tokens, max(secret) from t group by password",
    ],
)
def test_a_column_named_like_a_secret_stays(sql: str) -> None:
    assert through(sql) == sql


def test_what_json_cannot_say_becomes_what_it_can() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    value = {
        "nan": float("nan"), "deep": [float("inf"), (1, float("-inf"))], 1: b"\xff", "odd": Odd(), "set": {2, 1},
        "half": "\ud800", None: 1,
    }  # fmt: skip

    assert json.loads(encoded(value)) == {
        "nan": None, "deep": [None, [1, None]], "1": "\ufffd", "odd": "odd", "set": [1, 2], "half": "\ud800", "None": 1,
    }  # fmt: skip


def test_a_read_only_mapping_stays_a_mapping() -> None:
    from types import MappingProxyType

    assert json.loads(encoded({"payload": MappingProxyType({"a": MappingProxyType({})})})) == {"payload": {"a": {}}}


@given(VALUES)
@settings(max_examples=40)
def test_what_was_encoded_is_one_line_of_ascii(value: Any) -> None:
    line = encoded(value)

    assert line.isascii()
    assert b"\n" not in line
