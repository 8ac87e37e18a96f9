"""The properties of Java's Kafka producer → librdkafka's, which are mostly called the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_RENAMED = {
    "max.request.size": "message.max.bytes",
    "ssl.keystore.certificate.chain": "ssl.certificate.pem",
    "ssl.keystore.key": "ssl.key.pem",
    "ssl.truststore.certificates": "ssl.ca.pem",
}
# Events are text, and whoever sends them knows it.
_SAID_ANYWAY = frozenset({"key.serializer", "value.serializer"})
_PEM, _PKCS12 = "PEM", "PKCS12"
# librdkafka refuses to start with any of these.
JAVA_ONLY = frozenset(
    """
    buffer.memory compression.gzip.level compression.lz4.level compression.zstd.level interceptor.classes max.block.ms
    metadata.max.idle.ms metric.reporters metrics.num.samples metrics.recording.level metrics.sample.window.ms
    partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms partitioner.class
    partitioner.ignore.keys receive.buffer.bytes sasl.client.callback.handler.class sasl.login.callback.handler.class
    sasl.login.class sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.login.refresh.buffer.seconds
    sasl.oauthbearer.jwks.endpoint.url security.providers send.buffer.bytes socket.connection.setup.timeout.max.ms
    ssl.enabled.protocols ssl.engine.factory.class ssl.keymanager.algorithm ssl.keystore.type ssl.protocol ssl.provider
    ssl.secure.random.implementation ssl.trustmanager.algorithm ssl.truststore.location ssl.truststore.password
    ssl.truststore.type
    """.split()  # noqa: SIM905 - forty names are read more easily as text
)
_JAAS = "sasl.jaas.config"
_LOGIN = re.compile(
    r"\s*org\.apache\.kafka\.common\.security\.(?:plain\.Plain|scram\.Scram)LoginModule\s+required\s(.*)"
)
_OPTION = re.compile(r"\b(username|password)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')")


def producer_config(properties: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return librdkafka's configuration, and the names of properties that it has nothing for."""
    config: dict[str, str] = {}
    unknown: list[str] = []
    left = {name: value for name, value in properties.items() if name not in _SAID_ANYWAY}
    for found in (_login(left), _trust(left), _identity(left)):
        config.update(found)
    for name, value in left.items():
        if name in JAVA_ONLY or name == _JAAS:
            unknown.append(name)
        else:
            config[_RENAMED.get(name, name)] = value
    # As in Java, whoever waits for fewer brokers than all has not asked for idempotence, which is impossible then.
    if config.get("acks", "all") not in {"all", "-1"}:
        config.setdefault("enable.idempotence", "false")
    return config, unknown


def _login(left: dict[str, str]) -> dict[str, str]:
    """Take user and password out of a JAAS line, where they are all that it says."""
    module = _LOGIN.fullmatch(" ".join(left.get(_JAAS, "").split()))
    said = (
        {found[1]: re.sub(r"\\(.)", r"\1", found[2] or found[3] or "") for found in _OPTION.finditer(module[1])}
        if module
        else {}
    )
    if len(said) != len(("username", "password")):
        return {}
    del left[_JAAS]
    return {f"sasl.{name}": value for name, value in said.items()}


def _trust(left: dict[str, str]) -> dict[str, str]:
    """Only a store of certificates in PEM is a file that others than Java read."""
    if left.get("ssl.truststore.type", "").upper() != _PEM or "ssl.truststore.location" not in left:
        return {}
    del left["ssl.truststore.type"]
    return {"ssl.ca.location": left.pop("ssl.truststore.location")}


def _identity(left: dict[str, str]) -> dict[str, str]:
    """A key store in PKCS12 is what librdkafka takes for one; in PEM it is a key and a certificate."""
    kind = left.get("ssl.keystore.type", "").upper()
    if kind == _PKCS12:
        del left["ssl.keystore.type"]
    elif kind == _PEM and "ssl.keystore.location" in left:
        del left["ssl.keystore.type"]
        place = left.pop("ssl.keystore.location")
        return {"ssl.certificate.location": place, "ssl.key.location": place}
    return {}
