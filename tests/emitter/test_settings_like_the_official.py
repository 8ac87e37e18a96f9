"""The same environment and files, given to the official client and to us, mean the same, or it is said why not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

import house
import official_client

if TYPE_CHECKING:
    from pathlib import Path

T = "OPENLINEAGE__TRANSPORT"
KEY = {"type": "api_key", "apiKey": "k"}
JWT = {"type": "jwt", "apiKey": "k", "tokenEndpoint": "https://auth/token"}
OAUTH = {"type": "oauth2", "clientId": "me&you", "clientSecret": "s/:", "tokenEndpoint": "https://auth/token"}
KAFKA = {"type": "kafka", "topic": "lineage", "config": {"bootstrap.servers": "b:9092", "enable.idempotence": True}}
HTTP = {"type": "http", "url": "http://m:5000"}
TWO = [HTTP, {"type": "console"}]


@dataclass(frozen=True)
class Given:
    """What a process finds: variables, and files by their place."""

    values: dict[str, str] = field(default_factory=dict)
    here: object = None
    home: object = None
    named: object = None


def variables(**values: str) -> Given:
    return Given({f"OPENLINEAGE{name}": value for name, value in values.items()})


def transport(**values: object) -> Given:
    return Given(here={"transport": values})


def whole(value: object) -> Given:
    return Given({T: json.dumps(value)})


CASES = {
    # the simple variables
    "nothing": Given(),
    "a url": variables(_URL="http://m:5000"),
    "a url with spaces around it": variables(_URL="  http://m:5000 "),
    "a url with a slash": variables(_URL="http://m:5000/"),
    "a url with a path": variables(_URL="http://m/base"),
    "a url with a path and a slash": variables(_URL="http://m/base/"),
    "an endpoint": variables(_URL="http://m", _ENDPOINT="my/events"),
    "an endpoint from the root": variables(_URL="http://m/base/", _ENDPOINT="/my/events"),
    "an endpoint with a query": variables(_URL="http://m/base", _ENDPOINT="events?version=2"),
    "an endpoint that goes up": variables(_URL="http://m/a/b/", _ENDPOINT="../events"),
    "an empty endpoint": variables(_URL="http://m/here", _ENDPOINT=""),
    "an endpoint elsewhere": variables(_URL="http://m", _ENDPOINT="http://other/x"),
    "a key": variables(_URL="http://m", _API_KEY="k"),
    "a key of digits": variables(_URL="http://m", _API_KEY="0012"),
    "a key without a url": variables(_API_KEY="k"),
    "a url without a scheme": variables(_URL="m:5000"),
    # switches
    "disabled": variables(_URL="http://m", _DISABLED="true"),
    "disabled in capitals": variables(_URL="http://m", _DISABLED=" TRUE "),
    "not disabled": variables(_URL="http://m", _DISABLED="false"),
    "disabled by a number": variables(_URL="http://m", _DISABLED="1"),
    "disabled perhaps": variables(_URL="http://m", _DISABLED="perhaps"),
    # nested variables
    "http by variables": variables(__TRANSPORT__TYPE="http", __TRANSPORT__URL="https://m"),
    "http with a key": variables(
        __TRANSPORT__TYPE="http",
        __TRANSPORT__URL="https://m",
        __TRANSPORT__AUTH__TYPE="api_key",
        __TRANSPORT__AUTH__APIKEY="k",
    ),
    "http with a key in JSON": variables(
        __TRANSPORT__TYPE="http", __TRANSPORT__URL="https://m", __TRANSPORT__AUTH=json.dumps(KEY)
    ),
    "a whole branch replaces what is below it": variables(
        __TRANSPORT__TYPE="http",
        __TRANSPORT__URL="https://m",
        __TRANSPORT__AUTH=json.dumps(KEY),
        __TRANSPORT__AUTH__APIKEY="another",
    ),
    "a whole transport": whole({**HTTP, "auth": KEY}),
    "a whole transport replaces what is below it": Given({T: json.dumps(HTTP), f"{T}__URL": "http://another"}),
    "a transport goes before the simple url": variables(
        _URL="http://a", _API_KEY="for-a", __TRANSPORT__TYPE="http", __TRANSPORT__URL="http://b"
    ),
    "a type in capitals": variables(__TRANSPORT__TYPE="HTTP", __TRANSPORT__URL="http://m"),
    "an http transport with the simple url": variables(_URL="http://a", __TRANSPORT__TYPE="http"),
    "an async transport with the simple url": variables(_URL="http://a", _API_KEY="k", __TRANSPORT__TYPE="async_http"),
    "an async transport and another's key": variables(
        _URL="http://a", _API_KEY="for-a", __TRANSPORT__TYPE="async_http", __TRANSPORT__URL="http://b"
    ),
    "an http transport without a url": variables(__TRANSPORT__TYPE="http"),
    "a transport without a type": variables(__TRANSPORT__URL="http://m"),
    "a transport that is no object": variables(__TRANSPORT="[1]"),
    "a transport that is no JSON": variables(__TRANSPORT='{"type": "http"'),
    "an unknown type": variables(__TRANSPORT__TYPE="pigeon"),
    "compression by a variable": variables(
        __TRANSPORT__TYPE="http", __TRANSPORT__URL="http://m", __TRANSPORT__COMPRESSION="gzip"
    ),
    "headers by variables": variables(
        __TRANSPORT__TYPE="http", __TRANSPORT__URL="http://m", __TRANSPORT__CUSTOM_HEADERS__X="1"
    ),
    "a file by variables": variables(
        __TRANSPORT__TYPE="file", __TRANSPORT__LOG_FILE_PATH="events", __TRANSPORT__APPEND="true"
    ),
    "append in capitals": variables(
        __TRANSPORT__TYPE="file", __TRANSPORT__LOG_FILE_PATH="events", __TRANSPORT__APPEND="FALSE"
    ),
    # openlineage.yml, and which one
    "a file here": transport(**HTTP),
    "a file at home": Given(home={"transport": HTTP}),
    "a file that is named": Given(named={"transport": HTTP}),
    "a file that is named but missing": Given(
        {"OPENLINEAGE_CONFIG": "/nowhere/openlineage.yml"}, here={"transport": HTTP}
    ),
    "the named file goes first": Given(
        named={"transport": HTTP}, here={"transport": {"type": "console"}}, home={"transport": {"type": "console"}}
    ),
    "the file here goes before the one at home": Given(
        here={"transport": HTTP}, home={"transport": {"type": "console"}}
    ),
    "a file goes before variables": Given(
        {f"{T}__TYPE": "http", f"{T}__URL": "http://v", f"{T}__ENDPOINT": "e"}, here={"transport": HTTP}
    ),
    "a file goes before the simple url": Given(
        {"OPENLINEAGE_URL": "http://v", "OPENLINEAGE_API_KEY": "k"}, here={"transport": HTTP}
    ),
    "a file without a transport": Given({"OPENLINEAGE_URL": "http://v"}, here={"tags": {"job": {"team": "a"}}}),
    "an empty file": Given({"OPENLINEAGE_URL": "http://v"}, here=""),
    "a file that is no YAML": Given({"OPENLINEAGE_URL": "http://v"}, here="transport: [unclosed"),
    "a file that is a list": Given({"OPENLINEAGE_URL": "http://v"}, here=["transport"]),
    # what an http transport may say
    "every option of http": transport(
        **HTTP,
        endpoint="e",
        timeout=3,
        verify=False,
        auth=KEY,
        compression="gzip",
        custom_headers={"X-Team": "a", "X-Number": 7},
        retry={"total": 9},
    ),
    "an endpoint of nothing": transport(type="http", url="http://m/here", endpoint=""),
    "certificates": transport(
        **HTTP, sslContext={"caCertPath": "/ca.pem", "clientCertPath": "/c.pem", "clientKeyPath": "/k.pem"}
    ),
    "a certificate with its key": transport(**HTTP, sslContext={"clientCertPath": "/both.pem"}),
    "a key without its certificate": transport(**HTTP, sslContext={"clientKeyPath": "/k.pem"}),
    "authorities as a path": transport(**HTTP, verify="/ca.pem"),
    "jwt": transport(**HTTP, auth=JWT),
    "jwt by variables": variables(
        __TRANSPORT__TYPE="http",
        __TRANSPORT__URL="http://m",
        __TRANSPORT__AUTH__TYPE="jwt",
        __TRANSPORT__AUTH__API_KEY="k",
        __TRANSPORT__AUTH__TOKEN_ENDPOINT="https://auth/token",
        __TRANSPORT__AUTH__GRANT_TYPE="g",
        __TRANSPORT__AUTH__TOKEN_REFRESH_BUFFER="5",
    ),
    "jwt with every option": transport(
        **HTTP,
        auth={**JWT, "tokenFields": ["t"], "expiresInField": "e", "responseType": "r", "tokenRefreshBuffer": 60},
    ),
    "jwt without its endpoint": transport(**HTTP, auth={"type": "jwt", "apiKey": "k"}),
    "oauth2": transport(**HTTP, auth={**OAUTH, "scope": "openid"}),
    "oauth2 in the body": transport(**HTTP, auth={**OAUTH, "clientAuthMethod": "client_secret_post"}),
    "oauth2 by a method of its own": transport(**HTTP, auth={**OAUTH, "clientAuthMethod": "smoke"}),
    "oauth2 without a secret": transport(**HTTP, auth={**OAUTH, "clientSecret": ""}),
    "a key of no type": transport(**HTTP, auth={"apiKey": "k"}),
    "a type without its key": transport(**HTTP, auth={"type": "api_key"}),
    "an unknown compression": transport(**HTTP, compression="zip"),
    # other transports
    "kafka": transport(**KAFKA),
    "kafka with a key": transport(**KAFKA, messageKey="m", flush=False),
    "kafka with a key in snake case": transport(**KAFKA, message_key="m"),
    "kafka by variables": variables(
        __TRANSPORT__TYPE="kafka",
        __TRANSPORT__TOPIC="t",
        __TRANSPORT__CONFIG='{"bootstrap.servers": "b:1"}',
        __TRANSPORT__MESSAGE_KEY="m",
    ),
    "kafka without config": transport(type="kafka", topic="t"),
    "kafka without a topic": transport(type="kafka", config={"a": "b"}),
    "console": transport(type="console"),
    "noop": transport(type="noop"),
    "a file": transport(type="file", log_file_path="/data/events"),
    "a file without a path": transport(type="file"),
    "composite as a list": transport(type="composite", transports=TWO),
    "composite by name": transport(type="composite", transports={"b": TWO[0], "a": TWO[1], "none": None}),
    "composite by priority": transport(
        type="composite", sort_transports=True, transports=[{**TWO[1], "priority": 1}, {**TWO[0], "priority": 2}]
    ),
    "composite in composite": transport(
        type="composite", transports=[*TWO, {"type": "composite", "transports": [KAFKA]}]
    ),
    "composite with noop": transport(type="composite", transports=[*TWO, {"type": "noop"}]),
    "composite of nothing": transport(type="composite", transports=[]),
    "composite by variables": variables(
        __TRANSPORT__TYPE="composite",
        __TRANSPORT__TRANSPORTS__ONE__TYPE="console",
        __TRANSPORT__TRANSPORTS__TWO='{"type": "http", "url": "http://two"}',
    ),
    "composite by variables and the simple url": variables(
        _URL="http://plain",
        _API_KEY="k",
        _ENDPOINT="e",
        __TRANSPORT__TYPE="composite",
        __TRANSPORT__TRANSPORTS__TWO='{"type": "http", "url": "http://two"}',
    ),
    "composite with a default of its own": variables(
        _URL="http://plain",
        __TRANSPORT__TYPE="composite",
        __TRANSPORT__TRANSPORTS__DEFAULT_HTTP='{"type": "http", "url": "http://own"}',
    ),
    "composite in one variable and the simple url": Given(
        {T: json.dumps({"type": "composite", "transports": [HTTP]}), "OPENLINEAGE_URL": "http://plain"}
    ),
    # filters, facets, tags
    "filters": Given(
        here={"transport": HTTP, "filters": [{"type": "exact", "match": "a"}, {"type": "regex", "regex": "b.*"}]}
    ),
    "filters by a variable": variables(_URL="http://m", __FILTERS='[{"type": "exact", "match": "a"}]'),
    "a filter of no known type": variables(_URL="http://m", __FILTERS='[{"type": "near", "match": "a"}]'),
    "a filter with another field": variables(_URL="http://m", __FILTERS='[{"type": "exact", "like": "a"}]'),
    "a filter that is no regular expression": variables(_URL="http://m", __FILTERS='[{"type": "regex", "regex": "("}]'),
    "a filter of datasets": variables(_URL="http://m", __FILTERS='[{"type": "dataset", "match": "a"}]'),
    "variables for a facet": variables(_URL="http://m", __FACETS__ENVIRONMENT_VARIABLES='["A", "B"]'),
    "tags": Given(here={"transport": HTTP, "tags": {"job": {"team": "a", "n": 1}, "run": {"why": "b"}}}),
    "tags by variables": variables(_URL="http://m", __TAGS__JOB__TEAM="a", __TAGS__RUN='{"Why": "b"}'),
}

# What we do otherwise on purpose: what they do, and what we do. docs/configuration.md repeats it.
DIFFERENT = {
    "nothing": "events are printed | records wait in the spool until somebody says where they go",
    "a key without a url": "as where nothing is said: printed | as where nothing is said: they wait",
    "a transport without a type": "as where nothing is said: printed | as where nothing is said: they wait",
    "a type in capitals": "refused | taken; it is plain what is meant",
    "an endpoint elsewhere": "events go to that address | refused; a key must not get there by way of it",
    "disabled by a number": "goes on sending | disabled; who writes 1 means it",
    "disabled perhaps": "goes on sending | a switch that is neither on nor off is a mistake, which is said",
    "an http transport with the simple url": "refused | `OPENLINEAGE_URL` is taken; it is plain what is meant",
    "an async transport and another's key": "the key of `OPENLINEAGE_URL` goes to the other | no key goes there",
    "append in capitals": "any text is true, `FALSE` as well | `FALSE` is false",
    "a file that is no YAML": "goes on without it | a file that cannot be read is a mistake, which is said",
    "a key of no type": "no key is sent | the key is sent; one that is given is meant to be",
    "a filter of no known type": "goes on without it, and sends what was to be left out | a mistake, which is said",
    "a filter of datasets": "passed over with a warning | ours; these datasets are left out",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    (tmp_path / "home" / ".openlineage").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def laid_out(given: Given, place: Path) -> dict[str, str]:
    files = {"here/openlineage.yml": given.here, "home/.openlineage/openlineage.yml": given.home, "n.yml": given.named}
    for name, content in files.items():
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)  # JSON is YAML, too
            (place / name).write_text(text)
    named = {} if given.named is None else {"OPENLINEAGE_CONFIG": str(place / "n.yml")}
    return {**given.values, **named}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the official client's own, of its older classes
def test_an_input_means_the_same_to_the_official_client_and_to_us(name: str, place: Path) -> None:
    with official_client.environment(laid_out(CASES[name], place), place / "home"):
        ours = official_client.ours()
        theirs = official_client.theirs()

    assert (ours == theirs) is (name not in DIFFERENT), (ours, theirs, DIFFERENT.get(name))


def test_every_difference_is_one_of_a_case() -> None:
    assert DIFFERENT.keys() <= CASES.keys()


def test_every_difference_is_documented_with_its_reason() -> None:
    text = (house.ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \| (.*) \|$", text.partition("## What we do otherwise\n")[2], re.MULTILINE)

    assert dict(rows[1:]) == DIFFERENT
