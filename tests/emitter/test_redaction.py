from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riverhead_emitter.encoding import encoded
from riverhead_emitter.naming import location
from riverhead_emitter.redaction import (
    REDACTION,
    addresses,
    commands,
    looking,
    named,
    prepare_rules,
    scrubbed,
    shapes,
    strings,
)

few = hypothesis.settings(max_examples=60, deadline=None)
CANARY = "canary5ecret"
WHOLE_NAMES = (
    *("pass", "userpass", "PW", "app_key", "client_key", "subscription-key", "x-functions-key", "consumer_key"),
    *("ssh_key", "sas", "jwt", "psk", "keyfile_json"),
)


def through(value: Any) -> Any:
    """The value after its JSON was scrubbed."""
    return json.loads(scrubbed(json.dumps(value)))


def shape(value: Any) -> Any:
    """The value without its texts, and without its numbers, which become nothing where they are secrets."""
    match value:
        case dict():
            return [shape(item) for item in value.values()]
        case list():
            return [shape(item) for item in value]
        case str():
            return "text"
        case bool():
            return value
    return "number or nothing"


FRAGMENTS = st.sampled_from(
    [
        "password", "token", "SECRET", "api_key", "=", ":", "=>", " ", "'", '"', "\\", "\n", "://", "@", "?", "&", "--",
        "-D", "export ", "||", ",", ")", "x", "é", "\ud800", "''", '\\"', "authorization", "Bearer ", ": ",
        "{", "[", "}",
        " -u ", "u:", "mysql ", " -p", "$$", "%3D", "%73", "eyJ0123456.", "api-key", "cookie",
        "-----BEGIN PRIVATE KEY-----",
    ]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS, max_size=14).map("".join) | st.text(max_size=12)
KEYS = st.sampled_from(["password", "a", "api_key", "token's", "é", "url"])
VALUES = st.recursive(
    TEXTS | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, min_size=2, max_size=5))
@few
@example(["%", {"a": "?t%6Fken=x"}])
@example([{"a": "hunter2"}, {"password": "hunter2"}, {"a": "hunter2", "b": "token: hunter2"}])
def test_what_was_told_in_the_clear_before_makes_no_difference(values: list[Any]) -> None:
    texts = [json.dumps([value, *(f"filling {at}" for at in range(100))]) for value in values]
    cold = []
    for text in texts:
        looking._FAMILIAR.clear()
        cold.append(scrubbed(text))

    assert [scrubbed(text) for text in texts] == cold


