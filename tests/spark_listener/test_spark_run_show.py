"""`riverhead run --show` waits for the job and then tells; for the job it is as if nobody waited."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import house
from riverhead_emitter.drawing import View
from riverhead_spark.attach import showing

if TYPE_CHECKING:
    from pathlib import Path

# The verb by itself, so that no installed entry point is needed.
VERB = """
import argparse, sys
from riverhead_spark.verbs import run
parser = argparse.ArgumentParser()
run.arguments(parser)
sys.exit(run.run(parser.parse_args()))
"""
NOTHING_SEEN = "nothing was seen: the job made no SparkContext that could be listened to, or ran no query"
# A job that tells by the SDK, which keeps records where a listener does.
TELLING = """
from riverhead import lineage
with lineage.run("daily", namespace="shop") as run:
    run.reads("file:///lake/orders")
    run.writes("file:///lake/daily", columns={"total": "amount"})
"""
# Says when it is ready, and which signals came, until the one that ends it.
LISTENING_TO_SIGNALS = """
import signal, sys
for name in ("SIGTERM", "SIGUSR1"):
    signal.signal(getattr(signal, name), lambda number, _: print(number, flush=True))
signal.signal(signal.SIGINT, lambda number, _: sys.exit(5))
print("ready", flush=True)
while True:
    signal.pause()
