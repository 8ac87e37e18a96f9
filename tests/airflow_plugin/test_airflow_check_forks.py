"""Whatever reading a file does, it ends with its own process, in bounded time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from riverhead_airflow.checking.forks import outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def reads(file: str) -> dict[str, Any]:
    return {"file": file}


def loops(file: str) -> dict[str, Any]:
    while True:
        del file
        file = ""


def leaves(_file: str) -> dict[str, Any]:
    os._exit(7)


def raises(file: str) -> dict[str, Any]:
    raise SystemExit(file)


def is_loud(file: str) -> dict[str, Any]:
    for _ in range(1 << 10):
        os.write(1, b"x" * (1 << 20))
        os.write(2, b"x" * (1 << 20))
    return {"file": file}


def moves(file: str) -> dict[str, Any]:
    os.chdir("/")
    os.closerange(3, 64)
    return {"file": file}


def leaves_a_child(file: str) -> dict[str, Any]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return {"file": file, "child": child.pid}


def leaves_a_fork(file: str) -> dict[str, Any]:
    child = os.fork()
    while not child:
        time.sleep(600)
    return {"file": file, "child": child}


WAYS = {way.__name__: way for way in (reads, loops, leaves, raises, is_loud, moves, leaves_a_child, leaves_a_fork)}


def in_its_way(file: str) -> dict[str, Any]:
    return WAYS[file](file)


def fates(folder: Path, *ways: str, seconds: float = 60, at_once: int = 2) -> Mapping[str, tuple[str, int]]:
    found = outcomes(ways, in_its_way, folder, seconds, at_once)
    assert [outcome.file for outcome in found] == list(ways)
    return {outcome.file: (outcome.fate, outcome.code) for outcome in found}


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_is_read_comes_back(tmp_path: Path) -> None:
    [outcome] = outcomes(["reads"], in_its_way, tmp_path, 60, 1)

    assert json.loads(outcome.result.read_text(encoding="utf-8")) == {"file": "reads"}


def test_an_endless_loop_is_ended_and_the_others_are_read(tmp_path: Path) -> None:
    found = fates(tmp_path, "loops", "reads", "moves", seconds=2)

    assert found["loops"][0] == "time-out"
    assert (found["reads"], found["moves"]) == (("read", 0), ("read", 0))


def test_a_file_that_ends_its_process_ends_nothing_else(tmp_path: Path) -> None:
    found = fates(tmp_path, "leaves", "raises", "reads")

    assert found["leaves"] == ("ended", 7)
    assert found["raises"] == ("ended", 1)
    assert found["reads"] == ("read", 0)


def test_gigabytes_of_output_go_nowhere(tmp_path: Path, capfd: Any) -> None:
    assert fates(tmp_path, "is_loud") == {"is_loud": ("read", 0)}
    assert capfd.readouterr() == ("", "")


def test_what_a_file_starts_ends_with_it(tmp_path: Path) -> None:
    started = time.monotonic()
    found = outcomes(["leaves_a_child", "leaves_a_fork"], in_its_way, tmp_path, 60, 2)
    children = [json.loads(outcome.result.read_text(encoding="utf-8"))["child"] for outcome in found]

    assert time.monotonic() - started < 30
    deadline = time.monotonic() + 30
    while any(map(is_there, children)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_more_files_than_may_be_read_at_once_are_all_read(tmp_path: Path) -> None:
    found = outcomes([f"{number}" for number in range(20)], reads, tmp_path, 60, 3)

    assert [outcome.fate for outcome in found] == ["read"] * 20
