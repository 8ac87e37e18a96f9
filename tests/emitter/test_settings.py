from __future__ import annotations

import json
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import (
    FileSink,
    HttpSink,
    Settings,
    Sink,
    as_environment,
    settings_from,
    settings_or_waiting,
    unknown_key_sentence,
    unknown_keys,
    without_configuration,
)
from riverhead_emitter.spool.places import known_roots

few = hypothesis.settings(max_examples=40, deadline=None)
CANARY = "canary5ecret"
TRANSPORT = "OPENLINEAGE__TRANSPORT"


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
        {TRANSPORT: '{"type": "http", "auth": {"apiKey": "key"}}', f"{TRANSPORT}__URL": "https://m"},
    ],
)
def test_a_transport_may_be_flat_or_json_or_both(values: dict[str, str]) -> None:
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
        ({f"{TRANSPORT}__TYPE": "http"}, "must start with http:// or https://"),
        ({f"{TRANSPORT}__TYPE": "file"}, "LOG_FILE_PATH"),
        ({f"{TRANSPORT}__TYPE": "pigeon"}, "'pigeon' cannot be used yet; choose http or file"),
        ({TRANSPORT: f'{{"password": "{CANARY}"'}, "must be a JSON object"),
        ({TRANSPORT: "[1]"}, "must be a JSON object"),
        ({f"{TRANSPORT}__AUTH": f'{{"apiKey": "{CANARY}"'}, "a value or a JSON object"),
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


def test_an_address_holds_no_secret() -> None:
    sink = HttpSink(f"https://user:p@{CANARY}@m:1/x", f"events?token={CANARY}", CANARY)

    assert CANARY not in sink.address
    assert sink.address.startswith("http https://m:1/x/events")


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
HTTP_SINKS = st.builds(
    HttpSink,
    st.sampled_from(["http://m", "https://user:pw@m.example:5000/base", "http://[::1]:80"]),
    TEXTS.filter(lambda text: not text.lstrip().startswith("{")),
    st.none() | TEXTS.filter(lambda text: not text.startswith("{")),
)
FILE_SINKS = st.builds(FileSink, TEXTS.map(lambda name: f"/data/{name.strip('/.')}x"), st.booleans())
SETTINGS = st.builds(
    Settings,
    spool_root=TEXTS.map(lambda name: Path(f"/spool/{name.strip('/.')}x")),
    namespace=TEXTS,
    sinks=st.just(()) | st.tuples(HTTP_SINKS | FILE_SINKS),
    is_disabled=st.booleans(),
    start_drainer=st.booleans(),
    timeout_seconds=st.floats(0.001, 3600),
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


def test_for_a_host_malformed_settings_mean_that_records_wait_where_they_would_have() -> None:
    values = {"OPENLINEAGE_URL": "ftp://m", "OPENLINEAGE_NAMESPACE": "n", "RIVERHEAD_SPOOL_DIR": "/spool"}

    settings, wrong = settings_or_waiting(values)

    assert settings == Settings(Path("/spool"), "n")
    assert wrong == "OPENLINEAGE_URL must start with http:// or https://; records wait in the spool"
    assert settings_or_waiting({"RIVERHEAD_SPOOL_DIR": "/spool"}) == (Settings(Path("/spool")), "")


@pytest.mark.parametrize("key", ["RIVERHEAD_DISABLED", "OPENLINEAGE_DISABLED"])
def test_what_is_disabled_stays_so_when_something_else_is_malformed(key: str) -> None:
    settings, wrong = settings_or_waiting({key: "true", "OPENLINEAGE_URL": "ftp://m"})

    assert settings.is_disabled
    assert "records wait" not in wrong
    assert not settings_or_waiting({key: "perhaps"})[0].is_disabled
