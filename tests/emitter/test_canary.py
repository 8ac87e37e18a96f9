"""Canaries: a secret of its own in every input of a host, looked for in every place where something is left behind."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

import endpoint as endpoints
from riverhead.command import main
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.guard import FAILURES, FailureLog, guard
from riverhead_emitter.observation import Observation
from riverhead_emitter.redaction import Redaction, allowed_options
from riverhead_emitter.settings import settings_from
from unconfigured import unconfigure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    MakeEvent = Callable[..., dict[str, Any]]
    Places = dict[str, str]

RUN = "01890a5d-ac96-774b-bcce-b302099a80{:02d}"
# Where the canaries are when nothing is redacted.
LEAKY_PLACES = {
    "drained: ….run",
    *("kept: ….seg", f"kept: {FAILURES}"),
    *("drained: ….seg", "drained: breaker.json", "drained: dead.ndjson"),
    *(
        f"drained: {FAILURES}",
        "log",
        "drain says",
        "doctor says",
        "spool status says",
        "spool list says",
        "spool says, kafka",
    ),
    *("body, token endpoint", "other headers, proxy", "Authorization, proxy"),
    *("path, first origin", "Authorization, first origin", "body, first origin"),
}
# Whom a canary is meant for.
MAY_SEE = {
    "api key": "Authorization, first origin",
    "query of the address": "path, first origin",
    "JWT form": "body, token endpoint",
    "proxy URL": "other headers, proxy",
    "user info of the address": "Authorization, proxy",
}
# These are in no place even when nothing is redacted, each for its reason.
NEVER_TOLD = {
    "malformed URL": "a sentence about a setting never repeats an address",
    "malformed pattern": "a pattern is named by its number",
    "sink's password": "only Kafka's own client is told, and its broker is away",
}


class Canaries:
    """Hands out secrets, each named by the input it is planted in, and finds them again."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def of(self, place: str) -> str:
        """Return the canary of an input, the same each time."""
        return self.planted.setdefault(place, f"Canary{len(self.planted):02d}x7Qz")

    def found_in(self, text: str) -> set[str]:
        """Return the inputs whose canaries this text holds, as it stands, percent-encoded, or in base64."""
        words = re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text)
        whole = text + "".join(_decoded(word) for word in words)
        return {place for place, canary in self.planted.items() if canary in whole}


def _decoded(word: str) -> str:
    return (
        base64.b64decode(word + "=" * (-len(word) % 4), validate=False).decode("latin-1") if len(word) % 4 != 1 else ""
    )


def payload(canary: Callable[[str], str]) -> dict[str, Any]:
    """What a careless host writes down."""
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI{}.c2ln"
    return {
        "url": f"postgres://ada:{canary('URL user info')}@db/shop",
        "slashed": f"postgres://ada:p/{canary('URL user info with a slash')}@db/shop",
        "link": f"https://m/api?x=1&access_token={canary('URL query')}",
        "signed": f"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={canary('signed URL')}",
        "encoded": f"https://m/?pass%77ord={canary('encoded URL query')}",
        "jdbc": f"jdbc:sqlserver://db;user=ada;password={canary('JDBC property')};encrypt=true",
        "oracle": f"jdbc:oracle:thin:ada/{canary('Oracle login')}@db:1521:x",
        "options": allowed_options({"dbtable": "orders", "odd": canary("option nobody knows")}),
        "conf": {"spark.hadoop.fs.s3a.secret.key": canary("conf value")},
        "environment": [{"name": "DB_PASSWORD", "value": canary("environment variable")}],
        "headers": {"X-Api-Key": canary("header"), "Authorization": f"ApiKey {canary('authorization')}"},
        "sasl": {"sasl.password": canary("Kafka's password")},
        "jaas": f'PlainLoginModule required username="u" password="{canary("JAAS text")}";',
        "sql": f"CREATE USER ada PASSWORD '{canary('SQL password')}'",
        "dollars": f"ALTER USER ada PASSWORD $${canary('SQL dollar quotes')}$$",
        "copy": f"COPY t FROM 's3://b/k' CREDENTIALS 'aws_secret_access_key={canary('COPY credentials')}'",
        "select": " ".join(["select a from t where ssn =", f"'{canary('SQL literal')}' -- {canary('SQL comment')}"]),
        "bash": f"PGPASSWORD={canary('bash assignment')} psql; curl -u ada:{canary('bash login')} https://m",
        "argv": ["tool", "--password", canary("argument list")],
        "yaml": f"db:\n  password: {canary('YAML')}\n",
        "parameters": {"learning_rate": 0.1, "db_password": {"value": canary("nested run parameter")}},
        "model": {"name": "churn", "registry": f"https://ada:{canary('model metadata')}@registry/m"},
        "tags": [{"key": "api_token", "value": canary("tag")}],
        "derived": {"document": f"https://docs/1?sig={canary('document id')}"},
        "jwt": f"sent {jwt.format(canary('JWT'))}",
        "pem": f"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN{canary('private key')}\n-----END PRIVATE KEY-----",
        "note": f"customer-{canary('user pattern')} called",
        "known": f"the host knows {canary('masker')}",
    }


