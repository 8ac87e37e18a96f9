"""How long a host waits for one event, from its facts: ours beside the official client's transports, interleaved."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import events
import peer
import tables
from backend import backend, refused_url
from openlineage.client import OpenLineageClient
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS_UP, ROUNDS_LATE, ROUNDS_DOWN = 30, 1, 1
# The first of a row finds the processor's caches full of the others' code and data, as an event after a pause does.
IN_A_ROW_UP, IN_A_ROW_LATE, IN_A_ROW_DOWN = 5, 5, 1
GOALS = {"3 KB columns": 0.15, "100 KB columns": 4.0, "100 KB SQL": 4.0}


def main() -> None:
    """Print the table."""
    # The official client's own retries make a round with nobody there minutes long, so it has one there.
    logging.disable(logging.ERROR)
    tables.title(
        "What a host waits for one event, median ms, from its facts to the call's end",
        f"interleaved; up {ROUNDS_UP} rounds of {IN_A_ROW_UP} calls in a row, 200 ms {ROUNDS_LATE} of {IN_A_ROW_LATE}, "
        f"refused and hanging {ROUNDS_DOWN} of {IN_A_ROW_DOWN} (3 KB only; ours is called {ROUNDS_UP} x {IN_A_ROW_UP} "
        "times everywhere); cold: the first of each row; the official client has its own defaults (5 retries, 5 s)",
    )
    lines, reached = [], dict.fromkeys(GOALS, 0.0)
    for state, rounds, in_a_row in (
        ("up", ROUNDS_UP, IN_A_ROW_UP),
        ("200 ms", ROUNDS_LATE, IN_A_ROW_LATE),
        ("refused", ROUNDS_DOWN, IN_A_ROW_DOWN),
        ("hanging", ROUNDS_DOWN, IN_A_ROW_DOWN),
    ):
        with _url(state) as url, tempfile.TemporaryDirectory() as folder:
            for size in GOALS if state in {"up", "200 ms"} else ("3 KB columns",):
                found = _measured(url, size, rounds, in_a_row, Path(folder))
                own = found.pop("ours")
                reached[size] = max(reached[size], tables.median(own) * 1000)
                ratios = [tables.times(tables.median(times) / tables.median(own)) for times in found.values()]
                medians = [tables.milliseconds(tables.median(times)) for times in found.values()]
                own_times = (tables.median(own), tables.median(own[::IN_A_ROW_UP]), tables.at_percent(own, 99))
                lines.append([state, size, *medians, *map(tables.milliseconds, own_times), " / ".join(ratios)])
    heads = ["backend", "event", "http", "async_http", "file", "ours p50", "ours cold", "ours p99", "ratios to ours"]
    tables.rows(heads, lines)
    for size, most in GOALS.items():
        tables.goal(f"{size}, worst state", reached[size], most, "ms")


@contextlib.contextmanager
def _url(state: str) -> Iterator[str]:
    if state == "refused":
        yield refused_url()
        return
    with backend({"up": "at-once", "200 ms": "late", "hanging": "never"}[state]) as served:
        yield served.url


def _measured(url: str, size: str, rounds: int, in_a_row: int, folder: Path) -> dict[str, list[float]]:
    clients = {
        "http": OpenLineageClient(transport=HttpTransport(HttpConfig(url=url))),
        "async_http": OpenLineageClient(transport=AsyncHttpTransport(AsyncHttpConfig(url=url))),
        "file": OpenLineageClient(transport=FileTransport(FileConfig(str(folder / "official.ndjson"), append=True))),
    }
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(folder), "OPENLINEAGE_URL": url}))
    calls = {name: _quietly(peer.official(client, size)) for name, client in clients.items()}
    calls["ours"] = events.ours(emitter, size)
    # Its thread would take the interpreter from whoever is measured next.
    settled = partial(clients["async_http"].transport.wait_for_completion, 0.5)
    if rounds > 1:
        tables.interleaved(calls, 3, settled)  # what is loaded late is not what a host waits for again and again
    found = tables.interleaved(calls, rounds, settled, in_a_row)
    if rounds < ROUNDS_UP:
        # Ours takes no time beside theirs, so it can be asked as often where they are asked once.
        rest = partial(time.sleep, 0.02)
        found["ours"] = tables.interleaved({"ours": calls["ours"]}, ROUNDS_UP, rest, IN_A_ROW_UP)["ours"]
    clients["async_http"].close(timeout=0.1)
    emitter.close()
    return found


def _quietly(call: Callable[[], None]) -> Callable[[], None]:
    def emit() -> None:
        with contextlib.suppress(Exception):  # the official client raises when its backend is down
            call()

    return emit


if __name__ == "__main__":
    main()
