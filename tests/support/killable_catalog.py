"""A catalog in a process of its own, which a test may kill and start again."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import airflow_stack
from conditions import await_that

if TYPE_CHECKING:
    from pathlib import Path


class Catalog:
    """A `riverhead serve` that can be killed and started again on the same port and store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = airflow_stack.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self._folder / "catalog.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "riverhead", "serve", "--no-drain", "--port", str(self._port)),
                    *("--store", str(self._folder / "catalog.db")),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        await_that(self.is_answering, "the catalog answers", 30)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def is_answering(self) -> bool:
        """True if it answers."""
        try:
            self.get("/healthz")
        except OSError:
            return False
        return True

    def get(self, path: str) -> Any:
        """Return what it answers to a GET."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def events(self) -> list[dict[str, Any]]:
        """Return every event that it has."""
        return list(self.get("/api/v1/events/lineage?limit=1000")["events"])
