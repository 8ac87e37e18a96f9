"""A real `riverhead serve`: what it acknowledges it keeps, and it ends well."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.journey


class Serving:
    """A server that runs, and where it is."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url


@contextmanager
def serving(store: Path, *words: str) -> Iterator[Serving]:
    """Start `riverhead serve` and wait for the line that it prints when it accepts connections."""
    command = [sys.executable, "-m", "riverhead", "serve", "--port", "0", "--store", str(store), *words]
    environment = {**os.environ, "HOME": str(store.parent), "RIVERHEAD_SPOOL_DIR": str(store.parent / "spool")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Riverhead is at http://"), line
        yield Serving(process, line.split()[-1].rstrip("/"))
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


def _event(number: int) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-20T10:00:00Z",
        "producer": "urn:test",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"run-{number}"},
        "job": {"namespace": "jobs", "name": f"job {number % 7}"},
        "inputs": [{"namespace": "db", "name": "raw"}],
        "outputs": [{"namespace": "db", "name": f"table{number % 7}"}],
    }


def _posted(url: str, event: dict[str, Any]) -> bool:
    request = urllib.request.Request(
        f"{url}/api/v1/lineage", json.dumps(event).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bool(answer.status == 201)
    except OSError:
        return False


def _kept(url: str) -> set[str]:
    found: set[str] = set()
    while True:
        address = f"{url}/api/v1/events/lineage?limit=1000&offset={len(found)}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            events = json.load(answer)["events"]
        if not events:
            return found
        found |= {event["run"]["runId"] for event in events}


def _post_until_it_dies(url: str, numbers: range, acknowledged: set[str], enough: threading.Semaphore) -> None:
    for number in numbers:
        event = _event(number)
        if not _posted(url, event):
            return
        acknowledged.add(event["run"]["runId"])
        enough.release()


def test_a_server_that_is_killed_during_ingest_keeps_every_acknowledged_event(tmp_path: Path) -> None:
    store, acknowledged, sent = tmp_path / "catalog.db", set[str](), 0
    for _ in range(3):
        enough = threading.Semaphore(0)
        with serving(store, "--no-drain") as server:
            senders = [
                threading.Thread(
                    target=_post_until_it_dies,
                    args=(server.url, range(start, start + 5_000), acknowledged, enough),
                )
                for start in range(sent, sent + 20_000, 5_000)
            ]
            for sender in senders:
                sender.start()
            for _ in range(60):
                assert enough.acquire(timeout=30)
            server.process.send_signal(signal.SIGKILL)
            for sender in senders:
                sender.join(30)
        sent += 20_000

    with serving(store, "--no-drain") as server:
        kept = _kept(server.url)

    assert len(acknowledged) >= 180
    assert acknowledged <= kept
    # Four senders at a time: at most one event of each may have become durable without its answer getting through.
    assert len(kept - acknowledged) <= 12


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_that_is_asked_for_is_no_failure(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path / "catalog.db", "--no-drain") as server:
        assert _posted(server.url, _event(1))
        server.process.send_signal(number)

        assert server.process.wait(20) == 0


def test_the_drainer_beside_it_ends_with_it(tmp_path: Path) -> None:
    with serving(tmp_path / "catalog.db") as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        # It is started right after the line that says where the page is.
        drainers, pause, tries = list[int](), threading.Event(), 0
        while not drainers:
            tries += 1
            assert tries < 200, "no drainer was started within 20 s"
            pause.wait(0.1)
            drainers = [int(pid) for pid in children.read_text().split()]
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0

    assert len(drainers) == 1
    assert not Path(f"/proc/{drainers[0]}").exists()


def test_what_waits_in_the_local_spool_is_picked_up(tmp_path: Path) -> None:
    recorded = f"""
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from
emitter = Emitter(settings_from({{"RIVERHEAD_SPOOL_DIR": {str(tmp_path / "spool")!r}}}))
assert emitter.emit({_event(3)!r})
emitter.close()
"""
    subprocess.run([sys.executable, "-c", recorded], check=True, timeout=60)
    with serving(tmp_path / "catalog.db") as server:
        pause, tries = threading.Event(), 0
        while _kept(server.url) != {"run-3"}:
            tries += 1
            assert tries < 200, "the record was not picked up within 20 s"
            pause.wait(0.1)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0


def test_a_second_server_on_the_same_store_says_so_in_one_sentence(tmp_path: Path) -> None:
    store = tmp_path / "catalog.db"
    with serving(store, "--no-drain"):
        second = subprocess.run(
            [sys.executable, "-m", "riverhead", "serve", "--port", "0", "--store", str(store)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "Another `riverhead serve` writes to" in second.stderr


def test_a_page_elsewhere_cannot_reach_it_by_a_name_of_its_own(tmp_path: Path) -> None:
    with serving(tmp_path / "catalog.db", "--no-drain") as server:
        port = server.url.rpartition(":")[2]
        request = urllib.request.Request(f"{server.url}/api/v2/runs", headers={"host": f"evil.example:{port}"})
        with pytest.raises(urllib.error.HTTPError, match="421") as refused:
            urllib.request.urlopen(request, timeout=20)
        said = json.load(refused.value)["message"]

    assert "this machine only" in said


def test_beyond_this_machine_it_answers_to_any_name(tmp_path: Path) -> None:
    words = ("--no-drain", "--host", "0.0.0.0", "--insecure-without-tokens")  # noqa: S104 - what the test is about
    with serving(tmp_path / "catalog.db", *words) as server:
        port = server.url.rpartition(":")[2]
        address = f"http://127.0.0.1:{port}/healthz"
        request = urllib.request.Request(address, headers={"host": "catalog.example"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


def test_upstream_asks_the_server_and_says_when_there_is_none(tmp_path: Path) -> None:
    edge = {"namespace": "db", "name": "raw", "field": "\x1b[31mx", "transformations": []}
    lineage = {"_producer": "urn:test", "_schemaURL": "urn:test", "fields": {"y": {"inputFields": [edge]}}}
    event = _event(1)
    event["outputs"][0]["facets"] = {"columnLineage": lineage}
    command = [sys.executable, "-m", "riverhead", "upstream", "table1.y", "--catalog"]
    with serving(tmp_path / "catalog.db", "--no-drain") as server:
        assert _posted(server.url, event)
        found = subprocess.run([*command, server.url], capture_output=True, text=True, check=False, timeout=60)
    gone = subprocess.run([*command, server.url], capture_output=True, text=True, check=False, timeout=60)

    assert found.stdout.splitlines() == [
        "table1.y ← job 1",
        "└─ computed from raw.\\x1b[31mx",
        "",
        "raw     raw (db)",
        "table1  table1 (db)",
    ]
    assert gone.returncode == 1
    assert "start `riverhead serve`" in gone.stderr