def test_a_secret_behind_a_backslash_in_a_long_text_is_no_lines_end() -> None:
    token = f"npm_{(CANARY * 3)[:36]}"

    assert CANARY not in through("select 1\n" * 200 + f"C:\\{token}")


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
    ("text", "public"),
    [
        ('{"password": 482913, "a": 1}', '{"password": null, "a": 1}'),
        ('{"a":"{\\"DB_PASSWORD\\":482913}"}', '{"a":"{\\"DB_PASSWORD\\":null}"}'),
        # What is counted, measured or only sounds alike stays.
        ('{"token": 4829, "max_tokens": 48290}', None),
        ('{"password_length": 4829, "has_password": true, "password": null}', None),
        ('{"password": 12, "secret": 0.4829}', None),
    ],
)
def test_a_number_that_is_called_a_password_becomes_nothing(text: str, public: str | None) -> None:
    assert scrubbed(text) == (public or text)


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
        f"ATTACH 'host=h user=u password={CANARY}' AS pg (TYPE postgres)",
        f"ATTACH 'password={CANARY} host=h' AS pg",
        f"connection failed: password={CANARY} was refused",
        f"connection failed: host=h, user=u, password={CANARY}",
        f"connect(host=h, password={CANARY})",
        f"https://a.blob.core.windows.net/c/b?sv=1&sig={CANARY}%3D&x=1",
        f"SharedAccessSignature: sv=1 sig={CANARY}",
        f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={CANARY}==;EndpointSuffix=core.windows.net",
        f"AccountKey={CANARY}",
        f"Endpoint=sb://n/;SharedAccessKeyName=k;SharedAccessKey={CANARY}=",
        f"fs.azure.account.key.a.dfs.core.windows.net={CANARY}",
        f"{{'fs.azure.account.key.an-account.dfs.core.windows.net': '{CANARY}'}}",
        f"CREATE USER u IDENTIFIED BY '{CANARY}'",
        f"create user u\nidentified with mysql_native_password by '{CANARY}'",
        f'ALTER USER u IDENTIFIED BY "{CANARY}"',
        f"CREATE USER u IDENTIFIED BY {CANARY}",
        f"jdbc:oracle:thin:scott/{CANARY}@db:1521:x",
        f"private_key='{CANARY}'",
        f"passphrase='{CANARY}'",
        f"AWS_SECRET_ACCESS_KEY={CANARY}/x+y aws s3 ls",
        f"cd /x && PGPASSWORD={CANARY} psql -c 'select 1'",
        f"first line\nPGPASSWORD={CANARY}\npsql",
        f"PGPASSWORD=pé{CANARY} psql",
        f"password: {CANARY}",
        f"db:\n  password: correct {CANARY} staple\n  host: h",
        f"token = x{CANARY}!\nhost = h",
        f"aws_secret_access_key = {CANARY}",
        f"X-Api-Key: {CANARY}",
        f"got x-api-key:{CANARY} and left",
        f"Authorization: Bearer {CANARY}",
        f"Authorization: ApiKey {CANARY}",
        f"Cookie: session={CANARY}; id={CANARY}",
        f"postgres://user:p/{CANARY}@db/shop",
        f"postgres://user:pé{CANARY}@db/shop",
        f"postgres://üser:{CANARY}@db/shop",
        f"user:{CANARY}@tcp(db:3306)/shop",
        f"https://m/?next=https%3A%2F%2Fuser%3A{CANARY}%40h%2F",
        f"https://m/?next=https%3A%2F%2Fh%2F%3Ftoken%3D{CANARY}%26x",
        f"https://m/?pass%77ord={CANARY}&x=1",
        f"https://b.s3.amazonaws.com/k?X-Amz-Credential={CANARY}%2F2026&X-Amz-Date=1",
        f"https://b.s3.amazonaws.com/k?X-Amz-Signature={CANARY}&X-Amz-Security-Token={CANARY}",
        f"https://storage.googleapis.com/b/o?GoogleAccessId=a&Expires=1&Signature={CANARY}",
        f"jdbc:sqlserver://db;user=a;password={{{CANARY};x}};encrypt=true",
        f'required username="u" password="{CANARY}";',
        f"CREATE USER u PASSWORD $${CANARY}$$",
        f"password = $tag${CANARY}$tag$",
        f"\"password\" = '{CANARY}'",
        f"`password` = '{CANARY}'",
        f"[password] = N'{CANARY}'",
        f"curl -u user:{CANARY} https://m",
        f"curl --user 'user:{CANARY}' https://m",
        f'curl -u "user:{CANARY}" https://m',
        f"mysql -u root -p{CANARY} shop",
        f"tool -p'{CANARY}'",
        f"tool --password {CANARY}",
        f"['tool', '--password', '{CANARY}']",
        f"{{'password': {{'value': ['{CANARY}']}}}}",
        f'{{"password": {{"value": "{CANARY}"}}, "a": "b"}}',
        f'{{"password": "a\\"{CANARY}"}}',
        f"-----BEGIN RSA PRIVATE KEY-----\nMII{CANARY}abcdefghijklm\n-----END RSA PRIVATE KEY-----",
        f"found eyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}.a-b_c there",
        f"first line\neyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}.a",
        f"found ghp_{CANARY * 3}",
        f"found xoxb-1234-{CANARY}",
        f"https://hooks.slack.com/services/T0/B0/{CANARY}",
        f"https://discord.com/api/webhooks/123456/{CANARY}",
        f"https://api.telegram.org/bot123456:{CANARY}/sendMessage",
        f"vault: hvs.{CANARY * 2}",
        f"ya29.a0{CANARY * 2}",
        f"docker login -u ada -p {CANARY} registry",
        f"az login --service-principal -u app -p '{CANARY}'",
        f"redis-cli -h cache -a {CANARY} get x",
        f"aws configure set aws_secret_access_key {CANARY}",
        f"sqlplus -s scott/{CANARY}@shop @report.sql",
        f"lftp -u ada,{CANARY} sftp://host",
        f"ldapsearch -x -D cn=ada -w {CANARY} -b dc=x",
        f"unzip -o -P {CANARY} a.zip",
        f"zip -P {CANARY} a.zip b",
        f"7z x -p{CANARY} a.7z",
        f"openssl rsa -in a.pem -passin pass:{CANARY} -out b.pem",
        f"db:\n  pass: {CANARY}\n  host: h",
        f"jdbc:mysql://db/shop?user=a&pass={CANARY}",
        f"tool --pass {CANARY}",
        f"connect(user='a', pw='{CANARY}')",
        f"{{'jwt': '{CANARY}'}}",
        f'client_key = "{CANARY}"',
        f"https://maps/api?x=1&key={CANARY}",
        f"https://cas/login?ticket={CANARY}&x=1",
        f"https://app/callback?code={CANARY}",
        f"https://app/callback?jwt={CANARY}",
        f"x-functions-key: {CANARY}",
        f"curl -H 'Ocp-Apim-Subscription-Key: {CANARY}' https://m",
    ],
)
def test_a_secret_in_a_text_is_gone(text: str) -> None:
    assert CANARY not in through(text)
    assert CANARY not in through({"sql": [text]})["sql"][0]
    assert CANARY not in scrubbed(text)


