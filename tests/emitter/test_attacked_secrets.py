"""What an attack on secrets found: addresses of sinks, comments without end, and a record with nothing but secrets."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.redaction import Redaction, scrubbed
from riverhead_emitter.settings import HttpSink
from riverhead_emitter.spool.places import DESTINATION, note_addresses

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2AAAA"


@pytest.mark.parametrize(
    "url",
    [
        f"http://m:1/x?code={SECRET}",
        f"http://m:1/x?t=1;sig={SECRET}",
        f"http://m:1/x?{SECRET}",
        f"http://m:1/x?k%65y={SECRET}#a={SECRET}",
        f"http://m:1/x;jwt={SECRET}/y",
        f"http://m:1/u:{SECRET}@x",
        f"http://u:{SECRET}@m:1/a@b",
        f"http://m:1/hooks/T000/{SECRET}1234567890abcdef",
    ],
)
def test_no_value_of_a_query_or_login_of_a_path_is_in_an_address(url: str) -> None:
    assert SECRET not in HttpSink(url, "").address


def test_endpoints_that_differ_in_what_is_masked_have_addresses_of_their_own() -> None:
    assert HttpSink("http://m:1/x?tenant=a", "").address != HttpSink("http://m:1/x?tenant=b", "").address
    assert HttpSink("http://m:1/x?tenant=a", "").address == HttpSink("http://m:1/x?tenant=a", "").address
    assert HttpSink("http://m:1").address == "http http://m:1/api/v1/lineage"


def test_only_its_owner_may_read_where_records_are_to_go(tmp_path: Path) -> None:
    note_addresses(tmp_path, ["http http://m:1"])

    assert stat.S_IMODE((tmp_path / DESTINATION).stat().st_mode) == 0o600


def test_comments_before_what_is_no_sql_are_read_in_one_way_only() -> None:
    text = "/* x */ " * 200 + "nothing 'here'"

    assert Redaction(hides_sql_literals=True).scrubbed(text) == text


@pytest.mark.parametrize("said", ["token={}\n", "id,token={},", "password = '{}'\n", "a token: {}\n", "--token {} "])
def test_behind_hundreds_of_secrets_the_rest_goes_too(said: str) -> None:
    text = said.format(SECRET) * 1_000
    entries = [text, {"password": SECRET, "name": "token"}, f"api_key: {SECRET}", ["--token", SECRET]]
    hidden = scrubbed(json.dumps({"a": entries}))

    assert SECRET not in hidden
    assert SECRET not in scrubbed(text)
    assert json.loads(hidden)["a"][1]["name"] == "token"
