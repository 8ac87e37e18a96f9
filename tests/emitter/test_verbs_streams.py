"""What the command does when its streams are not what one expects: one sentence or silence, and the right code."""

from __future__ import annotations

import contextlib
import os
import pty
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import endpoint as endpoints
import house
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import waiting_in
from riverhead_emitter.verbs.progress import line_of

EVENT = (
    '{"eventTime": "2026-11-21T12:00:00Z", "run": {"runId": "01890a5d-ac96-774b-bcce-b302099a8057"}, '
    '"job": {"namespace": "tests", "name": "a"}}\n'
)
IN_ASCII = "riverhead: \\u2026 is no id of a record; `riverhead spool list` prints them\n"
NOTHING_TO_READ = (
    "riverhead: the standard input is closed, so there are no events to read; pipe them in, or name a file\n"
)
RIVERHEAD = shlex.join([sys.executable, "-m", "riverhead"])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "events").write_text(EVENT)
    (tmp_path / "broken").write_text("x\n" * 3 + EVENT)
    return {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
        "PYTHONPATH": house.source_path(),
        "PYTHONWARNINGS": "default",
    }


def shell(line: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell, with `riverhead` in it, in the home directory."""
    return subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", line.replace("riverhead ", f"{RIVERHEAD} ", 1)],
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def kept(environment: dict[str, str]) -> int:
    return waiting_in(directory_for(Path(environment["RIVERHEAD_SPOOL_DIR"]), []), [])[0]


@pytest.mark.fault
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("riverhead --help > /dev/full", 1, "riverhead: cannot go on (No space left on device)\n"),
        ("riverhead spool --help > /dev/full", 1, "riverhead: cannot go on (No space left on device)\n"),
        ("riverhead --version 2> /dev/full", 0, ""),
        ("riverhead --help >&-", 0, ""),
        ("riverhead nonsense >&- 2>&-", 2, ""),
        ("riverhead --help | true", 0, ""),
        ("riverhead spool status > /dev/full", 1, "riverhead: cannot go on (No space left on device)\n"),
        ("riverhead emit events > /dev/full", 1, "riverhead: cannot go on (No space left on device)\n"),
        ("riverhead emit events >&- 2>&-", 0, ""),
        ("riverhead emit events | true", 0, ""),
        ("riverhead emit broken 2> /dev/full", 1, ""),
        ("riverhead emit broken 2>&-", 1, ""),
        ("riverhead emit - <&-", 2, NOTHING_TO_READ),
        ("riverhead emit - < /dev/null", 0, ""),
        ("riverhead drain >&- 2>&-", 2, ""),
        ("riverhead emit .", 2, "riverhead: cannot read . (Is a directory)\n"),
        ("PYTHONIOENCODING=ascii riverhead spool show …", 2, IN_ASCII),
    ],
)  # fmt: skip
def test_streams_that_are_closed_full_or_gone_make_no_traceback(
    line: str, code: int, said: str, environment: dict[str, str]
) -> None:
    done = shell(line, environment)

    assert (done.returncode, done.stderr) == (code, said)
    assert kept(environment) == (1 if "emit events" in line or "emit broken" in line else 0)


@pytest.mark.fault
def test_a_segment_is_never_taken_for_a_stream_that_was_closed(environment: dict[str, str]) -> None:
    done = shell("riverhead emit broken <&- >&- 2>&-; riverhead emit broken <&- >&- 2>&-", environment)

    assert (done.returncode, done.stdout, done.stderr) == (127, "", "")
    (segment,) = Path(environment["RIVERHEAD_SPOOL_DIR"]).glob("*/waiting/*.seg")
    assert b"line 1" not in segment.read_bytes()
    assert kept(environment) == 1


@pytest.mark.fault
def test_control_c_keeps_what_was_kept_and_says_where_it_stopped(environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "riverhead", "emit", "-"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(f"x\n{EVENT}y\n")
    process.stdin.flush()
    first, second = process.stderr.readline(), process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert first.startswith("line 1: ")
    assert second.startswith("line 3: ")
    assert process.returncode == 130
    assert err == "interrupted behind line 3\n"
    assert out.startswith("kept 1 event in ")
    assert kept(environment) == 1


@pytest.mark.fault
@pytest.mark.parametrize("words", [["drain"], ["drain", "--follow"]])
def test_control_c_ends_a_drain_at_once_although_the_backend_hangs(
    words: list[str], environment: dict[str, str], endpoint: endpoints.Endpoint
) -> None:
    environment = {**environment, "OPENLINEAGE_URL": endpoint.url, "RIVERHEAD_TIMEOUT_SECONDS": "600"}
    endpoint.replies = lambda _number, _body: endpoints.Reply(manner="never")
    shell("riverhead emit events", environment)
    process = subprocess.Popen(
        [sys.executable, "-m", "riverhead", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert endpoint.wait_for(1)
        # A follower ends in peace at the first, and at once at the second.
        for _ in range(200):
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                break
    finally:
        process.kill()
    out, _ = process.communicate()

    assert process.returncode == 130
    assert b"Traceback" not in out
    assert out.count(b"\n") == (1 if "--follow" in words else 0)


@pytest.mark.fault
def test_a_long_drain_shows_on_a_terminal_how_far_it_is(
    environment: dict[str, str], endpoint: endpoints.Endpoint
) -> None:
    environment = {**environment, "OPENLINEAGE_URL": endpoint.url}
    shell("riverhead emit events", environment)
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "riverhead", "drain"], env=environment, stdout=subprocess.PIPE, stderr=follower
    )
    os.close(follower)
    hold = endpoint.replies

    def slowly(number: int, body: bytes) -> endpoints.Reply:
        endpoint.is_over.wait(2.0)
        return hold(number, body)

    endpoint.replies = slowly
    out, _ = process.communicate(timeout=30)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)

    assert "] 0 of 1 records, 0 a second" in shown
    assert shown.endswith("\r\x1b[K")
    assert out.decode().startswith("sent 1 event; 0 records wait")


def test_a_line_of_progress_says_how_far_how_fast_and_how_long() -> None:
    assert line_of("records", 0, 10, 1.0) == f"[{'.' * 24}] 0 of 10 records, 0 a second"
    assert line_of("records", 2500, 10_000, 5.0) == (
        f"[{'#' * 6}{'.' * 18}] 2,500 of 10,000 records, 500 a second, 15 s left"
    )
    assert line_of("bytes", 99, 10, 1.0).startswith(f"[{'#' * 24}] 10 of 10 bytes")
    assert "min left" in line_of("records", 1, 1000, 1.0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--seconds nan", "argument --seconds: a number of seconds, more than zero and at most a year, is needed"),
        ("--seconds -1", "argument --seconds: "),
        ("--seconds inf", "argument --seconds: "),
        ("--seconds 1e300", "argument --seconds: "),
        ("--follow --idle-seconds nan", "argument --idle-seconds: "),
        ("--follow --with-pid 99999999999999999999", "argument --with-pid: the number of a process is needed"),
        ("--follow --with-pid 0", "argument --with-pid: "),
        ("--follow --with-pid -5", "argument --with-pid: "),
        ("--with-pid 1", "need --follow"),
        ("--waiting-to ftp://x", "argument --waiting-to: the address must start with http:// or https://"),
        ("--waiting-to http://user:canary5ecret@", "argument --waiting-to: the address must name a host"),
        ("--once --follow", "not allowed with argument"),
        ("--nonsense", "unrecognized arguments: --nonsense"),
    ],
)
def test_options_that_make_no_sense_are_one_sentence(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from riverhead.command import main

    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")

    assert main(["drain", *words.split()]) == 2

    said = capsys.readouterr().err
    assert said.startswith("riverhead: ")
    assert sentence in said
    assert "canary5ecret" not in said
    assert len(said.splitlines()) == 1
