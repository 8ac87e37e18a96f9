"""A real Airflow for the demo and the journeys: its processes started, awaited and ended, nothing simulated.

Airflow 3.x runs as api-server, DAG processor and scheduler; 2.x as a scheduler alone. The metadata database is SQLite
in the given home, so a second start there is fast, or what the caller brings. Standard library only: the caller's
interpreter is not Airflow's.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow_metadata import SqliteMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from airflow_metadata import Metadata

COMMANDS = Path(__file__).resolve().parent / "airflow_commands.py"
Say: TypeAlias = "Callable[[str], None]"

FINISHED = frozenset({"success", "failed"})
POLL_SECONDS = 0.25
STOP_SECONDS = 15.0
# What this process inherited about some other Airflow or lineage backend must not reach this one.
FOREIGN_PREFIXES = ("AIRFLOW", "_AIRFLOW", "OPENLINEAGE", "RIVERHEAD", "PYTHONPATH", "VIRTUAL_ENV")
# Their servers of logs listen on every address of the machine, and nobody asks them here.
_OPTIONS = {"scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}


class AirflowStackError(Exception):
    """Airflow did not do what was asked in time; the message ends with the log's last lines."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task instance as the metadata database has it."""

    task_id: str
    map_index: int
    try_number: int
    state: str | None