@pytest.mark.parametrize(
    "value",
    [
        {"password": {"value": CANARY}},
        {"db_password": [CANARY, {"old": CANARY}], "next": "kept"},
        {"run": {"password": {"value": CANARY}}, "inputs": []},
        {"api.token": {"a": {"b": [[CANARY]]}, "ttl": 3}},
        {"name": "DB_PASSWORD", "value": CANARY},
        [{"key": "api_token", "value": CANARY, "source": "env"}],
        ["tool", "--password", CANARY, "shop"],
        ["curl", "-u", f"user:{CANARY}"],
        {"extra": json.dumps({"password": {"value": CANARY}})},
        *({name: CANARY, "next": "kept"} for name in WHOLE_NAMES),
        *({"extra": json.dumps({name: CANARY, "next": "kept"})} for name in WHOLE_NAMES),
        {"name": "pass", "value": CANARY},
    ],
)
def test_a_secret_deeper_under_its_name_or_beside_it_is_gone(value: Any) -> None:
    assert CANARY not in json.dumps(through(value))
    assert shape(through(value)) == shape(value)


@pytest.mark.parametrize("secret", ["AKIAIOSFODNN7EXAMPLE", "dXNlcjpjYW5hcnk1ZWNyZXQ="])
def test_a_secret_without_a_name_is_known_by_its_shape(secret: str) -> None:
    assert secret not in through(f"sent Basic {secret} to the server")