def careful(canaries: Canaries, redaction: Redaction) -> Redaction:
    """Return the redaction of a host whose own masker knows its secrets, as Airflow's does."""
    return redaction.with_masker(lambda text: text.replace(canaries.of("masker"), "***"))


def values_of(root: Path, url: str, canaries: Canaries) -> dict[str, str]:
    """What is configured, secrets among it."""
    return {
        "RIVERHEAD_SPOOL_DIR": str(root),
        "RIVERHEAD_REDACT_SQL_LITERALS": "true",
        "RIVERHEAD_REDACT_PATTERNS": r"customer-(?P<secret>\w+)",
        "OPENLINEAGE__TRANSPORT__TYPE": "http",
        "OPENLINEAGE__TRANSPORT__URL": url,
        "OPENLINEAGE__TRANSPORT__ENDPOINT": f"api/v1/lineage?token={canaries.of('query of the address')}",
        "OPENLINEAGE__TRANSPORT__AUTH__TYPE": "api_key",
        "OPENLINEAGE__TRANSPORT__AUTH__APIKEY": canaries.of("api key"),
    }


def values_beside(root: Path, tokens: str, proxy: str, canaries: Canaries) -> dict[str, dict[str, str]]:
    """Return other ways to be configured, each with a secret that only its own server may see."""
    transport, place = "OPENLINEAGE__TRANSPORT__", {"RIVERHEAD_SPOOL_DIR": str(root), "OPENLINEAGE_NAMESPACE": "beside"}
    kafka = {
        "bootstrap.servers": "127.0.0.1:9",
        "sasl.username": "ada",
        "sasl.password": canaries.of("sink's password"),
    }
    fetched = {"type": "jwt", "apiKey": canaries.of("JWT form"), "tokenEndpoint": f"{tokens}/token"}
    return {
        "kafka": {
            **place,
            f"{transport}TYPE": "kafka",
            f"{transport}TOPIC": "lineage",
            f"{transport}CONFIG": json.dumps(kafka),
        },
        "jwt": {
            **place,
            f"{transport}TYPE": "http",
            f"{transport}URL": "http://127.0.0.1:9",
            f"{transport}AUTH": json.dumps(fetched),
        },
        "proxied": {
            **place,
            "OPENLINEAGE_URL": f"http://ada:{canaries.of('user info of the address')}@sink.example",
            "http_proxy": proxy.replace("://", f"://ada:{canaries.of('proxy URL')}@"),
            "no_proxy": "nobody.example",
        },
    }


def echo(_number: int, body: bytes) -> endpoints.Reply:
    """Refuse, and repeat what was said."""
    return endpoints.Reply(401, body=b"not: " + body)


