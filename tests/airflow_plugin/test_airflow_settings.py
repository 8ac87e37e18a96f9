"""Airflow's configuration becomes the emitter's flat names."""

from __future__ import annotations

import pytest

from riverhead_airflow.settings import complaints, flat_settings
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import HttpSink, settings_from


def test_our_section_becomes_our_names() -> None:
    values = flat_settings({"start_drainer": False, "timeout_seconds": 3}, {}, "/air", {})

    assert values["RIVERHEAD_START_DRAINER"] == "false"
    assert values["RIVERHEAD_TIMEOUT_SECONDS"] == "3"


def test_airflows_configuration_goes_before_the_environment() -> None:
    values = flat_settings({}, {"namespace": "shop"}, "/air", {"OPENLINEAGE_NAMESPACE": "other"})

    assert values["OPENLINEAGE_NAMESPACE"] == "shop"


def test_the_transport_is_taken_apart_key_by_key() -> None:
    transport = '{"type": "http", "url": "http://127.0.0.1:5000", "auth": {"type": "api_key", "apiKey": "k"}}'

    settings = settings_from(flat_settings({}, {"transport": transport}, "/air", {}))

    assert settings.sinks == (HttpSink("http://127.0.0.1:5000", api_key="k"),)


def test_a_transport_that_is_no_object_is_complained_about() -> None:
    with pytest.raises(ConfigurationError):
        settings_from(flat_settings({}, {"transport": "{nonsense"}, "/air", {}))


def test_the_spool_is_in_airflows_home_unless_somebody_says_otherwise() -> None:
    assert str(settings_from(flat_settings({}, {}, "/air", {"HOME": "/h"})).spool_root) == "/air/riverhead"
    assert str(settings_from(flat_settings({"spool_dir": "/spool"}, {}, "/air", {})).spool_root) == "/spool"


def test_switching_the_provider_off_leaves_us_on() -> None:
    assert not settings_from(flat_settings({}, {"disabled": True}, "/air", {})).is_disabled
    assert settings_from(flat_settings({"disabled": True}, {}, "/air", {})).is_disabled


def test_an_unknown_key_is_named_with_the_nearest_known_one() -> None:
    assert "RIVERHEAD_START_DRAINER" in complaints(flat_settings({"start_drainr": True}, {}, "/air", {}))
    assert complaints(flat_settings({"start_drainer": True}, {}, "/air", {})) == ""


def test_airflows_own_variables_count_where_its_configuration_has_no_such_section() -> None:
    environment = {"AIRFLOW__RIVERHEAD__SPOOL_DIR": "/spool", "AIRFLOW__OPENLINEAGE__NAMESPACE": "shop"}

    settings = settings_from(flat_settings({}, {}, "/air", environment))

    assert (str(settings.spool_root), settings.namespace) == ("/spool", "shop")
