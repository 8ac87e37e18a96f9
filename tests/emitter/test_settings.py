from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.filters import SUBJECTS, Filter
from riverhead_emitter.redaction import Redaction
from riverhead_emitter.settings import (
    OUR_KEYS,
    ConsoleSink,
    FileSink,
    HttpSink,
    KafkaSink,
    OfficialSink,
    Settings,
    Sink,
    TokenEndpoint,
    as_environment,
    misspelt_keys,
    settings_from,
    settings_or_waiting,
    unknown_key_sentence,
    unknown_keys,
    without_configuration,
)
from riverhead_emitter.spool.places import known_roots

few = hypothesis.settings(max_examples=40, deadline=None)
CANARY = "canary5ecret"
OFFICIAL_KEYS = ["OPENLINEAGE_URL", "OPENLINEAGE_API_KEY", "OPENLINEAGE_CONFIG", "OPENLINEAGE_DISABLED", "HOME"]
OFFICIAL_KEYS += [f"OPENLINEAGE__{name}" for name in ("", "_", "TRANSPORT", "TRANSPORT__TYPE", "TRANSPORT__URL__A")]
OFFICIAL_KEYS += [f"OPENLINEAGE__{name}" for name in ("FILTERS", "TAGS", "TAGS__JOB", "FACETS", "TRANSPORT__AUTH")]
TRANSPORT = "OPENLINEAGE__TRANSPORT"


def http(**options: object) -> dict[str, str]:
    return {TRANSPORT: json.dumps({"type": "http", "url": "http://m", **options})}


# Each line holds the one above it ten times: small to read, and large to walk.
BOMB = "a0: &a0 1\n" + "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))
NESTED = '{"type": "composite", "transports": [' * 7 + "{}" + "]}" * 7


def sinks(**values: str) -> tuple[Sink, ...]:
    return settings_from({"HOME": "/home/ada", **values}).sinks


def test_nothing_configured_means_that_records_wait() -> None:
    settings = settings_from({"HOME": "/home/ada"})

    assert settings == Settings(spool_root=Path("/home/ada/.local/state/riverhead"))


def test_the_official_names_configure_an_endpoint() -> None:
    values = {"OPENLINEAGE_URL": "http://m:5000/", "OPENLINEAGE_ENDPOINT": "/events", "OPENLINEAGE_API_KEY": " key\n"}

    (sink,) = sinks(**values)

    assert sink == HttpSink("http://m:5000/", "/events", "key")
    assert isinstance(sink, HttpSink)
    assert sink.full_url == "http://m:5000/events"


@pytest.mark.parametrize(
    "values",
    [
        {f"{TRANSPORT}__TYPE": "http", f"{TRANSPORT}__URL": "https://m", f"{TRANSPORT}__AUTH__APIKEY": "key"},
        {f"{TRANSPORT}__TYPE": "http", f"{TRANSPORT}__URL": "https://m", f"{TRANSPORT}__AUTH": '{"apiKey": "key"}'},
        {TRANSPORT: json.dumps({"type": "http", "url": "https://m", "auth": {"type": "api_key", "apiKey": "key"}})},
        {TRANSPORT: '{"type": "http", "url": "https://m", "auth": {"apiKey": "key"}}', f"{TRANSPORT}__URL": "http://n"},
    ],
)
def test_a_transport_may_be_flat_or_json(values: dict[str, str]) -> None:
    assert sinks(**values) == (HttpSink("https://m", api_key="key"),)


def test_a_transports_own_url_does_not_get_the_key_that_is_meant_for_another() -> None:
    values = {"OPENLINEAGE_URL": "http://a", "OPENLINEAGE_API_KEY": "for-a", f"{TRANSPORT}__URL": "http://b"}

    assert sinks(**values, **{f"{TRANSPORT}__TYPE": "http"}) == (HttpSink("http://b"),)


def test_a_file_transport_is_found_from_any_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    values = {f"{TRANSPORT}__TYPE": "file", f"{TRANSPORT}__LOG_FILE_PATH": "events.ndjson"}

    assert sinks(**values) == (FileSink(str(tmp_path / "events.ndjson"), is_appended=False),)
    assert sinks(**values, **{f"{TRANSPORT}__APPEND": "TRUE"}) == (FileSink(str(tmp_path / "events.ndjson")),)


