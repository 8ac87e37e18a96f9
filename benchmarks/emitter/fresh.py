"""What one event, and an import, costs a fresh interpreter: CPU over bare Python, interleaved, whole processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tables
from backend import backend, certificate_in

ROUNDS = 15
# What a host such as Airflow or Spark's driver has loaded long before.
STDLIB = (
    "import contextlib, dataclasses, datetime, enum, functools, hashlib, inspect, json, logging, os, pathlib, re, "
    "subprocess, tempfile, threading, traceback, typing, urllib.parse, uuid\n"
)
OURS = """
import os
from riverhead_emitter import Emitter, settings_from
from riverhead_emitter.model import Dataset, Field, Job, Lineage, Run, RunState, Touched
from riverhead_emitter.run_ids import new_run_id
emitter = Emitter(settings_from(os.environ))
orders = Touched(Dataset("s3://lake", "orders"), (Field("id", "INT"), Field("amount", "DECIMAL")))
assert emitter.tell(RunState.COMPLETE, Run(new_run_id(), Job("bench", "job")), Lineage((), (orders,)))
"""
DRAINED = OURS + "emitter.drain(20)\n"
OFFICIAL = """
from datetime import datetime, timezone
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import schema_dataset
from openlineage.client.uuid import generate_new_uuid
field = schema_dataset.SchemaDatasetFacetFields
facet = schema_dataset.SchemaDatasetFacet([field("id", "INT"), field("amount", "DECIMAL")])
OpenLineageClient().emit(RunEvent(
    eventType=RunState.COMPLETE, eventTime=datetime.now(timezone.utc).isoformat(), run=Run(str(generate_new_uuid())),
    job=Job("bench", "job"), producer="urn:b",
    outputs=[OutputDataset("s3://lake", "orders", facets={"schema": facet})]))
"""
# Name → code, to be compared with which other, where it sends to, and what it may cost over that, in ms.
CASES = {
    "bare Python": ("pass", "", "", None),
    "with the stdlib of a host": (STDLIB, "", "", None),
    "import riverhead": ("import riverhead", "bare Python", "", None),
    "import riverhead_emitter": ("import riverhead_emitter", "bare Python", "", None),
    "import openlineage.client": ("import openlineage.client", "bare Python", "", None),
    "ours, spooled": (OURS, "bare Python", "http", 60),
    "ours, spooled, stdlib there": (STDLIB + OURS, "with the stdlib of a host", "http", 15),
    "ours, sent by http": (DRAINED, "bare Python", "http", 90),
    "ours, sent by https": (DRAINED, "bare Python", "https", 130),
    "official, sent by http": (OFFICIAL, "bare Python", "http", None),
    "official, sent by https": (OFFICIAL, "bare Python", "https", None),
}


def main() -> None:
    """Print the table."""
    tables.title(
        "CPU of a fresh interpreter, ms over what it is compared with", f"{ROUNDS} rounds, interleaved; medians"
    )
    with tempfile.TemporaryDirectory() as folder:
        found, arrived = _measured(Path(folder))
    expected = ROUNDS * sum(1 for name in CASES if "sent by" in name)
    if arrived != expected:
        raise SystemExit(f"{arrived} of {expected} events arrived")
    medians = {name: tables.median(times) * 1000 for name, times in found.items()}
    over = {name: medians[name] - medians.get(than, 0.0) for name, (_, than, _, _) in CASES.items()}
    official = over["official, sent by http"]
    tables.rows(
        ["process", "CPU ms", "over", "official http to it"],
        [
            [name, f"{medians[name]:.1f}", f"{over[name]:.1f}", tables.times(official / over[name]) if than else ""]
            for name, (_, than, _, _) in CASES.items()
        ],
    )
    for name, (_, _, _, most) in CASES.items():
        if most is not None:
            tables.goal(name, over[name], most, "ms of CPU")


def _measured(folder: Path) -> tuple[dict[str, list[float]], int]:
    both, trusted = certificate_in(folder)
    found: dict[str, list[float]] = {name: [] for name in CASES}
    with backend("at-once") as plain, backend("at-once", both) as secure:
        urls = {"": plain.url, "http": plain.url, "https": secure.url}
        for at in range(ROUNDS):
            for name, (code, _, url, _) in CASES.items():
                spool = folder / f"{at}-{len(name)}-{name[:4]}"
                environment = {
                    **os.environ,
                    "RIVERHEAD_SPOOL_DIR": str(spool),
                    "OPENLINEAGE_URL": urls[url],
                    "SSL_CERT_FILE": str(trusted),
                    "REQUESTS_CA_BUNDLE": str(trusted),
                }
                found[name].append(_cpu_of(code, environment))
        return found, plain.events() + secure.events()


def _cpu_of(code: str, environment: dict[str, str]) -> float:
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"a measured process failed ({process.returncode}): {code}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
