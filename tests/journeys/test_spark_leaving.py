"""Drivers that leave without a word, or in the middle of a query: what is kept, and what is sent of it later."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import house
from hosts import interpreter
from spark_story import JOBS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = [pytest.param("SPARK_4_0", id="4.0"), pytest.param("SPARK_3_5", id="3.5")]


def settings(spark: str, folder: Path) -> dict[str, str]:
    """Return the environment of a job whose events go to a file of this folder."""
    transport = {"type": "file", "log_file_path": str(folder / "events.ndjson"), "append": True}
    python = str(interpreter(spark))
    return {
        "OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "PYSPARK_PYTHON": python,
        "PYTHONPATH": house.source_path(),
        "RIVERHEAD_SPOOL_DIR": str(folder / "spool"),
    }


def driver(spark: str, way: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a job that leaves in this way."""
    words: list[str | Path] = [interpreter(spark), JOBS / "leaving.py", folder, way]
    return subprocess.Popen(words, env={**os.environ, **settings(spark, folder)}, cwd=folder)


def states(spark: str, folder: Path) -> dict[str, list[str]]:
    """Send what is left in the spool, and return the types of the events of each job in the end."""
    words = [sys.executable, "-m", "riverhead", "drain"]
    drained = house.finished(words, cwd=folder, environment=settings(spark, folder))
    assert drained.returncode == 0, drained.stderr
    found: dict[str, list[str]] = {}
    for line in (folder / "events.ndjson").read_text(encoding="utf-8").splitlines():
        event: dict[str, Any] = json.loads(line)
        found.setdefault(event["job"]["name"].partition(".")[0] + ("." * ("." in event["job"]["name"])), []).append(
            event["eventType"]
        )
    return found


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(("way", "code"), [("at_once", 4), ("raised", 3)])
def test_what_ended_before_the_process_left_is_told_and_the_exit_code_is_its_own(
    spark: str, way: str, code: int, tmp_path: Path
) -> None:
    assert driver(spark, way, tmp_path).wait(240) == code
    assert states(spark, tmp_path)["leaving."] == ["START", "COMPLETE"]


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(
    "sent",
    [signal.SIGTERM, signal.SIGKILL],
    ids=["SIGTERM", "SIGKILL"],
)
def test_a_driver_that_ends_in_a_query_says_so_or_a_drainer_does(
    spark: str, sent: signal.Signals, tmp_path: Path
) -> None:
    process = driver(spark, "running", tmp_path)
    try:
        _await_start(process, tmp_path / "spool")
        process.send_signal(sent)
        assert process.wait(60) == -sent
    finally:
        process.kill()

    assert states(spark, tmp_path) == {"leaving": ["START", "FAIL"], "leaving.": ["START", "ABORT"]}


def _await_start(process: subprocess.Popen[bytes], spool: Path, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not any(b'"is_command"' in path.read_bytes() for path in spool.rglob("*") if path.is_file()):
        assert process.poll() is None
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