def test_a_spool_is_found_from_any_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert settings_from({"RIVERHEAD_SPOOL_DIR": "spool"}).spool_root == tmp_path / "spool"


def test_a_home_that_nobody_knows_is_no_error() -> None:
    assert settings_from({"RIVERHEAD_SPOOL_DIR": "~nobody-of-that-name/x"}).spool_root.is_absolute()
    assert isinstance(known_roots({}), list)


@pytest.mark.parametrize("key", ["RIVERHEAD_DISABLED", "OPENLINEAGE_DISABLED"])
def test_either_switch_disables(key: str) -> None:
    assert settings_from({key: "true"}).is_disabled
    assert not settings_from({key: "false"}).is_disabled
    assert not settings_from({key: ""}).is_disabled


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"OPENLINEAGE_URL": f"ftp://u:{CANARY}@m"}, "must start with http:// or https://"),
        ({"OPENLINEAGE_URL": f"u:{CANARY}@m:5000"}, "must start with http:// or https://"),
        ({"OPENLINEAGE_URL": "http://"}, "must name a host"),
        ({"OPENLINEAGE_URL": "http://m:port"}, "must name a host"),
        ({"OPENLINEAGE_URL": f"http://u:{CANARY}/x@m"}, "must name a host"),
        ({"OPENLINEAGE_URL": "http://m/a b"}, "must name a host"),
        ({"OPENLINEAGE_URL": "http://m", "OPENLINEAGE_API_KEY": f"{CANARY}\r\nX: y"}, "one line of ASCII"),
        ({"OPENLINEAGE_URL": "http://m", "OPENLINEAGE_API_KEY": f"{CANARY}…"}, "one line of ASCII"),
        ({f"{TRANSPORT}__TYPE": "http"}, "the http transport needs a url; set OPENLINEAGE__TRANSPORT__URL"),
        ({f"{TRANSPORT}__TYPE": "file"}, "LOG_FILE_PATH"),
        ({f"{TRANSPORT}__TYPE": "pigeon"}, "transport type 'pigeon' is none of http, async_http, kafka"),
        ({f"{TRANSPORT}__TYPE": "kafka"}, "needs OPENLINEAGE__TRANSPORT__TOPIC"),
        ({f"{TRANSPORT}__TYPE": "kafka", f"{TRANSPORT}__TOPIC": "t"}, "needs OPENLINEAGE__TRANSPORT__CONFIG"),
        ({f"{TRANSPORT}__TYPE": "composite"}, "by name or as a list"),
        ({f"{TRANSPORT}__TYPE": "composite", f"{TRANSPORT}__TRANSPORTS": '["http"]'}, "must be a JSON object"),
        ({TRANSPORT: NESTED}, "a composite transport needs its transports"),
        ({TRANSPORT: '{"a":' * 3000 + "1" + "}" * 3000}, "nested too deeply"),
        ({TRANSPORT: json.dumps({"type": "console", "x": list(range(20_000))})}, "holds too much"),
        (http(endpoint="http://other/x"), "must be a path"),
        (http(endpoint="//other/x"), "must be a path"),
        (http(auth={"type": "api_key"}), "needs apiKey"),
        (http(auth={"type": "jwt", "apiKey": CANARY}), "tokenEndpoint must start with http"),
        (http(auth={"type": "jwt", "tokenEndpoint": "http://a"}), "needs apiKey"),
        (http(auth={"type": "oauth2", "tokenEndpoint": "http://a", "clientSecret": CANARY}), "needs clientId"),
        (http(auth=CANARY), "auth of an http transport must be a JSON object"),
        (http(custom_headers={"A\r\nB": CANARY}), "number 1 of custom_headers has no valid name"),
        (http(custom_headers={"A": f"{CANARY}\n"[:-1] + "\nB: c"}), "the custom header A must be one line"),
        (http(compression="zip"), "compression must be gzip"),
        (http(timeout="soon"), "must be a number of seconds"),
        (http(verify="perhaps"), "verify must be true or false"),
        (http(sslContext={"clientKeyPath": "/k"}), "clientKeyPath needs clientCertPath"),
        ({"OPENLINEAGE__FILTERS": "a_job"}, "filters must be a list"),
        ({"OPENLINEAGE__FILTERS": '[{"type": "near"}]'}, "filter 1 needs a type of exact, regex, job_namespace"),
        ({"OPENLINEAGE__FILTERS": '[{"type": "exact"}]'}, "filter 1 needs match"),
        ({"OPENLINEAGE__FILTERS": '[{"type": "regex", "regex": "(a"}]'}, "filter 1 is no regular expression"),
        ({"OPENLINEAGE__TAGS": "[1]"}, "tags must be a JSON object"),
        ({"OPENLINEAGE__TAGS__JOB": "[1]"}, "tags of jobs must be a JSON object"),
        ({"RIVERHEAD_EVENT_MAX_BYTES": "many"}, "a number of bytes such as 2097152 or 2M, not 'many'"),
        ({"RIVERHEAD_EVENT_MAX_BYTES": "1"}, "must be from 65536 to 1073741824 bytes, not '1'"),
        ({"RIVERHEAD_REDACT_PATTERNS": '["(a"]'}, "pattern 1 of those to redact is no regular expression"),
        ({"RIVERHEAD_SPOOL_MAX_BYTES": "9" * 15 + "T"}, "must be from 1048576"),
        ({TRANSPORT: f'{{"password": "{CANARY}"'}, "OPENLINEAGE__TRANSPORT is no valid JSON"),
        ({TRANSPORT: "[1]"}, "must be a JSON object"),
        (
            {
                f"{TRANSPORT}__TYPE": "http",
                f"{TRANSPORT}__URL": "http://m",
                f"{TRANSPORT}__AUTH": f'{{"apiKey": "{CANARY}"',
            },
            "auth of an http transport must be a JSON object",
        ),
        ({"RIVERHEAD_DISABLED": "perhaps"}, "RIVERHEAD_DISABLED must be true or false, not 'perhaps'"),
        ({"RIVERHEAD_TIMEOUT_SECONDS": "soon"}, "must be a number of seconds, not 'soon'"),
        ({"RIVERHEAD_TIMEOUT_SECONDS": "0"}, "more than zero"),
        ({"RIVERHEAD_TIMEOUT_SECONDS": "nan"}, "more than zero"),
        ({"RIVERHEAD_TIMEOUT_SECONDS": "1e300"}, "at most 3600"),
    ],
)
def test_a_malformed_value_is_one_sentence_without_secrets(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        settings_from(values)

    assert sentence in str(raised.value)
    assert CANARY not in str(raised.value)


def test_an_unknown_key_of_ours_is_named_with_the_nearest() -> None:
    found = unknown_keys({"RIVERHEAD_SPOOL_DRI": "x", "RIVERHEAD_QQQQQQ": "x", "RIVERHEAD_TEST_X": "x", "PATH": "x"})

    assert found == {"RIVERHEAD_QQQQQQ": None, "RIVERHEAD_SPOOL_DRI": "RIVERHEAD_SPOOL_DIR"}
    assert unknown_key_sentence("A", "B") == "unknown setting A; did you mean B?"
    assert unknown_key_sentence("A", None) == "unknown setting A"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("OPENLINEAGE_URLL", "OPENLINEAGE_URL"),
        ("OPENLINEAGE__URL", "OPENLINEAGE_URL"),
        ("OPENLINEAGE_APIKEY", "OPENLINEAGE_API_KEY"),
        ("OPENLINEAGE_TRANSPORT__URL", "OPENLINEAGE__TRANSPORT__URL"),
        ("OPENLINEAGE__TRANSPROT__AUTH__TYPE", "OPENLINEAGE__TRANSPORT__AUTH__TYPE"),
    ],
)
def test_a_key_that_looks_like_one_of_the_official_clients_is_named_with_it(key: str, meant: str) -> None:
    assert misspelt_keys({key: "x", "PATH": "x"}) == {key: meant}


