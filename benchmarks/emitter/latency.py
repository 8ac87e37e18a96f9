"""How long a host waits for one event, from its facts: ours beside the official client's transports, interleaved."""

from __future__ import annotations

import contextlib
import dataclasses
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
from riverhead_emitter.redaction import Redaction
from riverhead_emitter.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS_UP = 30
# The first of a row finds the processor's caches full of the others' code and data, as an event after a pause does.
IN_A_ROW = 5
# How often all are called in each state of the backend: rounds, and calls in a row.
STATES = {"up": (ROUNDS_UP, IN_A_ROW), "200 ms": (1, IN_A_ROW), "refused": (1, 1), "hanging": (1, 1)}
HIDDEN = {
    "by default": Redaction(),
    "with a pattern": Redaction(patterns=(r"customer-\d{6}",)),
    "with SQL's literals": Redaction(hides_sql_literals=True),
    "with a host's masker": Redaction().with_masker(str),
}
GOALS = {"3 KB columns": 0.15, "100 KB columns": 4.0, "100 KB SQL": 4.0}


def main() -> None:
    """Print the table."""
    # The official client's own retries make a round with nobody there minutes long, so it has one there.
    logging.disable(logging.ERROR)
    rounds = ", ".join(f"{state} {rounds} x {in_a_row}" for state, (rounds, in_a_row) in STATES.items())
    tables.title(
        "What a host waits for one event, median ms, from its facts to the call's end",
        f"interleaved; rounds x calls in a row: {rounds}, ours {ROUNDS_UP} x {IN_A_ROW} everywhere; cold: the first of "
        "each row; the official client has its own defaults (5 retries, 5 s)",
    )
    lines, reached = [], dict.fromkeys(GOALS, 0.0)
    for state, (rounds_here, in_a_row) in STATES.items():
        with _url(state) as url, tempfile.TemporaryDirectory() as folder:
            for size in GOALS:
                found = _measured(url, size, rounds_here, in_a_row, Path(folder))
                own = found.pop("ours")
                reached[size] = max(reached[size], tables.median(own) * 1000)
                ratios = [tables.times(tables.median(times) / tables.median(own)) for times in found.values()]
                medians = [tables.milliseconds(tables.median(times)) for times in found.values()]
                own_times = (tables.median(own), tables.median(own[::IN_A_ROW]), tables.at_percent(own, 99))
                lines.append([state, size, *medians, *map(tables.milliseconds, own_times), " / ".join(ratios)])
    heads = ["backend", "event", "http", "async_http", "file", "ours p50", "ours cold", "ours p99", "ratios to ours"]
    tables.rows(heads, lines)
    for size, most in GOALS.items():
        tables.goal(f"{size}, worst state", reached[size], most, "ms")
    _print_redaction()


def _print_redaction() -> None:
    tables.title(
        "What hiding more costs a host, median ms for one event of ours",
        f"interleaved; {ROUNDS_UP} rounds of {IN_A_ROW} calls in a row",
    )
    lines = []
    for size in GOALS:
        with tempfile.TemporaryDirectory() as folder:
            calls = {name: _hiding(hidden, Path(folder), size) for name, hidden in HIDDEN.items()}
            tables.interleaved(calls, 3)
            found = tables.interleaved(calls, ROUNDS_UP, in_a_row=IN_A_ROW)
            lines.append([size, *(tables.milliseconds(tables.median(times)) for times in found.values())])
    tables.rows(["event", *HIDDEN], lines)


def _hiding(redaction: Redaction, folder: Path, size: str) -> Callable[[], None]:
    settings = settings_from({"RIVERHEAD_SPOOL_DIR": str(folder)})
    return events.ours(Emitter(dataclasses.replace(settings, redaction=redaction)), size)


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
        found["ours"] = tables.interleaved({"ours": calls["ours"]}, ROUNDS_UP, rest, IN_A_ROW)["ours"]
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
