"""Eight processes on one spool, and one process for long: events a second, what each waits, CPU and memory.

python processes.py official-http|official-async|official-file|ours|drainer <where> <events>      (what it measures)
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import tables
from backend import backend

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.reader import waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE, WRITERS, EVENTS_EACH, EVENTS_LONG = "3 KB columns", 8, 1_000, 10_000
WAYS = ("ours", "official-file", "official-async", "official-http")


def main() -> None:
    """Print both tables."""
    with backend("at-once") as served:
        _print_side_by_side(served.url)
        _print_long(served.url)


def _print_side_by_side(url: str) -> None:
    tables.title(f"{WRITERS} processes at once, {EVENTS_EACH:,} events of {SIZE} each", "1 round; ours on one spool")
    lines, rates = [], {}
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            processes = [_started(way, _place(way, url, folder, at), EVENTS_EACH) for at in range(WRITERS)]
            told = [json.loads(process.communicate()[0]) for process in processes]
            wall = time.perf_counter() - began
            waits = sorted(wait for one in told for wait in one["waits"])
            longest = max(one["seconds"] for one in told)
            rates[way] = WRITERS * EVENTS_EACH / longest
            kept = f"{_kept(folder, url):,}" if way == "ours" else ""
            middle, late = (tables.milliseconds(tables.at_percent(waits, at)) for at in (50, 99))
            lines.append([way, f"{rates[way]:,.0f}", middle, late, tables.milliseconds(waits[-1]), f"{wall:.1f}", kept])
    for line in lines:
        line.append(tables.times(rates["ours"] / rates[line[0]]))
    tables.rows(["way", "events/s", "p50 ms", "p99 ms", "longest ms", "wall s", "in the spool", "ours to it"], lines)


def _print_long(url: str) -> None:
    tables.title(f"One process, {EVENTS_LONG:,} events of {SIZE}", "1 round each; whole processes, imports counted in")
    used = {}
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            used[way] = _used(_started(way, _place(way, url, folder, 0), EVENTS_LONG))
            if way == "ours":
                used["ours, its drainer"] = _used(_started("drainer", _place("ours", url, folder, 0), EVENTS_LONG))
    own = tuple(map(sum, zip(used["ours"], used["ours, its drainer"], strict=True)))
    used = {"ours, both": own, **used}
    tables.rows(
        ["way", "CPU s", "CPU ms an event", "most memory MB", "CPU, to ours", "memory, to ours"],
        [
            [way, f"{cpu:.2f}", f"{cpu / EVENTS_LONG * 1000:.3f}", f"{memory:.0f}", tables.times(cpu / own[0]),
             tables.times(memory / own[1])]
            for way, (cpu, memory) in used.items()
        ],
    )  # fmt: skip


def _used(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Wait for a process; return its CPU seconds and its megabytes."""
    told = json.loads(process.stdout.read().splitlines()[-1])
    _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{process.args} failed")
    return spent.ru_utime + spent.ru_stime, told["most_memory"] / 1024


def _place(way: str, url: str, folder: str, at: int) -> str:
    return {"ours": f"{folder} {url}", "official-file": f"{folder}/{at}.ndjson"}.get(way, url)


def _kept(folder: str, url: str) -> int:
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": folder, "OPENLINEAGE_URL": url}))
    return waiting_in(emitter.directory, [sink.address for sink in emitter.settings.sinks])[0]


def _started(way: str, place: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, __file__, way, place, str(count)], stdout=subprocess.PIPE, text=True)


def _measured(way: str, place: str, count: int) -> None:
    if way == "drainer":
        _drain(*place.split())
    else:
        _emit(way, place, count)


def _emit(way: str, place: str, count: int) -> None:
    emit = _ours(place) if way == "ours" else _official(way, place)
    waits = []
    began = time.perf_counter()
    for _ in range(count):
        before = time.perf_counter()
        emit()
        waits.append(time.perf_counter() - before)
    print(json.dumps({"seconds": time.perf_counter() - began, "waits": waits, "most_memory": _most_memory()}))


def _drain(folder: str, url: str) -> None:
    os.environ.update({"RIVERHEAD_SPOOL_DIR": folder, "OPENLINEAGE_URL": url})
    sys.argv = ["riverhead", "drain"]
    with contextlib.suppress(SystemExit):
        runpy.run_module("riverhead", run_name="__main__")
    print(json.dumps({"most_memory": _most_memory()}))


def _most_memory() -> int:
    """Return the most kilobytes that this process had; what `resource` says begins with its parent's."""
    said = Path("/proc/self/status").read_text(encoding="ascii")
    return int(said.partition("VmHWM:")[2].split()[0])


def _ours(place: str) -> Callable[[], None]:
    import events

    folder, url = place.split()
    return events.ours(Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": folder, "OPENLINEAGE_URL": url})), SIZE)


def _official(way: str, place: str) -> Callable[[], None]:
    import peer
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
    from openlineage.client.transport.file import FileConfig, FileTransport
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    make = {
        "official-file": lambda: FileTransport(FileConfig(place, append=True)),
        "official-http": lambda: HttpTransport(HttpConfig(url=place)),
        "official-async": lambda: AsyncHttpTransport(AsyncHttpConfig(url=place)),
    }
    transport = make[way]()
    return peer.official(OpenLineageClient(transport=transport), SIZE)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _measured(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