@pytest.mark.parametrize(
    "key",
    [
        *("OPENLINEAGE_URL", "OPENLINEAGE_PARENT_ID", "OPENLINEAGE_CLIENT_LOGGING", "OPENLINEAGE__TRANSPORT"),
        *("OPENLINEAGE__tags__job__team", "OPENLINEAGE_QQQQQQ", "OPENLINEAGE_", "OPENLINEAGE__", "OPENLINEAGE"),
    ],
)
def test_a_key_of_the_official_clients_or_of_somebody_elses_is_not_complained_of(key: str) -> None:
    assert misspelt_keys({key: "x"}) == {}


def test_an_address_holds_no_secret() -> None:
    sink = HttpSink(f"https://user:p@{CANARY}@m:1/x/", f"events?token={CANARY}", CANARY)
    servers = (("bootstrap.servers", f"u:{CANARY}@b:1?password={CANARY}"), ("sasl.password", CANARY))

    assert CANARY not in sink.address
    assert sink.address.startswith("http https://m:1/x/events")
    assert CANARY not in OfficialSink("datadog", f'{{"apiKey": "{CANARY}"}}').address
    assert "sasl" not in KafkaSink("t", servers).address


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
PATHS = TEXTS.map(lambda name: str(Path(f"/data/{name.strip('/.')}x")))
PAIRS = st.dictionaries(TEXTS, TEXTS, max_size=2).map(lambda found: tuple(found.items()))
WORDS = st.text("abcXYZ019-", min_size=1, max_size=9)
TOKENS = st.builds(
    TokenEndpoint,
    st.sampled_from(["https://auth/token", "http://auth:1/t?x=1"]),
    st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
    st.none() | st.tuples(TEXTS, TEXTS),
    st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
    TEXTS,
    st.floats(0.5, 3600),
)
HTTP_SINKS = st.builds(
    HttpSink,
    st.sampled_from(["http://m", "https://user:pw@m.example:5000/base", "http://[::1]:80"]),
    st.sampled_from(["api/v1/lineage", "", "/e", "../e?x=1"]),
    st.none(),
    st.none(),
    st.dictionaries(WORDS, TEXTS, max_size=2).map(lambda found: tuple(found.items())),
    st.booleans(),
    st.just(True),
    st.none() | PATHS,
    st.none(),
    st.none(),
    st.none() | st.just("http://proxy:3128"),
)
SECRET_SINKS = st.builds(replace, HTTP_SINKS, api_key=TEXTS) | st.builds(replace, HTTP_SINKS, token=TOKENS)
TLS_SINKS = st.builds(replace, HTTP_SINKS, client_certificate=PATHS, client_key=st.none() | PATHS)
UNSAFE_SINKS = st.builds(replace, HTTP_SINKS, is_verified=st.just(False), ca_file=st.none())
FILE_SINKS = st.builds(FileSink, PATHS, st.booleans())
KAFKA_SINKS = st.builds(KafkaSink, TEXTS, PAIRS.filter(bool).map(lambda found: tuple(sorted(found))), st.none() | TEXTS)
OFFICIAL_SINKS = TEXTS.map(lambda key: OfficialSink("datadog", json.dumps({"apiKey": key, "type": "datadog"})))
SINKS = HTTP_SINKS | SECRET_SINKS | TLS_SINKS | UNSAFE_SINKS | FILE_SINKS | KAFKA_SINKS | OFFICIAL_SINKS
FILTERS = st.builds(Filter, st.sampled_from(SUBJECTS), TEXTS.map(re.escape), st.booleans())
SETTINGS = st.builds(
    Settings,
    spool_root=TEXTS.map(lambda name: Path(f"/spool/{name.strip('/.')}x")),
    namespace=TEXTS,
    sinks=st.lists(SINKS | st.just(ConsoleSink()), max_size=3, unique_by=lambda sink: sink.address).map(tuple),
    is_disabled=st.booleans(),
    start_drainer=st.booleans(),
    timeout_seconds=st.floats(0.001, 3600),
    largest_event_bytes=st.integers(1 << 16, 1 << 30),
    largest_spool_bytes=st.integers(1 << 20, 1 << 50),
    is_synced=st.booleans(),
    is_ephemeral=st.booleans(),
    filters=st.lists(FILTERS, max_size=2, unique=True).map(tuple),
    environment_variables=st.lists(TEXTS, max_size=2, unique=True).map(tuple),
    job_tags=PAIRS,
    run_tags=PAIRS,
    redaction=st.builds(Redaction, st.booleans(), st.lists(TEXTS.map(re.escape), max_size=2).map(tuple)),
)


