"""The comparison's side: a contender that runs in a process of its own, is asked, and is ended if it hangs."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent.parent / ".venv"
# Nobody is told of the run, and a set has the same order in each.
SETTINGS = {"DATAHUB_TELEMETRY_ENABLED": "false", "PYTHONHASHSEED": "0"}


@dataclass(frozen=True)
class Answer:
    """What a contender said, how long its CPU was busy, and whether its time was over."""

    result: Mapping[str, Any] = field(default_factory=dict)
    cpu_ms: float = 0.0
    is_late: bool = False

    @property
    def is_failure(self) -> bool:
        """True if the contender named an error, or nothing came of it at all."""
        return self.is_late or bool(self.result.get("error"))


class Contender:
    """One parser, asked one text after the other; started anew after it had to be ended."""

    def __init__(self, name: str, environment: str, most_seconds: float) -> None:
        self.name = name
        self._python = ENVIRONMENTS / environment / "bin" / "python"
        self._most_seconds = most_seconds
        self._process, started = self._start()
        self.version: str = started["version"]
        self.start_ms: float = started["start_ms"]

    def ask(self, case: Mapping[str, Any]) -> Answer:
        """Return the answer to a case, or say that there was none in time."""
        began = time.monotonic()
        said = self._line_after(json.dumps(case))
        if said:
            return Answer(**json.loads(said))
        seconds = time.monotonic() - began
        self.close()
        self._process, _ = self._start()
        if seconds >= self._most_seconds:
            return Answer({"error": "its time was over"}, self._most_seconds * 1000, is_late=True)
        return Answer({"error": "its process died"}, seconds * 1000)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _line_after(self, question: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # A compiled parser hears no signal that Python would handle, so only its process can be ended.
        alarm = threading.Timer(self._most_seconds, self._process.kill)
        alarm.start()
        try:
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except BrokenPipeError:
            return ""
        finally:
            alarm.cancel()

    def _start(self) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        process = subprocess.Popen(
            [str(self._python), str(HERE / "answering.py"), self.name],
            env={**os.environ, **SETTINGS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            raise SystemExit(f"{self.name} does not start; run it by itself: {self._python} answering.py {self.name}")
        return process, json.loads(said)
