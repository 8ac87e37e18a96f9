"""A sink whose sender cannot be made waits by itself, with a sentence, and is served once that is mended."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.delivery.drainer import drainer_for
from riverhead_emitter.delivery.senders import sender_for
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.settings import FileSink, HttpSink, KafkaSink, OfficialSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from riverhead_emitter.settings import Settings, Sink

    MakeEvent = Callable[..., dict[str, Any]]

CANARY = "canary5ecret"
THERE = "http://127.0.0.1:1"
UNMADE: dict[str, tuple[Sink, str]] = {
    "a secure proxy": (HttpSink(THERE, proxy=f"https://u:{CANARY}@proxy:1"), "https:// goes through its tunnel"),
    "a SOCKS proxy": (HttpSink(THERE, proxy=f"socks5://u:{CANARY}@proxy:1"), "the proxy must look like"),
    "a header of two lines": (HttpSink(THERE, headers=(("X-Key", f"{CANARY}\n"),)), "must be one line of ASCII text"),
    "no package for Kafka": (KafkaSink("t", (("bootstrap.servers", "127.0.0.1:1"),)), "confluent-kafka"),
    "no official package": (OfficialSink("official", json.dumps({"type": "http", "url": THERE})), "openlineage-python"),
}


@pytest.mark.parametrize(("sink", "said"), UNMADE.values(), ids=UNMADE)
def test_a_sink_without_a_sender_waits_with_a_sentence_and_holds_up_no_other(
    settings: Settings, tmp_path: Path, event: MakeEvent, monkeypatch: pytest.MonkeyPatch, *, sink: Sink, said: str
) -> None:
    for package in ("confluent_kafka", "openlineage.client.transport"):
        monkeypatch.setitem(sys.modules, package, None)
    there = FileSink(str(tmp_path / "events.ndjson"))
    emitter = Emitter(replace(settings, sinks=(sink, there)))
    emitter.emit(event("patient"))
    drainer = drainer_for(emitter.directory, emitter.settings)

    assert not drainer.drain(2)

    assert (tmp_path / "events.ndjson").read_text().count("patient") == 1
    assert said in drainer.tally.last_refusal
    assert CANARY not in drainer.tally.last_refusal
    drainer.close()


def test_a_sender_that_could_not_be_made_is_made_once_that_is_mended(
    settings: Settings, tmp_path: Path, event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [ConfigurationError("not yet")] * 2

    def made(sink: Sink, *more: Any) -> object:
        if problems:
            raise problems.pop()
        return sender_for(sink, *more)

    monkeypatch.setattr("riverhead_emitter.delivery.senders.sender_for", made)
    emitter = Emitter(replace(settings, sinks=(FileSink(str(tmp_path / "events.ndjson")),)))
    emitter.emit(event("patient"))
    drainer = drainer_for(emitter.directory, emitter.settings)

    assert not drainer.drain(2)
    assert drainer.tally.last_refusal == "ConfigurationError: not yet"
    assert drainer.drain(2)

    assert (tmp_path / "events.ndjson").read_text().count("patient") == 1
    drainer.close()
