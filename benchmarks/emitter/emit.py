"""How long a host waits for one event: ours beside the official client, interleaved, backend up and refused.

    make bench

Prints medians; the machine's noise is in both columns alike.
"""

from __future__ import annotations

import http.server
import statistics
import tempfile
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.facet_v2 import sql_job
from openlineage.client.transport.http import HttpConfig, HttpTransport

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.run_ids import new_run_id
from riverhead_emitter.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {"3 KB": 3_000, "100 KB": 100_000}
ROUNDS_UP, ROUNDS_REFUSED = 100, 2
TIMEOUT_SECONDS = 5


class _Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    up = f"http://127.0.0.1:{server.server_port}"
    print(f"{'backend':<9}{'event':<8}{'official p50':>14}{'ours p50':>12}{'ratio':>9}")
    for state, url, rounds in (("up", up, ROUNDS_UP), ("refused", "http://127.0.0.1:9", ROUNDS_REFUSED)):
        for label, size in SIZES.items():
            official, ours = _interleaved(_official(url, size), _ours(url, size), rounds)
            print(f"{state:<9}{label:<8}{official:>11.3f} ms{ours:>9.3f} ms{official / ours:>8.0f}×")
    server.shutdown()


def _interleaved(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, times in ((one, taken[0]), (other, taken[1])):
            start = time.perf_counter()
            call()
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _official(url: str, size: int) -> Callable[[], object]:
    client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=url, timeout=TIMEOUT_SECONDS)))

    def emit() -> None:
        query = sql_job.SQLJobFacet(query="x" * size)
        event = RunEvent(
            eventTime=datetime.now(timezone.utc).isoformat(),
            run=Run(runId=new_run_id()),
            job=Job("bench", "job", {"sql": query}),
            eventType=RunState.COMPLETE,
            producer="urn:bench",
        )
        try:
            client.emit(event)
        except Exception as error:  # noqa: BLE001 - the client may raise whatever it likes when refused
            print(f"          (the official client raised {type(error).__name__})")

    return emit


def _ours(url: str, size: int) -> Callable[[], object]:
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": tempfile.mkdtemp(), "OPENLINEAGE_URL": url}))

    def emit() -> None:
        event: dict[str, Any] = {
            "eventType": "COMPLETE",
            "eventTime": datetime.now(timezone.utc).isoformat(),
            "run": {"runId": new_run_id()},
            "job": {"namespace": "bench", "name": "job", "facets": {"sql": {"query": "x" * size}}},
        }
        assert emitter.emit(event)

    return emit


if __name__ == "__main__":
    main()
