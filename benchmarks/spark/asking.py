"""The comparison's side: a driver that runs in a process of its own and is asked for jobs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent.parent / ".venv"


class Asked:
    """One driver with its lineage switched on in one way: `none`, `ours` or `agent`."""

    def __init__(self, way: str, spark: str, folder: Path, state: Path) -> None:
        """Start it; what Riverhead keeps from one process to the next lies in `state`."""
        folder.mkdir(parents=True)
        python = str(ENVIRONMENTS / f"spark-{spark}" / "bin" / "python")
        jars = ENVIRONMENTS / "spark-jars" / spark / "jars"
        kept = {"XDG_CACHE_HOME": str(state), "XDG_STATE_HOME": str(state)}
        self._errors = (folder / "errors.log").open("wb")
        self._process = subprocess.Popen(
            [python, str(HERE / "driver.py"), way, str(folder), str(jars)],
            cwd=folder,
            env={**os.environ, "PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python, **kept},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.started = self._answer()

    def cost(self, job: str, *, is_listening: bool) -> Mapping[str, Any]:
        """Have a job done, with the listener on the bus or not, and return what it cost."""
        self._say(f"{'on' if is_listening else 'off'} {job}")
        return self._answer()

    def clocks(self) -> Mapping[str, float]:
        """Return the CPU that it has used so far."""
        self._say("clocks")
        return self._answer()

    def close(self) -> None:
        """Let it end."""
        if self._process.poll() is None:
            self._say("quit")
        self._process.wait(60)
        self._errors.close()

    def _say(self, word: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()

    def _answer(self) -> Mapping[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise SystemExit(f"a driver died; what it said is in {self._errors.name}")
        answer: Mapping[str, Any] = json.loads(line)
        return answer
