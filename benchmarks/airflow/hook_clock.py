"""When each hook of Airflow's listeners was called and had answered, and when a process ended, noted by that process.

The same note is made whatever listens, and costs a hundredth of a millisecond. The clock is the machine's own, so that
notes of several processes can be compared.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ENDING = "ending"
_RUNNING = "on_task_instance_running"
_BEFORE = frozenset({"on_starting", _RUNNING})


def note_hooks(file: Path) -> None:
    """Have every call of a listener's hook noted in this file, also by processes that are forked later."""
    from pluggy import HookCaller

    notes = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    HookCaller.__call__ = _noted(HookCaller.__call__, notes)
    # A task's fork always leaves by it.
    os._exit = _noted_end(os._exit, notes)


def _noted(call: Callable[..., Any], notes: int) -> Callable[..., Any]:
    def noted(self: Any, **arguments: object) -> Any:
        began, cpu = time.monotonic(), time.process_time()
        try:
            return call(self, **arguments)
        finally:
            taken, ended = time.process_time() - cpu, time.monotonic()
            heard = len(self.get_hookimpls())
            _note(notes, {"hook": self.name, "began": began, "ended": ended, "cpu": taken, "heard": heard})

    return noted


def _noted_end(leave: Callable[[int], NoReturn], notes: int) -> Callable[[int], NoReturn]:
    def noted(status: int) -> NoReturn:
        now = time.monotonic()
        _note(notes, {"hook": ENDING, "began": now, "ended": now, "cpu": 0.0, "heard": 0})
        leave(status)

    return noted


def _note(notes: int, line: Mapping[str, object]) -> None:
    os.write(notes, json.dumps(line).encode() + b"\n")


def told(file: Path, began: float) -> dict[str, float]:
    """Return what the hooks of one task took, when its own work began, and when the last of its processes ended."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    before = [line for line in lines if line["hook"] in _BEFORE]
    after = [line for line in lines if line["hook"] not in {*_BEFORE, ENDING}]
    running = next(line for line in lines if line["hook"] == _RUNNING)
    return {
        "before": sum(line["ended"] - line["began"] for line in before),
        "before_cpu": sum(line["cpu"] for line in before),
        "until_work": running["ended"] - began,
        "after": sum(line["ended"] - line["began"] for line in after),
        "after_cpu": sum(line["cpu"] for line in after),
        "slot": max(line["ended"] for line in lines) - began,
        "heard": running["heard"],
    }