"""


def show(*words: str) -> list[str]:
    return [sys.executable, "-c", VERB, "--show", "--", *words]


def environment(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": house.source_path(), "HOME": str(folder), "TMPDIR": str(folder)}


@pytest.mark.parametrize(("ending", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM)])
def test_the_exit_code_and_the_standard_output_are_the_programs(ending: str, code: int, tmp_path: Path) -> None:
    done = house.finished(show("sh", "-c", f"echo rows; {ending}"), environment=environment(tmp_path))

    assert [done.returncode, done.stdout] == [code, "rows\n"]
    assert done.stderr.splitlines() == ["", NOTHING_SEEN]


def test_what_cannot_be_run_is_said_and_nothing_is_shown(tmp_path: Path) -> None:
    done = house.finished(show("no-such-program"), environment=environment(tmp_path))

    assert [done.returncode, done.stdout] == [127, ""]
    assert done.stderr == "riverhead: cannot run no-such-program (No such file or directory)\n"


def test_signals_that_reach_only_us_reach_the_program(tmp_path: Path) -> None:
    started = subprocess.Popen(
        show(sys.executable, "-c", LISTENING_TO_SIGNALS),
        env={**os.environ, **environment(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert started.stdout is not None
        heard = [started.stdout.readline().strip()]
        for number in (signal.SIGTERM, signal.SIGUSR1):
            started.send_signal(number)
            heard.append(started.stdout.readline().strip())
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=60)
    finally:
        started.kill()

    assert [*heard, started.returncode] == ["ready", "15", "10", 5]


def test_a_terminal_is_the_programs_and_what_is_typed_there_reaches_it_once(tmp_path: Path) -> None:
    asked = (
        "import os, signal, sys\n"
        # Blocked until it is waited for: a handler of Python's may come too late to wake the reading of a line.
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n"
        "signal.signal(signal.SIGINT, lambda *_: print('interrupted', flush=True))\n"
        "print('mine', sys.stdin.isatty(), os.tcgetpgrp(0) == os.getpgrp(), flush=True)\n"
        "signal.sigwait([signal.SIGINT])\n"
        "print('interrupted', flush=True)\n"
        "signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])\n"
        "sys.exit(len(sys.stdin.readline()))\n"
    )
    child, terminal = pty.fork()
    if child == 0:
        words = show(sys.executable, "-c", asked)
        os.execve(words[0], words, {**os.environ, **environment(tmp_path)})  # noqa: S606 - the child becomes what is tested
    try:
        said = until(b"mine True True", terminal)
        os.write(terminal, b"\x03")
        said += until(b"interrupted", terminal)
        os.write(terminal, b"four\n")
        said += until(b"nothing was seen", terminal)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(terminal)

    assert said.count(b"interrupted") == 1
    assert os.waitstatus_to_exitcode(status) == len("four\n")


def until(awaited: bytes, terminal: int) -> bytes:
    """Read what a terminal shows until it shows this; its end, or a minute, is an error."""
    said, deadline = b"", time.monotonic() + 60
    while awaited not in said:
        assert select.select([terminal], [], [], max(deadline - time.monotonic(), 0))[0], said
        said += os.read(terminal, 1024)
    return said


def test_without_configuration_the_columns_are_shown_and_nothing_is_left_anywhere(tmp_path: Path) -> None:
    done = house.finished(show(sys.executable, "-c", TELLING), environment=environment(tmp_path))

    assert done.stderr.splitlines()[1:] == [
        "/lake/daily ← /lake/orders",
        "└─ total  computed from /lake/orders.amount",
        "",
        "1 run seen",
    ]
    assert list(tmp_path.rglob("*")) == []


def test_what_is_configured_gets_everything_as_well(tmp_path: Path) -> None:
    told = tmp_path / "events"
    transport = {"type": "file", "log_file_path": str(told), "append": True}
    configured = {**environment(tmp_path), "OPENLINEAGE__TRANSPORT": json.dumps(transport)}

    done = house.finished(show(sys.executable, "-c", TELLING), environment=configured)

    assert "1 run seen" in done.stderr
    assert [json.loads(line)["eventType"] for line in told.read_text().splitlines()] == ["START", "COMPLETE"]


def event(state: str, run: int, *outputs: str) -> dict[str, Any]:
    datasets = [{"namespace": "file", "name": name, "facets": {}} for name in outputs]
    return {
        "eventType": state,
        "run": {"runId": str(run), "facets": {}},
        "job": {"namespace": "n", "name": "j", "facets": {}},
        "inputs": [],
        "outputs": datasets,
    }


def lines(*events: dict[str, Any], is_whole: bool = False) -> list[str]:
    return list(showing.told(events, View(100, is_whole), is_coloured=False))


def test_a_failed_write_says_so_and_a_run_that_did_not_end_is_counted() -> None:
    told = lines(event("START", 1, "/a"), event("FAIL", 1, "/a"), event("START", 2, "/b"))

    assert told == ["/a  (failed)", "", "2 runs seen, 1 of which did not end", "1 of them failed: without a message"]


def reading(run: int, *inputs: str) -> dict[str, Any]:
    read = event("COMPLETE", run)
    return {**read, "inputs": event("", 0, *inputs)["outputs"]}


def of_application(state: str, run: int) -> dict[str, Any]:
    own = event(state, run)
    own["job"]["facets"]["jobType"] = {"jobType": "APPLICATION"}
    return own


def failing(run: int, message: str, condition: str | None = None) -> dict[str, Any]:
    failed = event("FAIL", run)
    failed["run"]["facets"] = {"errorMessage": {"message": message}}
    if condition is not None:
        failed["run"]["facets"]["riverhead_failure"] = {"condition": condition}
    return failed


def test_what_was_only_read_is_named_and_not_drawn() -> None:
    told = lines(event("START", 1), reading(1, "/a"), reading(2, "/a", "/b"))

    assert told == ["read: /a (2 runs)", "read: /b", "2 runs seen; none wrote a dataset"]


def test_what_was_only_read_is_folded_when_it_is_much_and_left_out_beside_what_was_written() -> None:
    many = [reading(run, f"/{run}") for run in range(30)]

    assert "… 10 more datasets (--all)" in lines(*many)
    assert lines(reading(1, "/a"), event("COMPLETE", 2, "/b")) == ["/b", "", "2 runs seen"]


def test_the_application_is_no_run_that_is_counted() -> None:
    application = of_application("START", 1), of_application("FAIL", 1)

    assert lines(*application, reading(2, "/a")) == ["read: /a", "1 run seen; none wrote a dataset"]
    assert lines(*application) == ["a Spark application was seen, and no query of it that reads or writes data"]


def test_a_failure_is_told_by_its_condition_or_else_by_its_first_line() -> None:
    named, plain = failing(1, "x: [DIVIDE_BY_ZERO] no\nmore", "DIVIDE_BY_ZERO"), failing(2, "java.X: gone\n\tat y")

    assert lines(named)[-1] == "it failed: DIVIDE_BY_ZERO"
    assert lines(plain, reading(1, "/a"))[-1] == "1 of them failed: java.X: gone"
    assert lines(named, {**named, "run": {**named["run"], "runId": "3"}}, plain)[-1] == (
        "3 of them failed: DIVIDE_BY_ZERO (2); java.X: gone"
    )


def test_many_and_long_failures_do_not_go_on_for_ever() -> None:
    short = [failing(run, f"no {run}") for run in range(5)]

    assert lines(*short)[-1] == "5 of them failed: no 0; no 1; no 2; and 2 more"
    assert len(lines(failing(1, "x" * 1000))[-1]) <= 100


def test_the_same_again_is_drawn_once_and_many_are_folded() -> None:
    again = [event("COMPLETE", run, "/a") for run in range(3)]
    many = [event("COMPLETE", run, f"/{run}") for run in range(30)]

    assert lines(*again) == ["/a", "", "3 runs seen"]
    assert "… 10 more datasets (--all)" in lines(*many)
    assert "/29" in lines(*many, is_whole=True)