def echoing(second: str, canaries: Canaries) -> Callable[[int, bytes], endpoints.Reply]:
    """Answer as a careless server does: an echo of the key with a refusal, or a redirect to somebody else."""

    def reply(_number: int, body: bytes) -> endpoints.Reply:
        if b"refused" in body:
            said = f"no: Authorization: Bearer {canaries.of('api key')}, password={canaries.of('server answer')}"
            return endpoints.Reply(400, body=said.encode())
        if b"redirected" in body:
            target = f"{second}/elsewhere?access_token={canaries.of('redirect target')}"
            return endpoints.Reply(307, {"Location": target})
        return endpoints.Reply()

    return reply


def careless(emitter: Emitter, event: MakeEvent, canaries: Canaries) -> None:
    """Hand everything to the emitter, and fail with secrets in the hand."""
    assert emitter.observe(Observation("nobody.knows", 1, RUN.format(9), payload(canaries.of)))
    # The redirect last: a sink that sends elsewhere is not asked again at once.
    for number, name in enumerate(("taken", "refused", "redirected")):
        made = event(name, RUN.format(number))
        made["run"]["facets"]["said"] = payload(canaries.of)
        made["inputs"] = [{"namespace": f"https://ada:{canaries.of('dataset namespace')}@h", "name": "x?token="}]
        made["inputs"][0]["name"] += canaries.of("file path query")
        assert emitter.emit(made)
    with guard("testing", emitter.failures):
        cause = ValueError(f"cannot log in with password='{canaries.of('cause of an exception')}'")
        raise RuntimeError("failed", f"token: {canaries.of('argument of an exception')}") from cause


def refused_configuration(canaries: Canaries) -> str:
    """Return what is said about settings that hold a secret and cannot be used."""
    wrong = {
        "OPENLINEAGE_URL": f"ftp://ada:{canaries.of('malformed URL')}@h",
        "RIVERHEAD_REDACT_PATTERNS": f"{canaries.of('malformed pattern')}(",
    }
    said = []
    for key, value in wrong.items():
        with pytest.raises(ConfigurationError) as refused:
            settings_from({key: value})
        said.append(str(refused.value))
    return "\n".join(said)


