"""Spark's conf, in the official agent's names, becomes the emitter's settings; what it cannot become is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import (
    OUR_KEYS,
    ConsoleSink,
    FileSink,
    HttpSink,
    KafkaSink,
    TokenEndpoint,
    settings_from,
    unknown_keys,
)
from riverhead_spark.settings import complaints, said_by
from riverhead_spark.settings.producers import JAVA_ONLY

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_emitter.settings import Settings

HTTP = {"type": "http", "url": "http://a:1"}
# One value for each of our keys that is not its default.
OTHER_THAN_USUAL = {
    "RIVERHEAD_DISABLED": "true",
    "RIVERHEAD_EVENT_MAX_BYTES": "64K",
    "RIVERHEAD_READ_CONFIG_FILE": "false",
    "RIVERHEAD_REDACT_PATTERNS": '["a{3}", "b"]',
    "RIVERHEAD_REDACT_SQL_LITERALS": "true",
    "RIVERHEAD_SPOOL_DIR": "/elsewhere",
    "RIVERHEAD_SPOOL_EPHEMERAL": "true",
    "RIVERHEAD_SPOOL_MAX_BYTES": "1M",
    "RIVERHEAD_SPOOL_SYNC": "true",
    "RIVERHEAD_START_DRAINER": "false",
    "RIVERHEAD_TIMEOUT_SECONDS": "3",
}
ASKED_BY_OTHERS = {
    "RIVERHEAD_ATTACH_SPARK": "true",
    "RIVERHEAD_CATALOG_URL": "http://catalog:1",
    "RIVERHEAD_DEFER_TO_PROVIDER": "true",
    "RIVERHEAD_EXTRACTORS": "ours.One",
    "RIVERHEAD_READ_SCHEMAS": "false",
    "RIVERHEAD_TAP_CACHE": "/opt/tap",
}


def settings_of(
    transport: dict[str, str] | None = None, environment: dict[str, str] | None = None, /, **conf: str
) -> Settings:
    whole = {f"spark.openlineage.transport.{key}": value for key, value in (transport or {}).items()}
    whole |= {f"spark.openlineage.{key}": value for key, value in conf.items()}
    return settings_from(environment or {}, said_by(whole).names)


def unread(**transport: str) -> tuple[str, ...]:
    prefix = "spark.openlineage.transport."
    found = said_by({prefix + key: value for key, value in transport.items()}).unread
    return tuple(key.removeprefix(prefix) for key in found)


@pytest.mark.parametrize("key", OUR_KEYS)
def test_each_key_of_ours_works_in_sparks_conf(key: str, tmp_path: Path) -> None:
    (tmp_path / ".openlineage").mkdir()
    (tmp_path / ".openlineage" / "openlineage.yml").write_text("transport: {type: http, url: 'http://file'}")
    text = {**OTHER_THAN_USUAL, **ASKED_BY_OTHERS}[key]
    home = {"HOME": str(tmp_path)}
    camel = re.sub("_(.)", lambda found: found[1].upper(), key.removeprefix("RIVERHEAD_").lower())

    names = said_by({f"spark.riverhead.{camel}": text}).names

    assert unknown_keys(names) == {}
    assert settings_from(home, names) == settings_from({**home, key: text})
    assert (settings_from(home, names) == settings_from(home)) == (key in ASKED_BY_OTHERS)


def test_the_documented_http_transport_is_taken_whole() -> None:
    said = {
        **HTTP,
        "endpoint": "/api/v1/lineage",
        "urlParams.param0": "value 0",
        "urlParams.a.b": "1",
        "timeoutInMillis": "2500",
        "auth.type": "api_key",
        "auth.apiKey": "k",
        "headers.X-Some.Extra-Header": "abc",
        "compression": "gzip",
    }

    settings = settings_of(said)

    sink = HttpSink(
        "http://a:1",
        "/api/v1/lineage?a.b=1&param0=value+0",
        api_key="k",
        headers=(("X-Some.Extra-Header", "abc"),),
        is_compressed=True,
    )
    assert settings.sinks == (sink,)
    assert sink.full_url == "http://a:1/api/v1/lineage?a.b=1&param0=value+0"
    assert settings.timeout_seconds == 2.5
    assert unread(**said) == ()


def test_a_token_is_fetched_as_the_agent_would() -> None:
    said = {
        **HTTP,
        "auth.type": "jwt",
        "auth.apiKey": "k",
        "auth.tokenEndpoint": "https://auth.example.com/token",
        "auth.tokenFields": "[jwt;token]",
    }

    [sink] = settings_of(said).sinks

    assert isinstance(sink, HttpSink)
    assert isinstance(sink.token, TokenEndpoint)
    assert (sink.token.url, sink.token.token_fields) == ("https://auth.example.com/token", ("jwt", "token"))


@pytest.mark.parametrize(
    ("url", "full_url"),
    [
        ("http://a:1/some/page", "http://a:1/api/v1/lineage"),
        ("http://a:1/api/v2/namespaces/n/jobs/j/runs/r", "http://a:1/api/v2/lineage"),
        ("http://a:1?api_key=k&app_name=x&b=2", "http://a:1/api/v1/lineage?b=2"),
    ],
)
def test_of_an_address_as_much_is_left_as_the_agent_leaves(url: str, full_url: str) -> None:
    [sink] = settings_of({**HTTP, "url": url}).sinks

    assert isinstance(sink, HttpSink)
    assert sink.full_url == full_url
    assert sink.api_key == ("k" if "api_key" in url else None)


def test_events_go_to_kafka_with_javas_properties_in_librdkafkas_names() -> None:
    said = {
        "type": "kafka",
        "topicName": "openlineage.events",
        "messageKey": "some-value",
        "properties.bootstrap.servers": "localhost:9092,another.host:9092",
        "properties.acks": "all",
        "properties.max.request.size": "2000000",
        "properties.key.serializer": "org.apache.kafka.common.serialization.StringSerializer",
        "properties.value.serializer": "org.apache.kafka.common.serialization.StringSerializer",
    }
    config = (
        ("acks", "all"),
        ("bootstrap.servers", "localhost:9092,another.host:9092"),
        ("message.max.bytes", "2000000"),
    )

    assert settings_of(said).sinks == (KafkaSink("openlineage.events", config, "some-value"),)
    assert unread(**said) == ()


def kafka_config(**properties: str) -> dict[str, str]:
    named = {f"properties.{key}": value for key, value in properties.items()}
    [sink] = settings_of({"type": "kafka", "topicName": "t", "localServerId": "old", **named}).sinks
    assert isinstance(sink, KafkaSink)
    assert sink.message_key == "old"
    return dict(sink.config)


@pytest.mark.parametrize(
    ("properties", "config"),
    [
        (
            {"sasl.jaas.config": f'org.apache.kafka.common.security.{module} required username="u" password="p\\"w";'},
            {"sasl.username": "u", "sasl.password": 'p"w'},
        )
        for module in ("plain.PlainLoginModule", "scram.ScramLoginModule")
    ]
    + [
        (
            {"ssl.truststore.type": "PEM", "ssl.truststore.location": "/ca.pem"},
            {"ssl.ca.location": "/ca.pem"},
        ),
        (
            {"ssl.keystore.type": "PKCS12", "ssl.keystore.location": "/me.p12"},
            {"ssl.keystore.location": "/me.p12"},
        ),
        (
            {"ssl.keystore.type": "PEM", "ssl.keystore.location": "/me.pem"},
            {"ssl.certificate.location": "/me.pem", "ssl.key.location": "/me.pem"},
        ),
        ({"acks": "1"}, {"acks": "1", "enable.idempotence": "false"}),
    ],
)
def test_what_java_spells_otherwise_means_the_same(properties: dict[str, str], config: dict[str, str]) -> None:
    assert kafka_config(**properties) == config


def test_properties_of_java_alone_are_named_and_left_out() -> None:
    said = {
        "type": "kafka",
        "topicName": "t",
        "properties.bootstrap.servers": "a:1",
        "properties.ssl.truststore.location": "/ca.jks",
        "properties.sasl.jaas.config": "com.sun.security.auth.module.Krb5LoginModule required keyTab='/k';",
    }

    assert unread(**said) == ("properties.sasl.jaas.config", "properties.ssl.truststore.location")
    assert settings_of(said).sinks == (KafkaSink("t", (("bootstrap.servers", "a:1"),)),)


def test_librdkafka_knows_none_of_what_is_left_out() -> None:
    kafka = pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")

    for name in JAVA_ONLY:
        with pytest.raises(kafka.KafkaException, match=r"No such configuration property|not supported"):
            kafka.Producer({name: "1"})


def test_a_file_and_the_console_are_as_the_agent_has_them() -> None:
    assert settings_of({"type": "file", "location": "/lake/events"}).sinks == (
        FileSink("/lake/events", is_appended=True),
    )
    assert settings_of({"type": "console"}).sinks == (ConsoleSink(),)


def test_several_transports_are_several_sinks() -> None:
    said = {
        "type": "composite",
        "continueOnFailure": "true",
        "transports.my_http.type": "http",
        "transports.my_http.url": "http://example.com/api",
        "transports.my_http.headers.X-A.B": "c",
        "transports.my_kafka.type": "kafka",
        "transports.my_kafka.topicName": "openlineage.events",
        "transports.my_kafka.properties.bootstrap.servers": "localhost:9092",
        "transports.my_kafka.properties.max.block.ms": "1",
    }

    http, kafka = settings_of(said).sinks

    assert isinstance(http, HttpSink)
    assert (http.full_url, http.headers) == ("http://example.com/api", (("X-A.B", "c"),))
    assert kafka == KafkaSink("openlineage.events", (("bootstrap.servers", "localhost:9092"),))
    assert unread(**said) == ("transports.my_kafka.properties.max.block.ms",)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({**HTTP, "sslContext.keyStorePath": "/a.jks", "sslContext.caCertPath": "/ca"}, ("sslContext.keyStorePath",)),
        ({**HTTP, "apiKey": "k"}, ("apiKey",)),
        ({**HTTP, "url": "http://a:1/api/v1/namespaces/n/jobs/j"}, ("url (its path)",)),
        ({"type": "gcplineage", "projectId": "p", "mode": "sync"}, ("mode",)),
    ],
)
def test_what_cannot_be_said_otherwise_is_named(said: dict[str, str], expected: tuple[str, ...]) -> None:
    assert unread(**said) == expected


def test_what_is_not_read_is_said_in_one_sentence_that_does_not_go_on_for_ever() -> None:
    conf = {f"spark.openlineage.facets.a{number:02}.disabled": "true" for number in range(12)}

    [said] = complaints(said_by({**conf, "spark.openlineage.appName": "x", "spark.openlineage.parentRunId": "y"}), {})

    assert said.startswith("not read from Spark's conf: spark.openlineage.facets.a00.disabled, ")
    assert said.endswith("spark.openlineage.facets.a09.disabled and 2 more")


@pytest.mark.parametrize(
    ("conf", "environment", "sentence"),
    [
        ("spoolDri", "", "unknown setting spark.riverhead.spoolDri; did you mean spark.riverhead.spoolDir?"),
        ("spool.dri", "", "unknown setting spark.riverhead.spool.dri; did you mean spark.riverhead.spoolDir?"),
        ("qqqqqq", "", "unknown setting spark.riverhead.qqqqqq"),
        ("", "RIVERHEAD_SPOOL_DRI", "unknown setting RIVERHEAD_SPOOL_DRI; did you mean RIVERHEAD_SPOOL_DIR?"),
    ],
)
def test_an_unknown_key_of_ours_is_named_as_it_was_written_with_the_nearest_known_one(
    conf: str, environment: str, sentence: str
) -> None:
    said = said_by({f"spark.riverhead.{conf}": "/x"} if conf else {})

    assert list(complaints(said, {environment: "/x"} if environment else {})) == [sentence]


@pytest.mark.parametrize("name", OUR_KEYS)
def test_every_key_of_ours_has_a_spelling_in_the_conf_that_is_known(name: str) -> None:
    [wrong] = complaints(said_by({f"spark.riverhead.{name.removeprefix('RIVERHEAD_').lower()}x": "/x"}), {})
    suggested = wrong.partition("did you mean ")[2].rstrip("?")

    assert said_by({suggested: "/x"}).names == {name: "/x"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"type": "kinesis", "streamName": "s", "region": "r"}, "kinesis"),
        ({"type": "transform", "transformerClass": "a.B", "transport.type": "console"}, "transform by a class of Java"),
        ({**HTTP, "auth.type": "com.example.Tokens"}, "http with a token class of Java"),
    ],
)
def test_a_transport_that_only_the_agent_has_is_refused_and_nothing_goes_out(said: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        settings_of(said)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"OPENLINEAGE__TRANSPORT": '{"type": "http", "url": "http://environment:1"}'},
        {"OPENLINEAGE__TRANSPORT__TYPE": "http", "OPENLINEAGE__TRANSPORT__URL": "http://environment:1"},
        {"OPENLINEAGE_URL": "http://environment:1"},
        {"OPENLINEAGE_CONFIG": "openlineage.yml"},
    ],
)
def test_sparks_conf_goes_before_a_file_and_the_environment(
    elsewhere: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openlineage.yml").write_text("transport: {type: http, url: 'http://file:1'}")

    settings = settings_of(HTTP, {**elsewhere, "OPENLINEAGE_NAMESPACE": "other"}, namespace="prod")

    assert settings.sinks == (HttpSink("http://a:1"),)
    assert settings.namespace == "prod"


def test_variables_and_tags_are_added_as_the_agent_adds_them() -> None:
    conf: dict[str, Any] = {"facets.variables": "[REGION;BUILD;]", "job.tags": "team:lake;nightly", "run.tags": "a:b:c"}

    settings = settings_of(None, None, **conf)

    assert settings.environment_variables == ("REGION", "BUILD")
    assert settings.job_tags == (("team", "lake"), ("nightly", "true"))
    assert settings.run_tags == (("a", "b"),)


def test_what_is_blank_says_nothing() -> None:
    assert said_by({"spark.openlineage.transport.type": " ", "spark.riverhead.spoolDir": ""}) == ({}, (), {})