@given(SETTINGS)
@few
def test_a_child_process_gets_the_same_settings(settings: Settings) -> None:
    assert settings_from(as_environment(settings)) == settings


def test_a_child_process_gets_no_key_that_its_parent_was_given_for_another_place() -> None:
    environment = {"OPENLINEAGE_URL": "http://a", "OPENLINEAGE_API_KEY": "for-a", f"{TRANSPORT}__AUTH__APIKEY": "k"}
    settings = settings_from({"OPENLINEAGE_URL": "http://b"})

    child = {**without_configuration({**environment, "PATH": "/bin"}), **as_environment(settings)}

    assert settings_from(child).sinks == (HttpSink("http://b"),)
    assert child["PATH"] == "/bin"


def test_a_child_process_gets_no_key_of_ours_that_would_stop_it() -> None:
    values = {"RIVERHEAD_SPOOL_DRI": "x", "RIVERHEAD_CATALOG_URL": "http://c", "RIVERHEAD_TEST_X": "x"}

    assert without_configuration(values) == {"RIVERHEAD_CATALOG_URL": "http://c", "RIVERHEAD_TEST_X": "x"}


def test_a_child_process_reads_no_file_that_its_parent_did_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("openlineage.yml").write_text("transport: {type: console}")
    settings = replace(settings_from({"RIVERHEAD_READ_CONFIG_FILE": "no"}), sinks=(HttpSink("http://m"),))

    assert settings_from({}).sinks == (ConsoleSink(),)
    assert settings_from({"OPENLINEAGE_CONFIG": "openlineage.yml", **as_environment(settings)}) == settings


