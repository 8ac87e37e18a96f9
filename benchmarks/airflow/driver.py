"""A process of Airflow that runs tasks on demand and says what each cost.

    python driver.py 3|2 WAY FOLDER
    python driver.py 3|2 WAY FOLDER KIND

The first is what a scheduler with the LocalExecutor is: it answers one line of JSON to each kind of task that it reads,
and has it run in a fork, as that executor does. The second is a fresh interpreter for one task. WAY is `none`, `ours`
or `provider`: which plugin is left in Airflow's sight.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hook_clock import note_hooks, told
from in_sight import leave_in_sight

if TYPE_CHECKING:
    from collections.abc import Mapping


class Driver:
    """The scheduler's place, from which tasks are forked."""

    def __init__(self, major: str, folder: Path) -> None:
        """Become what a scheduler is when it starts tasks."""
        self._home, self._notes = folder, folder / "hooks.ndjson"
        note_hooks(self._notes)
        sys.argv = ["airflow", "scheduler"]
        self._executor: Any = import_module(f"tasks_of_{major}")
        self._executor.become_scheduler()

    def cost(self, kind: str) -> Mapping[str, float]:
        """Have one task run, and return what it cost."""
        self._executor.prepare(kind, self._home)
        self._notes.write_bytes(b"")
        cpu, began = _cpu_seconds(), time.monotonic()
        code = self._executor.run(kind)
        if code:
            raise SystemExit(f"a task ended with {code}")
        return {**told(self._notes, began), "cpu": _cpu_seconds() - cpu}


def _cpu_seconds() -> float:
    """Return the CPU of this process, which watches over the task, and of all that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(major: str, way: str, folder: Path) -> None:
    """Answer until there is nothing more to read."""
    # What Airflow prints is not what is answered.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    leave_in_sight(major, way)
    driver = Driver(major, folder)
    print("{}", file=answers)
    for line in sys.stdin:
        print(json.dumps(driver.cost(line.strip())), file=answers)


def once(major: str, way: str, folder: Path, kind: str) -> None:
    """Run one task, as a worker does that starts an interpreter for each."""
    leave_in_sight(major, way)
    note_hooks(folder / "hooks.ndjson")
    import_module(f"tasks_of_{major}").run_alone(kind)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [asked_major, asked_way, asked_folder, asked_kind]:
            once(asked_major, asked_way, Path(asked_folder), asked_kind)
        case [asked_major, asked_way, asked_folder]:
            main(asked_major, asked_way, Path(asked_folder))
