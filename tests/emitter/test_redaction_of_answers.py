"""What a user calls a secret is hidden in whatever another side says, wherever that is kept or told."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from endpoint import Reply
from riverhead_emitter import lineage
from riverhead_emitter.delivery.breaker import BREAKER
from riverhead_emitter.delivery.drainer import DEAD_LETTERS, Drainer, drainer_for
from riverhead_emitter.delivery.quarantine import QUARANTINE
from riverhead_emitter.delivery.reasons import told
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FAILURES, FailureLog, guard
from riverhead_emitter.observation import Observation
from riverhead_emitter.redaction import MASK, Redaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import endpoint as endpoints
    from riverhead_emitter.settings import Settings

    MakeEvent = Callable[..., dict[str, Any]]

CANARY = "ACME-0815-4711"
ASKED_FOR = Redaction(patterns=(r"ACME-\d{4}-\d{4}",))


@pytest.fixture
def careful(settings: Settings) -> Iterator[Emitter]:
    made = Emitter(replace(settings, redaction=ASKED_FOR))
    yield made
    made.close()


@pytest.fixture
def drainer(careful: Emitter) -> Iterator[Drainer]:
    made = drainer_for(careful.directory, careful.settings)
    yield made
    made.close()


def emit(emitter: Emitter, event: MakeEvent, *names: str) -> None:
    for at, name in enumerate(names):
        assert emitter.emit(event(name, str(UUID(int=at))))


@pytest.mark.parametrize(
    ("status", "place"), [(422, DEAD_LETTERS), (429, BREAKER), (500, QUARANTINE)], ids=["dead letter", "down", "apart"]
)
def test_what_a_server_says_is_kept_and_logged_without_it(
    careful: Emitter,
    drainer: Drainer,
    endpoint: endpoints.Endpoint,
    event: MakeEvent,
    *,
    caplog: pytest.LogCaptureFixture,
    status: int,
    place: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = Reply(status, body=f"no customer {CANARY} here".encode())
    endpoint.replies = lambda _number, body: answer if b"odd" in body or status == 429 else Reply()
    emit(careful, event, "odd", "even")

    drainer.drain(5)
    drainer.drain(5)

    found = careful.directory / place
    (text,) = [path.read_text() for path in (found.iterdir() if found.is_dir() else [found])]
    assert f"no customer {MASK} here" in text
    said = text + caplog.text + drainer.tally.last_refusal
    assert CANARY[:8] not in said


def test_what_a_room_fails_at_is_told_without_it(
    careful: Emitter, drainer: Drainer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interpreter(_observation: Observation) -> list[Any]:
        raise ValueError(f"no customer {CANARY}")

    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: interpreter)
    careful.observe(Observation("odd", 1, "run", {}))

    assert drainer.drain(5)

    text = (careful.directory / DEAD_LETTERS).read_text()
    assert f"ValueError: no customer {MASK}" in text
    assert CANARY not in text + caplog.text


@pytest.mark.parametrize("is_the_hosts", [True, False])
def test_what_an_emitter_fails_at_is_logged_without_it(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_the_hosts: bool
) -> None:
    log = FailureLog(tmp_path / FAILURES) if is_the_hosts else None
    emitter = Emitter(replace(settings, redaction=ASKED_FOR), log)

    with guard("asking", emitter.failures):
        raise ValueError(f"no customer {CANARY}")

    path = tmp_path / FAILURES if is_the_hosts else emitter.directory.parent / FAILURES
    assert f"ValueError: no customer {MASK}" in path.read_text()
    assert f"ValueError: no customer {MASK}" in caplog.text
    assert CANARY not in path.read_text() + caplog.text


def test_a_secret_at_the_cut_of_an_answer_is_hidden_before_it_is_cut() -> None:
    for length in range(380, 400):
        assert "ACME" not in told("x" * length + f" {CANARY} " + "y" * 10_000, (), ASKED_FOR)
    assert told("a\x1bb\n" + CANARY, (), ASKED_FOR) == f"a b {MASK}"


@pytest.mark.parametrize("shift", range(15))
def test_a_secret_at_the_cut_of_a_trace_is_hidden_before_it_is_cut(careful: Emitter, shift: int) -> None:
    errors = [ValueError("z" * shift + f" {CANARY}" * 900) for _ in range(8)]
    for error, cause in itertools.pairwise(errors):
        error.__cause__ = cause
    with pytest.raises(ValueError, match="ACME"), lineage.run("odd", outbox=careful) as run:
        raise errors[0]

    (facet,) = [event["run"]["facets"]["errorMessage"] for event in run.events if event["eventType"] == "FAIL"]
    assert "..." in facet["stackTrace"]
    parts = (facet["stackTrace"] + facet["message"]).replace(MASK, "")
    assert not [part for part in ("ACME", "0815", "4711") if part in parts]