def test_what_a_host_is_told_goes_before_a_file_and_that_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("openlineage.yml").write_text("transport: {type: http, url: http://file, endpoint: of-file}")
    environment = {"OPENLINEAGE_URL": "http://environment", f"{TRANSPORT}__COMPRESSION": "gzip"}

    assert settings_from(environment).sinks == (HttpSink("http://file", "of-file", is_compressed=True),)
    assert settings_from(environment, {f"{TRANSPORT}__URL": "http://host"}).sinks == (
        HttpSink("http://host", "of-file", is_compressed=True),
    )


def test_without_pyyaml_a_file_is_named_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "yaml", None)

    assert settings_from({"OPENLINEAGE_URL": "http://m"}).sinks
    Path("openlineage.yml").write_text("transport: {type: console}")
    with pytest.raises(ConfigurationError, match=r"openlineage.yml cannot be read without PyYAML; install it"):
        settings_from({"OPENLINEAGE_URL": "http://m"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"a: 1\nkey: [{CANARY}\n", r"is no valid YAML \(line 3\)"),
        (f"key: {CANARY}\n" * 5_000, "is larger than"),
        ("- transport", "must hold keys such as transport:, not a list"),
        ("a: &a [*a]", "nested too deeply"),
        (BOMB, "holds too much"),
        ("[" * 1100, "cannot be read|no valid YAML"),
        ("a: !!python/object/apply:os.system ['true']", "is no valid YAML"),
        ("\x00", "cannot be read"),
        ("transport: http", "transport must be a JSON object"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_sentence_without_its_content(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("openlineage.yml").write_text(text)

    with pytest.raises(ConfigurationError, match=sentence) as raised:
        settings_from({})

    assert CANARY not in str(raised.value)
    assert settings_or_waiting({"RIVERHEAD_SPOOL_DIR": "/spool"})[0] == Settings(Path("/spool"))


def test_a_working_directory_that_is_gone_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(ConfigurationError, match="the working directory is gone"):
        settings_from({"RIVERHEAD_SPOOL_DIR": "spool"})
    assert settings_or_waiting({"RIVERHEAD_SPOOL_DIR": "spool", "HOME": "/h"})[0].spool_root.is_absolute()
    assert settings_from({"RIVERHEAD_SPOOL_DIR": "/spool", "OPENLINEAGE_URL": "http://m"}).sinks


@pytest.mark.parametrize(
    ("values", "url", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://m", "http://p:1"),
        ({"https_proxy": "p:1", "HTTPS_PROXY": "http://q"}, "https://m", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://m", None),
        ({"ALL_PROXY": "http://p:1"}, "http://m", "http://p:1"),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "other, m.example"}, "http://m.example:5000", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": ".example"}, "http://m.example", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "ample"}, "http://m.example", "http://p"),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "m:5000"}, "http://m:80", "http://p"),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,x/y"}, "http://10.1.2.3", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,x/y"}, "http://11.1.2.3", "http://p"),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "::1"}, "http://[::1]:5000", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "*"}, "http://m", None),
    ],
)
def test_a_proxy_is_the_one_that_other_tools_would_take(values: dict[str, str], url: str, proxy: str | None) -> None:
    (sink,) = sinks(OPENLINEAGE_URL=url, **values)

    assert isinstance(sink, HttpSink)
    assert sink.proxy == proxy


def test_a_bundle_of_authorities_is_the_one_that_the_official_client_would_take() -> None:
    given = {"OPENLINEAGE_URL": "https://m", "REQUESTS_CA_BUNDLE": "/bundle.pem"}

    assert sinks(**given) == (HttpSink("https://m", ca_file="/bundle.pem"),)
    assert sinks(**http(verify=False), REQUESTS_CA_BUNDLE="/b") == (HttpSink("http://m", is_verified=False),)


@given(
    st.sampled_from(
        ["http://m", "http://m/", "http://m//", "http://m:1/a", "http://u:p@m/a/b/", "http://m/a?x=1", "http://[::1]:2"]
    ),
    st.text("ab/.?=-_%", max_size=12).filter(lambda path: not path.startswith("//")),
)
@example("http://m", "_//_")
@example("http://m//", "a/b")
@few
def test_an_endpoint_is_joined_as_the_official_client_joins_it(url: str, endpoint: str) -> None:
    joined = urljoin(url, endpoint)

    assert HttpSink(url, endpoint).full_url in {joined, f"{joined}/"}


def test_two_endpoints_of_one_address_are_told_apart_and_one_given_twice_is_one() -> None:
    one, two = ({"type": "http", "url": "http://m", "auth": {"type": "api_key", "apiKey": key}} for key in "ab")

    found = sinks(**{TRANSPORT: json.dumps({"type": "composite", "transports": [one, two, one, {"type": "console"}]})})

    assert len({sink.address for sink in found}) == len(found) == 3
    assert all("Bearer" not in sink.address for sink in found)
    assert settings_from(as_environment(replace(Settings(Path("/s")), sinks=found))).sinks == found


def test_a_destination_is_told_by_its_sinks_and_by_what_they_do_not_hear_of() -> None:
    left_out = {"OPENLINEAGE__FILTERS": '[{"type": "dataset", "regex": "tmp_"}, {"type": "exact", "match": "a"}]'}

    assert settings_from({**http(), **left_out}).destination == (
        "http http://m/api/v1/lineage",
        "filter dataset ~ tmp_",
        "filter job = a",
    )
    assert settings_from(left_out).destination == ()


def test_our_own_settings_are_read() -> None:
    settings = settings_from(
        {
            "RIVERHEAD_EVENT_MAX_BYTES": "64KiB",
            "RIVERHEAD_SPOOL_MAX_BYTES": "2 g",
            "RIVERHEAD_SPOOL_SYNC": "yes",
            "RIVERHEAD_SPOOL_EPHEMERAL": "1",
            "RIVERHEAD_REDACT_SQL_LITERALS": "on",
            "RIVERHEAD_REDACT_PATTERNS": "[A-Z]{3}-[0-9]+",
            "OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES": "A; B,C A",
            "RIVERHEAD_SPOOL_DIR": "/spool",
        }
    )

    assert settings == Settings(
        Path("/spool"),
        largest_event_bytes=1 << 16,
        largest_spool_bytes=2 << 30,
        is_synced=True,
        is_ephemeral=True,
        environment_variables=("A", "B", "C"),
        redaction=Redaction(hides_sql_literals=True, patterns=("[A-Z]{3}-[0-9]+",)),
    )


def test_time_for_a_delivery_is_ours_or_that_of_the_most_patient_transport() -> None:
    two = [
        {"type": "http", "url": "http://a", "timeout": 3},
        {"type": "async_http", "url": "http://b", "timeout": "7.5"},
    ]
    composite = {TRANSPORT: json.dumps({"type": "composite", "transports": two})}

    assert settings_from(composite).timeout_seconds == 7.5
    assert settings_from({**composite, "RIVERHEAD_TIMEOUT_SECONDS": "2"}).timeout_seconds == 2.0
    assert settings_from(http()).timeout_seconds == 10.0


def test_noop_means_that_nobody_wants_events() -> None:
    assert settings_from({f"{TRANSPORT}__TYPE": "noop", "OPENLINEAGE_URL": "http://m"}).is_disabled


def test_an_unknown_key_is_inert_in_a_terminal() -> None:
    key = "RIVERHEAD_\x1b[2J\n" + "x" * 5000

    assert list(unknown_keys({key: ""})) == [key]
    assert unknown_key_sentence(key, None).startswith("unknown setting RIVERHEAD_\\x1b[2J\\nxxx")
    assert len(unknown_key_sentence(key, None)) < 120


@given(st.dictionaries(st.sampled_from([*OUR_KEYS, *OFFICIAL_KEYS]), st.text(max_size=12) | TEXTS, max_size=5))
@few
def test_no_value_whatever_stops_a_host(values: dict[str, str]) -> None:
    settings, wrong = settings_or_waiting(values)

    assert wrong == "" or settings.sinks == ()


def test_for_a_host_malformed_settings_mean_that_records_wait_where_they_would_have() -> None:
    values = {"OPENLINEAGE_URL": "ftp://m", "OPENLINEAGE_NAMESPACE": "n", "RIVERHEAD_SPOOL_DIR": "/spool"}

    settings, wrong = settings_or_waiting(values)

    assert settings == Settings(Path("/spool"), "n")
    assert wrong == "OPENLINEAGE_URL must start with http:// or https://; records wait in the spool"
    assert settings_or_waiting({"RIVERHEAD_SPOOL_DIR": "/spool"}) == (Settings(Path("/spool")), "")


def test_what_waits_is_redacted_by_every_pattern_that_can_be_used() -> None:
    values = {"OPENLINEAGE_URL": "ftp://m", "RIVERHEAD_REDACT_PATTERNS": '["(a", "b+"]', "HOME": "/h"}

    assert settings_or_waiting(values)[0].redaction == Redaction(patterns=("b+",))
    assert settings_or_waiting({**values, "RIVERHEAD_REDACT_PATTERNS": "b+"})[0].redaction == Redaction(
        patterns=("b+",)
    )


@pytest.mark.parametrize("key", ["RIVERHEAD_DISABLED", "OPENLINEAGE_DISABLED"])
def test_what_is_disabled_stays_so_when_something_else_is_malformed(key: str) -> None:
    settings, wrong = settings_or_waiting({key: "true", "OPENLINEAGE_URL": "ftp://m"})

    assert settings.is_disabled
    assert "records wait" not in wrong
    assert not settings_or_waiting({key: "perhaps"})[0].is_disabled


def test_a_key_for_one_address_does_not_go_to_the_one_that_a_host_names() -> None:
    inherited = {"type": "http", "url": "http://prod", "auth": {"type": "api_key", "apiKey": "SECRET"}, "timeout": 7}
    values = {"OPENLINEAGE__TRANSPORT": json.dumps({**inherited, "custom_headers": {"X-Tenant": "SECRET"}})}

    elsewhere = settings_from(values, {"OPENLINEAGE__TRANSPORT__URL": "http://elsewhere"})
    here = settings_from(values, {"OPENLINEAGE__TRANSPORT__COMPRESSION": "gzip"})

    assert "elsewhere" in repr(elsewhere.sinks)
    assert "SECRET" not in str(as_environment(elsewhere))
    assert "SECRET" in str(as_environment(here))
