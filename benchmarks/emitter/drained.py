"""How many events a second arrive at the same server: by the official `http` and `async_http`, and by our drainer."""

from __future__ import annotations

import tempfile
import time
from typing import TYPE_CHECKING

import events
import peer
import tables
from backend import Backend, backend
from openlineage.client import OpenLineageClient
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE, EVENTS, ROUNDS = "3 KB columns", 1_000, 3
MOST_SECONDS = 60.0
GOAL = 5.0


def main() -> None:
    """Print the table."""
    tables.title(f"Events a second, {EVENTS:,} of {SIZE} to the same server", f"{ROUNDS} rounds, interleaved; medians")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _WAYS}
    with backend("at-once") as served:
        for _ in range(ROUNDS):
            for name, way in _WAYS.items():
                before = served.events()
                found[name].append(way(served))
                if served.events() - before != EVENTS:
                    raise SystemExit(f"{name}: {served.events() - before} of {EVENTS} events arrived")
    per_second = {
        name: [EVENTS / tables.median([pair[at] for pair in pairs]) for at in (0, 1)] for name, pairs in found.items()
    }
    tables.rows(
        ["way", "accepted/s", "arrived/s", "ours to it"],
        [
            [name, f"{accepted:,.0f}", f"{arrived:,.0f}", tables.times(per_second["ours"][1] / arrived)]
            for name, (accepted, arrived) in per_second.items()
        ],
    )
    tables.goal("drained, to official http", per_second["ours"][1] / per_second["http"][1], GOAL, "×", at_least=True)


def _http(served: Backend) -> tuple[float, float]:
    client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=served.url)))
    seconds = _all(peer.official(client, SIZE))
    client.close()
    return seconds, seconds


def _async_http(served: Backend) -> tuple[float, float]:
    client = OpenLineageClient(transport=AsyncHttpTransport(AsyncHttpConfig(url=served.url)))
    began = time.perf_counter()
    accepted = _all(peer.official(client, SIZE))
    client.close(timeout=MOST_SECONDS)
    return accepted, time.perf_counter() - began


def _ours(served: Backend) -> tuple[float, float]:
    """Return how long it took to accept all, and then, by itself, to drain all: two processes, as a rule."""
    with tempfile.TemporaryDirectory() as folder:
        emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": folder, "OPENLINEAGE_URL": served.url}))
        accepted = _all(events.ours(emitter, SIZE))
        began = time.perf_counter()
        emitter.drain(MOST_SECONDS)
        drained = time.perf_counter() - began
        emitter.close()
    return accepted, drained


def _all(emit: Callable[[], None]) -> float:
    began = time.perf_counter()
    for _ in range(EVENTS):
        emit()
    return time.perf_counter() - began


_WAYS = {"http": _http, "async_http": _async_http, "ours": _ours}


if __name__ == "__main__":
    main()
