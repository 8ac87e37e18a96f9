"""The comparison's side: homes for Airflow, and processes in which one plugin is in its sight and which run tasks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tasks_of_2
from hook_clock import told

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KINDS = ("empty", "long", "sql", "protocol")
_ROOMS = ("emitter", "sql_lineage", "airflow_plugin", "spark_listener", "catalog", "")
# What this process inherited about some other Airflow or lineage backend must not reach this one.
_FOREIGN = ("AIRFLOW", "_AIRFLOW", "OPENLINEAGE", "RIVERHEAD", "PYTHON", "VIRTUAL_ENV")
_LINES_OF_A_LONG_FILE = 200


class Place:
    """What all ways of one Airflow have in common: its interpreter, the DAGs, and a database to begin with."""

    def __init__(self, airflow: str, python: str, folder: Path) -> None:
        """Write the DAGs, and have Airflow 2 write its database, which Airflow 3 keeps from its tasks."""
        self.major, self.python = airflow[0], python
        self.folder, self._dags, self._first = folder, folder / "dags", folder / "first"
        self._first.mkdir(parents=True)
        _write_dags(self._dags)
        if self.major == "2":
            environment = self.environment(self._first, "none", "")
            for words in (["-m", "airflow", "db", "migrate"], [str(HERE / "tasks_of_2.py"), *KINDS]):
                subprocess.run([self.python, *words], env=environment, check=True, capture_output=True)

    def home(self, name: str) -> Path:
        """Return a new home."""
        home = self.folder / name
        shutil.copytree(self._first, home)
        return home

    def environment(self, home: Path, way: str, url: str) -> dict[str, str]:
        """Return the surroundings of an Airflow that sends its lineage to this address."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return {
            **inherited,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self._dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor" if self.major == "3" else "SequentialExecutor",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
            # Airflow 3's supervisor may notice a task's end only when it looks whether to send the next heartbeat.
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "AIRFLOW__OPENLINEAGE__DISABLED": str(way != "provider"),
            "AIRFLOW__OPENLINEAGE__NAMESPACE": "bench",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "http", "url": url}) if url else "",
            "AIRFLOW_CONN_BENCH": json.dumps({"conn_type": "duckdb", "host": str(home / "bench.duckdb")}),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "PYTHONPATH": os.pathsep.join(str(ROOT / room) for room in _ROOMS),
            "PYTHONWARNINGS": "ignore",
        }

    def end_what_is_left(self) -> None:
        """End the drainers that were left behind, told by the home that they serve."""
        sign = f"AIRFLOW_HOME={self.folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if sign in (process / "environ").read_bytes():
                    os.kill(int(process.name), signal.SIGTERM)


def _write_dags(folder: Path) -> None:
    shutil.copytree(HERE / "dags", folder, ignore=shutil.ignore_patterns("__pycache__"))
    short = (folder / "empty.py").read_text()
    lines = [
        f"    total = {number} + total  # a line of a task that does more" for number in range(_LINES_OF_A_LONG_FILE)
    ]
    work = '"""Do nothing."""'
    body = "\n".join(f"    {line}" for line in ["    total = 0", *lines])
    (folder / "long.py").write_text(short.replace("bench_empty", "bench_long").replace(work, f"{work}\n{body}"))


class Forking:
    """What a scheduler with the LocalExecutor is, with one plugin in its sight."""

    def __init__(self, place: Place, way: str, url: str, home: Path) -> None:
        """Start it, and wait until it can run tasks."""
        self._errors = (home / "errors.log").open("wb")
        self._process = subprocess.Popen(
            [place.python, str(HERE / "driver.py"), place.major, way, str(home)],
            cwd=home,
            env=place.environment(home, way, url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._answer()

    def cost(self, kind: str) -> Mapping[str, Any]:
        """Have a task run and return what it cost."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{kind}\n")
            self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(60)
        self._errors.close()

    def _answer(self) -> Mapping[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise SystemExit(f"an Airflow died; what it said:\n{Path(self._errors.name).read_text()[-3000:]}")
        answer: Mapping[str, Any] = json.loads(line)
        return answer


class Fresh:
    """A worker that starts an interpreter for each task, with one plugin in its sight."""

    def __init__(self, place: Place, way: str, url: str, home: Path) -> None:
        """Remember where; nothing runs between two tasks."""
        self._place, self._way, self._url, self._home = place, way, url, home

    def cost(self, kind: str) -> Mapping[str, Any]:
        """Have a task run and return what it cost."""
        place, home, notes = self._place, self._home, self._home / "hooks.ndjson"
        environment = place.environment(home, self._way, self._url)
        if place.major == "2":
            tasks_of_2.prepare(kind, home)
        notes.unlink(missing_ok=True)
        words = [place.python, str(HERE / "driver.py"), place.major, self._way, str(home), kind]
        with (home / "errors.log").open("wb") as errors:
            began = time.monotonic()
            process = subprocess.Popen(words, cwd=home, env=environment, stdout=errors, stderr=errors)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"a task ended with {process.returncode}:\n{(home / 'errors.log').read_text()[-3000:]}")
        return {**told(notes, began), "cpu": used.ru_utime + used.ru_stime}

    def close(self) -> None:
        """Nothing is open."""