@contextmanager
def only_this_environment(values: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        unconfigure(patch, home=values["RIVERHEAD_SPOOL_DIR"], temporary=values["RIVERHEAD_SPOOL_DIR"])
        patch.setattr("riverhead_emitter.verbs.doctor._rooms", lambda _environment: [])
        for key, value in values.items():
            patch.setenv(key, value)
        yield


def said_by(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    main(words)
    printed = capsys.readouterr()
    return printed.out + printed.err


def files_under(root: Path, when: str) -> Places:
    """Return every file below, by its kind: segments and directories have names of their own."""
    kinds: Places = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        kind = re.sub(r"[0-9a-f-]{6,}|\d+", "…", path.name)
        kinds[f"{when}: {kind}"] = kinds.get(f"{when}: {kind}", "") + path.read_bytes().decode("latin-1")
    return kinds


def requests_at(name: str, origin: endpoints.Endpoint) -> Places:
    seen = {f"path, {name}": "", f"Authorization, {name}": "", f"other headers, {name}": "", f"body, {name}": ""}
    for request in origin.requests:
        body = gzip.decompress(request.body) if request.body[:2] == b"\x1f\x8b" else request.body
        headers = {key.lower(): value for key, value in request.headers.items()}
        seen[f"path, {name}"] += request.path
        seen[f"Authorization, {name}"] += headers.pop("authorization", "")
        seen[f"other headers, {name}"] += json.dumps(headers)
        seen[f"body, {name}"] += body.decode("latin-1")
    return seen


@dataclass
class Host:
    """A careless host, and those who see what it leaves."""

    root: Path
    event: MakeEvent
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    caplog: pytest.LogCaptureFixture


@pytest.fixture
def host(
    tmp_path: Path,
    event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Host:
    return Host(tmp_path / "spool", event, monkeypatch, capsys, caplog)


def places_of(host: Host, canaries: Canaries) -> Places:
    """Run the host and the verbs; return all that was left anywhere, by place."""
    root, capsys = host.root, host.capsys
    with endpoints.serving() as first, endpoints.serving() as second, host.caplog.at_level(logging.DEBUG):
        first.replies = echoing(second.url, canaries)
        values = values_of(root, first.url, canaries)
        with only_this_environment(values, host.monkeypatch):
            settings = settings_from(os.environ)
            settings = replace(settings, redaction=careful(canaries, settings.redaction))
            failures = FailureLog(root / str(os.getuid()) / FAILURES, redaction=settings.redaction)
            emitter = Emitter(settings, failures)
            careless(emitter, host.event, canaries)
            emitter.close()
            places = files_under(root, "kept")
            emitted = host.event("emitted", RUN.format(8))
            emitted["run"]["facets"]["said"] = {"text": f"password={canaries.of('file to emit')}"}
            (root / "events.ndjson").write_text(json.dumps(emitted) + "\n")
            places["emit says"] = said_by(["emit", str(root / "events.ndjson")], capsys)
            (root / "events.ndjson").unlink()
            places["drain says"] = said_by(["drain", "--seconds", "3"], capsys)
            places["doctor says"] = said_by(["doctor"], capsys)
            places["spool status says"] = said_by(["spool", "status"], capsys)
            places["spool list says"] = said_by(["spool", "list"], capsys)
        with endpoints.serving() as tokens, endpoints.serving() as proxy:
            tokens.replies = proxy.replies = echo
            for name, values in values_beside(root, tokens.url, proxy.url, canaries).items():
                with only_this_environment(values, host.monkeypatch):
                    beside = Emitter(settings_from(os.environ))
                    assert beside.emit(host.event(name))
                    beside.close()
                    words = ["spool", "status"] if name == "kafka" else ["drain", "--seconds", "1"]
                    places[f"{words[0]} says, {name}"] = said_by(words, capsys)
        places |= {f"body, {name}": request.body.decode() for name, request in [("token endpoint", tokens.requests[0])]}
        places |= files_under(root, "drained")
        places["log"] = "\n".join(record.getMessage() + str(record.exc_text or "") for record in host.caplog.records)
        places["refusal of a configuration"] = refused_configuration(canaries)
        servers = {"first origin": first, "second origin": second, "proxy": proxy}
        return places | {place: text for name in servers for place, text in requests_at(name, servers[name]).items()}


def test_no_canary_gets_out_of_a_careless_host(host: Host) -> None:
    canaries = Canaries()
    places = places_of(host, canaries)
    found = {place: canaries.found_in(text) for place, text in places.items()}

    shown = [f"  {place} ({len(text):,} characters): {sorted(found[place])}" for place, text in places.items()]
    sys.stdout.write("\n".join([f"{len(canaries.planted)} canaries, {len(places)} places:", *shown, ""]))
    assert {place: names for place, names in found.items() if names} == {
        place: {name} for name, place in MAY_SEE.items()
    }
    assert len(canaries.planted) >= 25
    assert "taken" in places["body, first origin"]
    assert "redirected" in places["body, first origin"]
    assert [text for place, text in places.items() if "second origin" in place] == [""] * 4
    assert "HTTP 400" in places["drained: dead.ndjson"]
    assert "nobody.knows" in places["drained: ….run"]
    assert "testing" in places[f"drained: {FAILURES}"]


def test_without_redaction_the_same_canaries_are_found(host: Host) -> None:
    canaries = Canaries()
    # The one method that every module's `scrubbed` ends in.
    host.monkeypatch.setattr(Redaction, "scrubbed", lambda _self, text: text)
    host.monkeypatch.setattr("riverhead_emitter.redaction.options._is_safe", lambda *_: True)
    places = places_of(host, canaries)
    found = {place: canaries.found_in(text) for place, text in places.items()}

    sys.stdout.write("".join(f"  {place}: {len(names)} canaries\n" for place, names in found.items() if names))
    assert {place for place, names in found.items() if names} == LEAKY_PLACES
    assert set(canaries.planted) - set().union(*found.values()) == NEVER_TOLD.keys()
