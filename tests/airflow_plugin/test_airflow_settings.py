"""Airflow's configuration becomes the emitter's flat names, and goes before what else is configured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.settings import as_written, choices, complaints, host_names
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import (
    OUR_KEYS,
    FileSink,
    HttpSink,
    settings_from,
    settings_or_waiting,
    unknown_keys,
)

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_emitter.settings import Settings

# One value for each of our keys that is not its default, and what it is then.
OTHER_THAN_USUAL: dict[str, tuple[str, Any]] = {
    "RIVERHEAD_DISABLED": ("true", lambda found: found.is_disabled),
    "RIVERHEAD_EVENT_MAX_BYTES": ("64K", lambda found: found.largest_event_bytes == 65536),
    "RIVERHEAD_READ_CONFIG_FILE": ("false", lambda found: found.sinks == ()),
    "RIVERHEAD_REDACT_PATTERNS": ('["a{3}", "b"]', lambda found: found.redaction.patterns == ("a{3}", "b")),
    "RIVERHEAD_REDACT_SQL_LITERALS": ("true", lambda found: found.redaction.hides_sql_literals),
    "RIVERHEAD_SPOOL_DIR": ("/elsewhere", lambda found: str(found.spool_root) == "/elsewhere"),
    "RIVERHEAD_SPOOL_EPHEMERAL": ("true", lambda found: found.is_ephemeral),
    "RIVERHEAD_SPOOL_MAX_BYTES": ("1M", lambda found: found.largest_spool_bytes == 1 << 20),
    "RIVERHEAD_SPOOL_SYNC": ("true", lambda found: found.is_synced),
    "RIVERHEAD_START_DRAINER": ("false", lambda found: not found.start_drainer),
    "RIVERHEAD_TIMEOUT_SECONDS": ("3", lambda found: found.timeout_seconds == 3.0),
    # The command asks it of the environment; here it is a name that is known.
    "RIVERHEAD_CATALOG_URL": ("http://catalog:1", lambda found: found.sinks != ()),
}


def settings_of(
    riverhead: dict[str, object] | None = None,
    openlineage: dict[str, object] | None = None,
    environment: dict[str, str] | None = None,
) -> Settings:
    values = environment or {}
    return settings_from(values, host_names(riverhead or {}, openlineage or {}, "/air", values))


def complaints_of(
    riverhead: dict[str, object] | None = None,
    openlineage: dict[str, object] | None = None,
    environment: dict[str, str] | None = None,
) -> list[str]:
    host = host_names(riverhead or {}, openlineage or {}, "/air", environment or {})
    return list(complaints(host, openlineage or {}, environment or {}))


# No setting of the emitter's: Spark's room alone reads it.
OF_ONE_HOST = {
    *("RIVERHEAD_TAP_CACHE", "RIVERHEAD_EXTRACTORS", "RIVERHEAD_READ_SCHEMAS", "RIVERHEAD_DEFER_TO_PROVIDER"),
    "RIVERHEAD_ATTACH_SPARK",
}


@pytest.mark.parametrize("key", [key for key in OUR_KEYS if key not in OF_ONE_HOST])
@pytest.mark.parametrize("place", ["section", "variable"])
def test_each_key_of_ours_works_in_airflows_configuration(key: str, place: str, tmp_path: Path) -> None:
    (tmp_path / ".openlineage").mkdir()
    (tmp_path / ".openlineage" / "openlineage.yml").write_text("transport: {type: http, url: 'http://file'}")
    text, is_so = OTHER_THAN_USUAL[key]
    name = key.removeprefix("RIVERHEAD_").lower()
    home = {"HOME": str(tmp_path)}

    found = {
        "section": lambda: settings_of({name: text}, environment=home),
        "variable": lambda: settings_of(environment={**home, f"AIRFLOW__{key.replace('_', '__', 1)}": text}),
    }[place]()

    assert not is_so(settings_of(environment=home)) or key == "RIVERHEAD_CATALOG_URL"
    assert is_so(found)
    assert unknown_keys(host_names({name: text}, {}, "/air", {})) == {}


@pytest.mark.parametrize(
    ("section", "environment"),
    [
        ({"extractors": "ours.One; ours.Two"}, {}),
        ({}, {"AIRFLOW__RIVERHEAD__EXTRACTORS": "ours.One;ours.Two"}),
        ({}, {"RIVERHEAD_EXTRACTORS": "ours.One;ours.Two;"}),
    ],
)
def test_extractors_of_the_provider_are_known_and_ours_go_before_them(
    section: dict[str, str], environment: dict[str, str]
) -> None:
    theirs = {"extractors": "theirs.One"}
    host = host_names(section, theirs, "/air", environment)

    assert choices(host, theirs, environment).extractors == ("theirs.One", "ours.One", "ours.Two")


def test_databases_are_not_asked_where_that_is_switched_off() -> None:
    assert choices({}, {}, {}).reads_schemas
    assert not choices(host_names({"read_schemas": "False"}, {}, "/air", {}), {}, {}).reads_schemas
    assert not choices({}, {}, {"RIVERHEAD_READ_SCHEMAS": "false"}).reads_schemas
    assert choices({"RIVERHEAD_DEFER_TO_PROVIDER": "True"}, {}, {}).defers_to_provider
    assert not choices({}, {}, {}).defers_to_provider
    assert choices({"RIVERHEAD_ATTACH_SPARK": " Yes"}, {}, {}).attaches_spark
    assert not choices({}, {}, {}).attaches_spark


def test_a_switch_that_says_neither_on_nor_off_is_as_nobody_had_said_and_is_told() -> None:
    host = {"RIVERHEAD_ATTACH_SPARK": "enabled", "RIVERHEAD_READ_SCHEMAS": "perhaps"}

    chosen, said = choices(host, {}, {}), "\n".join(complaints(host, {}, {}))

    assert (chosen.attaches_spark, chosen.reads_schemas) == (False, True)
    assert "[riverhead] attach_spark in airflow.cfg must be true or false" in said
    assert "[riverhead] read_schemas in airflow.cfg must be true or false" in said


def test_what_the_provider_was_told_to_leave_out_is_left_out() -> None:
    theirs = {"disabled_for_operators": "a.B; c.D", "disable_source_code": True}

    chosen = choices({}, theirs, {})

    assert set(chosen.silent_operators) == {"a.B", "c.D"}
    assert not chosen.is_code_told
    assert choices({}, {"disable_source_code": "False"}, {}).is_code_told


@pytest.mark.parametrize(
    ("key", "value"), [("selective_enable", "True"), ("emission_policy", "[{}]"), ("custom_run_facets", "a.b")]
)
def test_what_is_the_providers_alone_is_warned_of_where_it_is_set(key: str, value: str) -> None:
    assert list(complaints({}, {key: value}, {})) == [f"[openlineage] {key} is not read by riverhead"]
    assert list(complaints({}, {"selective_enable": False, "emission_policy": "[]", "custom_run_facets": ""}, {})) == []


def test_airflow_hands_over_what_it_has_read_as_something_else_than_text() -> None:
    names = host_names({"start_drainer": False, "timeout_seconds": 3}, {}, "/air", {})

    assert (names["RIVERHEAD_START_DRAINER"], names["RIVERHEAD_TIMEOUT_SECONDS"]) == ("false", "3")


def test_airflows_configuration_goes_before_the_environment() -> None:
    assert settings_of(None, {"namespace": "shop"}, {"OPENLINEAGE_NAMESPACE": "other"}).namespace == "shop"


def test_the_transport_reaches_the_emitter_whole() -> None:
    transport = {"type": "http", "url": "http://127.0.0.1:5000", "auth": {"type": "api_key", "apiKey": "k"}}

    for written in (json.dumps(transport), transport):
        assert settings_of(None, {"transport": written}).sinks == (HttpSink("http://127.0.0.1:5000", api_key="k"),)


def test_a_list_of_transports_stays_a_list_and_headers_keep_their_letters() -> None:
    http = {"type": "http", "url": "http://a:1", "custom_headers": {"X-Team": "lake"}}
    transport = {"type": "composite", "transports": [http, {"type": "file", "log_file_path": "/lake/events"}]}

    sinks = settings_of(None, {"transport": json.dumps(transport)}).sinks

    assert sinks == (HttpSink("http://a:1", headers=(("X-Team", "lake"),)), FileSink("/lake/events", is_appended=False))


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"OPENLINEAGE__TRANSPORT": '{"type": "http", "url": "http://environment:1"}'},
        {"OPENLINEAGE__TRANSPORT__TYPE": "http", "OPENLINEAGE__TRANSPORT__URL": "http://environment:1"},
        {"OPENLINEAGE_URL": "http://environment:1"},
        {"OPENLINEAGE_CONFIG": "openlineage.yml"},
    ],
)
def test_airflows_transport_goes_before_a_file_and_the_environment(
    elsewhere: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openlineage.yml").write_text("transport: {type: http, url: 'http://file:1'}")

    sinks = settings_of(None, {"transport": '{"type": "http", "url": "http://airflow:1"}'}, elsewhere).sinks

    assert sinks == (HttpSink("http://airflow:1"),)


def test_a_file_that_airflow_names_goes_before_its_transport_as_for_the_official_provider(tmp_path: Path) -> None:
    path = tmp_path / "lineage.yml"
    path.write_text("transport: {type: http, url: 'http://file:1'}")
    said: dict[str, object] = {"config_path": str(path), "transport": '{"type": "http", "url": "http://airflow:1"}'}

    assert settings_of(None, said).sinks == (HttpSink("http://file:1"),)
    assert complaints_of(None, said) == []


def test_a_file_that_airflow_names_and_nobody_can_read_is_complained_about(tmp_path: Path) -> None:
    [said] = complaints_of(None, {"config_path": str(tmp_path / "missing.yml")})

    assert "config_path" in said


def test_a_connection_that_holds_the_configuration_is_not_read_and_said_to_be_so() -> None:
    [said] = complaints_of(environment={"AIRFLOW__OPENLINEAGE__CONFIG_CONN_ID": "lineage"})

    assert "config_conn_id is not read" in said


@pytest.mark.parametrize("transport", ["{nonsense", "nonsense", '["http"]', "7"])
def test_a_transport_that_is_no_object_is_complained_about(transport: str) -> None:
    with pytest.raises(ConfigurationError):
        settings_of(None, {"transport": transport})


def test_the_spool_is_in_airflows_home_unless_somebody_says_otherwise() -> None:
    assert str(settings_of(environment={"HOME": "/h"}).spool_root) == "/air/riverhead"
    assert str(settings_of({"spool_dir": "/spool"}).spool_root) == "/spool"


def test_switching_the_provider_off_leaves_us_on() -> None:
    assert not settings_of(None, {"disabled": True}).is_disabled
    assert settings_of({"disabled": True}).is_disabled


@pytest.mark.parametrize(
    ("section", "environment", "sentence"),
    [
        ({"spol_dir": "/x"}, {}, "unknown setting [riverhead] spol_dir in airflow.cfg; did you mean spool_dir?"),
        (
            {},
            {"AIRFLOW__RIVERHEAD__SPOL_DIR": "/x"},
            "unknown setting AIRFLOW__RIVERHEAD__SPOL_DIR; did you mean AIRFLOW__RIVERHEAD__SPOOL_DIR?",
        ),
        ({}, {"RIVERHEAD_SPOL_DIR": "/x"}, "unknown setting RIVERHEAD_SPOL_DIR; did you mean RIVERHEAD_SPOOL_DIR?"),
        ({"qqq": "/x"}, {}, "unknown setting [riverhead] qqq in airflow.cfg"),
        # What many expect in our section, and what the provider's has for it.
        ({"url": "u"}, {}, "unknown setting [riverhead] url in airflow.cfg; did you mean [openlineage] transport?"),
        (
            {},
            {"AIRFLOW__RIVERHEAD__NAMESPACE": "shop"},
            "unknown setting AIRFLOW__RIVERHEAD__NAMESPACE; did you mean AIRFLOW__OPENLINEAGE__NAMESPACE?",
        ),
    ],
)
def test_an_unknown_key_is_named_as_it_was_written_with_the_nearest_known_one(
    section: dict[str, object], environment: dict[str, str], sentence: str
) -> None:
    assert complaints_of(section, environment=environment) == [sentence]


def test_nothing_is_complained_of_where_all_is_well() -> None:
    assert complaints_of({"start_drainer": True}) == []


@pytest.mark.parametrize(
    ("section", "openlineage", "environment", "sentence"),
    [
        ({"timeout_seconds": "soon"}, {}, {}, "[riverhead] timeout_seconds in airflow.cfg must be a number"),
        ({}, {}, {"AIRFLOW__RIVERHEAD__SPOOL_SYNC": "so"}, "AIRFLOW__RIVERHEAD__SPOOL_SYNC must be true or false"),
        ({}, {}, {"RIVERHEAD_SPOOL_SYNC": "so"}, "RIVERHEAD_SPOOL_SYNC must be true or false"),
        ({}, {"transport": "{x"}, {}, "[openlineage] transport in airflow.cfg is no valid JSON"),
        ({}, {"transport": "http"}, {}, "[openlineage] transport in airflow.cfg must be a JSON object"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_as_it_was_written(
    section: dict[str, object], openlineage: dict[str, object], environment: dict[str, str], sentence: str
) -> None:
    host = host_names(section, openlineage, "/air", environment)

    assert as_written(settings_or_waiting(environment, host)[1], host, environment).startswith(sentence)


def test_airflows_own_variables_count_where_its_configuration_has_no_such_section() -> None:
    environment = {"AIRFLOW__RIVERHEAD__SPOOL_DIR": "/spool", "AIRFLOW__OPENLINEAGE__NAMESPACE": "shop"}

    settings = settings_of(environment=environment)

    assert (str(settings.spool_root), settings.namespace) == ("/spool", "shop")