@pytest.mark.parametrize(
    "value",
    [
        {"fields": [{"name": "password_hash", "type": "text"}, {"name": "token", "type": "string"}]},
        {"fields": {"token": {"inputFields": [{"namespace": "n", "name": "x", "field": "token"}]}}},
        {"fields": {"token": {"transformed": [], "inputs": [{"name": "x", "field": "token"}]}}},
        {"columnMetrics": {"password": {"nullCount": 5, "max": 2.5}}},
        {"token": 5, "password": None, "is_secret": True},
        {"fields": [{"name": name, "type": "text"} for name in ("pass", "key", "code", "client_key", "pw")]},
        {"fields": {"pass": {"inputFields": [{"namespace": "n", "name": "x", "field": "pass"}]}}},
        [{"key": "team", "value": "shop"}, {"key": "code", "value": "DE"}, {"code": "DE", "bypass": "x", "tpw": "y"}],
        {"pass_rate": "high", "by-pass": "x", "sas_url": "x", "said": "pass_rate: high, compass: x, pass-through='x'"},
        "Done. PASS=4 WARN=0 ERROR=0; tests pass: 12",
        "s3://bucket/t/client_key=abc/pass=yes/part-1",
        "try:\n    x()\nexcept KeyError:\n    pass\n\n'text'",
        "root\n |-- token: string (nullable = true)\n |-- secret: decimal(10,2)",
        "select src:token::string from t",
        "update t set\n  token = new_token,\n  secret = s.secret\nwhere true",
        "the tokenizer: bert, max_tokens: 512, a basic authentication",
        "https://host:8080/@scope/package",
        "s3://bucket/a:b@c/part",
        "file://C:/a/@b",
        "mongodb://one:27017,two:27017/shop?note=a@b",
        "jdbc:postgresql://$HOST:$PORT/shop@x",
        "docker run -u 1000:1000 image; date -u +%H:%M; mkdir -p a/b; sort -u a",
        "aws configure set region eu-1; sqlplus -s /nolog; gzip -9 a; zip a.zip b; scp -P 22 a b; lftp -u ada host",
        "https://discord.com/api/webhooks/docs ya29.5 hvs.txt",
    ],
)
def test_what_only_sounds_like_a_secret_stays(value: Any) -> None:
    assert through(value) == value


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
        "select 1 from a join b on a.token=b.token and (token=other_token or a.secret=password_hash)",
        "select 1 from a\nwhere token=other_token\nand secret=b.secret",
        "update t set password=new_password, token=new_token, secret=md5(x) where id=1",
        "select 1 from (select password=md5(p) as same from t) where token = other",
        "select 1 from s3.`s3://bucket/t/token=abc/part=1`",
        "select 1 from t where token like '%secret=%'",
        "select identified, signature from t order by sig",
        "select t.pass, key, code as jwt from t join u on t.client_key = u.client_key and pass=u.pass where key='a'",
        "select 'pass=' || t.pass || '&pw=' from t where client_key = other and app_key in ('a')",
        "select src:pass::string, src:jwt from t",
        "update t set\n  pass = new_pass,\n  client_key = s.client_key\nwhere key = code",
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
        "half": "\ufffd", None: 1,
    }  # fmt: skip

    assert json.loads(encoded(value)) == {
        "nan": None, "deep": [None, [1, None]], "1": "\ufffd", "odd": "odd", "set": [1, 2], "half": "\ufffd", "null": 1,
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


CONTAINERS = st.sampled_from(["abfs", "abfss", "wasb", "wasbs", "ABFSS"])
PLACES = st.sampled_from(["s3://bucket", "gs://bucket", "hdfs://node:8020", "file://", ""]) | CONTAINERS.map(
    lambda scheme: f"{scheme}://container@account.dfs.core.windows.net"
)
FOLDERS = st.lists(st.text("abcxyz019_=-.@#%", min_size=1, max_size=8), min_size=1, max_size=4).map("/".join)


@given(PLACES, FOLDERS, st.sampled_from(["", "\n", "read "]))
@few
@example("abfss://container@acct.dfs.core.windows.net", "t", "")
def test_a_location_names_the_same_dataset_once_it_was_kept(place: str, folder: str, before: str) -> None:
    uri = f"{place}/{folder}"

    (kept,) = json.loads(encoded([before + uri]))

    assert location(kept.removeprefix(before)) == location(uri)


def test_a_password_beside_a_container_is_gone() -> None:
    assert (
        through(f"abfss://box:{CANARY}@account.dfs.core.windows.net/t") == "abfss://***@account.dfs.core.windows.net/t"
    )


def seconds_for(text: str) -> float:
    began = time.process_time()
    scrubbed(text)
    return time.process_time() - began


@pytest.mark.fault
@pytest.mark.parametrize(
    "piece",
    [
        "token", "token ", "token=", "token='", "token=''", "token='x''", "token= 'a", "password=a.", "sig=", '"', "\\",
        '\\"token\\"=', "identified by ", "a://", "a://b:c@", "authorization: ", "jdbc:oracle:thin:a/", "set token=a,",
        "-D", "where token", "password 'x''", "token'='", "Bearer token ", "token=('", "token='||'", "token=a\\n",
        "token: ", "password=", "//@", "a:", "a:b@", "eyJ",
        "eyJaaaaaa.", '"token":{', '"token":["', "token $a$", "token $$", " -u a", "mysql ", "mysql -p", " -p'",
        "?%74=", "%3A%2F%2F",
        "-----BEGIN PRIVATE KEY-----", "ghp_", "SG.", "sk-", "pypi-", "basic ", "bearer a", "key", "api_key:", "://a:b/",
        "token = ", "/token=", "x token: ", "(api_key:",
        "pass: ", "pass='", "zip ", "login -p", "sqlplus a/", "configure set a", "ya29.", "?key=", "--pass ",
        "'--token','", "cookie:", "u:p@tcp", "oracle:@tcp(", "{'token': {",
    ],
)  # fmt: skip
def test_ten_times_the_text_takes_about_ten_times_as_long(piece: str) -> None:
    once, ten_times = piece * (10_000 // len(piece)), piece * (100_000 // len(piece))
    scrubbed(once)

    assert seconds_for(ten_times) < max(25 * seconds_for(once), 0.25)
    assert seconds_for(ten_times) < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "SET s3_secret_access_key TO 'canary-7'",
        "password\t= 'canary-7'",
        "password =\n'canary-7'",
        "CREATE ROLE r PASSWORD E'canary-7'",
    ],
)
def test_a_databases_own_ways_to_say_a_secret_are_known(text: str) -> None:
    assert b"canary" not in encoded({"sql": text})


def test_the_page_lists_every_name_that_counts() -> None:
    page = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text(encoding="utf-8")
    listed = page[page.index("A name counts when") : page.index("The first 300 places")]
    names = [name.rstrip("=:\"'\\") for names in named._NAMES.values() for name in names]
    whole = [name.replace("-", "_") for names in named._WHOLE_NAMES.values() for name in names]
    of_addresses = [f"?{name[1:]}" for name in named._OF_ADDRESSES]

    forms, files = {"api_key", "api-key", "api.key", "apikey"}, {"keyfile_json", "keyfile_dict"}
    assert set(re.findall(r"`([^`]+)`", listed)) - {"-"} == (
        {*names, *named.KINDS_OF_KEYS, *whole, *of_addresses} | forms | files
    )


def test_prepared_rules_are_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for rules in (addresses, commands, named, shapes, strings):
        for kept in vars(rules).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
    prepare_rules()
    secret = "https://u:pw1@h -u a:b1 mysql -px1 password=x1 ?key=a1 a%3Db?pass%20word=x Bearer abc1defgh glpat-x1"

    monkeypatch.setattr(re, "compile", lambda rule, *_: pytest.fail(f"compiled late: {rule}"))

    assert "pw1" not in scrubbed(secret)
    assert "pw1" not in REDACTION.with_masker(str.lower).scrubbed(json.dumps({"command": secret}))