@dataclass(slots=True)
class AirflowStack:
    """The processes of one Airflow, in a home of its own.

    The commands of `first` are run once its database is made and before anything is started; `also` are components
    besides those that every Airflow needs.
    """

    python: Path
    home: Path
    dags: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    say: Say = lambda _line: None
    port: int = 0
    metadata: Metadata | None = None
    first: Sequence[Sequence[str]] = ()
    also: Sequence[str] = ()
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _env: dict[str, str] = field(default_factory=dict)
    _version: str = ""

    @property
    def version(self) -> str:
        """The version of the Airflow behind the interpreter, asked once."""
        if not self._version:
            question = "import importlib.metadata as m; print(m.version('apache-airflow'))"
            self._version = subprocess.check_output([str(self.python), "-c", question], text=True).strip()
        return self._version

    @property
    def has_services(self) -> bool:
        """True from 3.0 on, where tasks speak to an API server and DAGs are read by a process of their own."""
        return self.version.partition(".")[0] != "2"

    @property
    def processes(self) -> Mapping[str, subprocess.Popen[bytes]]:
        """The running components by name."""
        return self._processes

    def start(self, *, seconds: float = 180) -> None:
        """Prepare the home, start every component and wait until each answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self._env = self._environment()
        self._prepare_database()
        for component in (*(("api-server", "dag-processor") if self.has_services else ()), *self.also):
            self._start(component)
        if self.has_services:
            url = f"http://127.0.0.1:{self.port}/api/v2/version"
            self.await_that(lambda: _answers(url), "the API server answers", seconds)
        # Last, because it may find runs that wait, whose tasks need the API server.
        self._start("scheduler")

    def stop(self) -> None:
        """End every component with its children: politely first, then for certain."""
        for process in reversed(self._processes.values()):
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def kill(self, component: str) -> None:
        """End a component and what belongs to it with SIGKILL, as where its machine ends, and start it again."""
        process = self._processes[component]
        _signal_group(process, signal.SIGKILL)
        process.wait()
        self._start(component)

    def trigger(self, dag_id: str, *, seconds: float = 120) -> str:
        """Trigger the DAG as soon as Airflow has read it, and return the run's id."""
        self.await_that(lambda: self._is_known(dag_id), f"DAG {dag_id} is read", seconds)
        run_id = f"stack__{secrets.token_hex(6)}"
        self.command("dags", "trigger", "--run-id", run_id, dag_id)
        return run_id

    def wait_for(self, dag_id: str, run_id: str, *, seconds: float = 300) -> str:
        """Return the state in which the DAG run ended; every task's change of state is said on the way."""
        said: set[TaskState] = set()

        def is_finished() -> bool:
            for task in self.tasks(dag_id, run_id):
                if task.state is not None and task not in said:
                    said.add(task)
                    self.say(f"{dag_id}.{task.task_id}: {task.state}")
            return self.run_state(dag_id, run_id) in FINISHED

        self.await_that(is_finished, f"{dag_id} ends", seconds)
        return self.run_state(dag_id, run_id) or ""

    def run(self, dag_id: str, *, seconds: float = 300) -> str:
        """Trigger the DAG, wait for its end and return the state."""
        return self.wait_for(dag_id, self.trigger(dag_id), seconds=seconds)

    def run_state(self, dag_id: str, run_id: str) -> str | None:
        """The state of a DAG run."""
        rows = self._ask("select state from dag_run where dag_id = ? and run_id = ?", dag_id, run_id)
        return str(rows[0][0]) if rows else None

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        """The task instances of a DAG run."""
        return [
            TaskState(str(task_id), int(map_index), int(try_number), state)
            for task_id, map_index, try_number, state in self._ask(
                "select task_id, map_index, try_number, state from task_instance"
                " where dag_id = ? and run_id = ? order by start_date, task_id, map_index",
                dag_id,
                run_id,
            )
        ]

    def import_errors(self) -> list[str]:
        """What Airflow could not read in the DAG folder."""
        return [str(row[0]) for row in self._ask("select stacktrace from import_error")]

    def command(self, *arguments: str, seconds: float = 120) -> str:
        """Run one `airflow` command in this home and return what it printed."""
        return self.commands(arguments, seconds=seconds)

    def commands(self, *commands: Sequence[str], seconds: float = 120) -> str:
        """Run `airflow` commands one after the other, in one process, and return what they printed."""
        lines = "\n".join(map(shlex.join, commands))
        finished = subprocess.run(
            [str(self.python), str(COMMANDS)],
            env=self._env or self._environment(),
            cwd=self.home,
            input=lines,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if finished.returncode != 0:
            raise AirflowStackError(f"airflow failed:\n{lines}\n{finished.stderr[-2000:]}")
        return finished.stdout

    def await_that(self, is_so: Callable[[], bool], what: str, seconds: float) -> None:
        """Return as soon as something is so; say what stood in its way if it is not in time."""
        deadline = time.monotonic() + seconds
        while not is_so():
            for component, process in self._processes.items():
                if process.poll() is not None:
                    raise AirflowStackError(f"The {component} ended by itself:\n{self._tail(component)}")
            if time.monotonic() > deadline:
                problems = "\n".join([*self.import_errors(), *map(self._tail, self._processes)])
                raise AirflowStackError(f"Not within {seconds:.0f} s: {what}\n{problems}")
            time.sleep(POLL_SECONDS)

    def log_of(self, component: str) -> Path:
        """The file that a component writes its output to."""
        return self.home / f"{component}.log"

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_PREFIXES)}
        path = f"{self.python.parent}{os.pathsep}{inherited.get('PATH', os.defpath)}"
        version_settings = self._settings_of_3() if self.has_services else {}
        shared = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE": "False",
            "AIRFLOW__CORE__EXECUTOR": self._executor,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._database.url,
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "PATH": path,
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }
        return {**inherited, **shared, **version_settings, **self.environment}

    def _settings_of_3(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.port}"
        return {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        }

    @property
    def _database(self) -> Metadata:
        return self.metadata or SqliteMetadata(self.home / "airflow.db")

    @property
    def _executor(self) -> str:
        # Tasks of Airflow 3 write by its API server alone.
        return "LocalExecutor" if self.has_services or self._database.takes_many else "SequentialExecutor"

    def _prepare_database(self) -> None:
        marker = self.home / f"prepared-for-{self.version}"
        if marker.exists() and self._database.is_there and not self.first:
            return
        self.say(f"Airflow {self.version}: preparing its database")
        self.commands(("db", "migrate"), *self.first, seconds=240)
        marker.touch()

    def _start(self, component: str) -> None:
        self.say(f"Airflow {self.version}: starting the {component}")
        with self.log_of(component).open("ab") as log:
            self._processes[component] = subprocess.Popen(
                [str(self.python), "-m", "airflow", component, *_OPTIONS.get(component, ())],
                env=self._env,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _tail(self, component: str) -> str:
        return f"{component}: {self.log_of(component).read_text(errors='replace')[-1500:]}"

    def _is_known(self, dag_id: str) -> bool:
        return bool(self._ask("select 1 from serialized_dag where dag_id = ?", dag_id))

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Read Airflow's own database: a CLI call costs seconds, and no API is the same in both majors."""
        return self._database.ask(query, values)


@contextlib.contextmanager
def airflow(
    python: Path,
    home: Path,
    dags: Path,
    environment: Mapping[str, str] | None = None,
    *,
    say: Say = lambda _line: None,
    port: int = 0,
) -> Iterator[AirflowStack]:
    """Start an Airflow of the given interpreter and end it with the block, whatever happens in there."""
    stack = AirflowStack(python, home, dags, environment or {}, say, port)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own word for "fine"
    except (urllib.error.URLError, OSError):
        return False


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
