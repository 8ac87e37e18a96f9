"""Start the process that reads DAG files, and gather what it found."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_airflow.checking.facts import Facts, Problem, facts_from
from riverhead_airflow.checking.reader import INDEX, START_SECONDS
from riverhead_airflow.checking.surroundings import CONFIGURATION, surroundings
from riverhead_emitter.errors import ConfigurationError, Unavailable, UnreadableRecord
from riverhead_emitter.printable import printable
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of one file; what is above it was not made for people to read.
_MOST_BYTES = 64 << 20
_MOST_SAID = 8 << 10
_LEAVING_SECONDS = 5.0
_PROGRAM = "from riverhead_airflow.checking.reader import main; main()"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a folder, with paths relative to it, and by which Airflow."""

    airflow: str
    folder: str
    listeners: tuple[str, ...]
    """The modules whose listeners this Airflow has, but for riverhead's."""
    facts: Facts


def reading_of(folder: Path | None, environment: Mapping[str, str], seconds: float) -> Reading:
    """Read every DAG file of a folder; without one, of the folder that Airflow is configured for."""
    with tempfile.TemporaryDirectory(prefix="riverhead-check-") as name:
        scratch = Path(name)
        (scratch / CONFIGURATION).touch()
        return _gathered(scratch, _index(folder, scratch, environment, seconds), seconds)


def _index(folder: Path | None, scratch: Path, environment: Mapping[str, str], seconds: float) -> dict[str, Any]:
    request = {"folder": str(folder or ""), "seconds": seconds, "output": str(scratch)}
    with (scratch / "said").open("w+b") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=surroundings(environment, folder, scratch),
        )
        try:
            process.communicate(json.dumps(request).encode())
        finally:
            _end(process)
        if (scratch / INDEX).exists():
            found: dict[str, Any] = json.loads((scratch / INDEX).read_text(encoding="utf-8"))
            return found
        said.seek(max(0, said.seek(0, 2) - _MOST_SAID))
        raise Unavailable(_failure(process.returncode, said.read().decode("utf-8", "replace")))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Where somebody interrupts the check, let the reading process end its forks before it goes."""
    process.terminate()
    try:
        process.wait(_LEAVING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _failure(code: int, said: str) -> str:
    if code == -signal.SIGALRM:
        return f"Airflow was not loaded within {START_SECONDS} s; try `airflow version` in this environment"
    lines = [line for line in said.splitlines() if line.strip()]
    reason = printable(REDACTION.scrubbed(lines[-1]), 300) if lines else f"its process ended with {code}"
    return f"Airflow cannot be loaded here ({reason}); try `airflow version` in this environment"


def _gathered(scratch: Path, index: Mapping[str, Any], seconds: float) -> Reading:
    root = Path(index["folder"])
    if not root.exists():
        raise ConfigurationError(f"there is no folder {printable(str(root), 200)}; name the one with the DAG files")
    if not index["files"]:
        raise ConfigurationError(f"Airflow finds no DAG file in {printable(str(root), 200)}")
    found = [_of_file(scratch, file, seconds) for file in index["files"]]
    problems = [Problem(*problem) for problem in index["problems"]]
    facts = Facts(
        tuple(dag for facts in found for dag in facts.dags),
        tuple(task for facts in found for task in facts.tasks),
        (*problems, *(problem for facts in found for problem in facts.problems)),
    )
    others = tuple(name for name in index["listeners"] if not name.startswith("riverhead_airflow"))
    return Reading(index["airflow"], str(root), others, _relative(facts, root if root.is_dir() else root.parent))


def _of_file(scratch: Path, found: Mapping[str, Any], seconds: float) -> Facts:
    file, code = found["file"], found["code"]
    if found["fate"] == "time-out":
        return _failed("time-out", f"reading it took longer than {seconds:g} s (--seconds)", file)
    if found["fate"] == "ended":
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return _failed("ended", f"it ended the process that read it ({how})", file)
    path = scratch / found["result"]
    if path.stat().st_size > _MOST_BYTES:
        return _failed("too-much", "what it holds is too much to be checked", file)
    try:
        return facts_from(json.loads(path.read_text(encoding="utf-8")))
    except (UnreadableRecord, ValueError):
        return _failed("unreadable", "what was read of it is no longer to be understood", file)


def _failed(kind: str, text: str, file: str) -> Facts:
    return Facts(problems=(Problem(kind, text, file=file),))


def _relative(facts: Facts, root: Path) -> Facts:
    return Facts(
        tuple(replace(dag, file=_below(dag.file, root)) for dag in facts.dags),
        tuple(replace(task, file=_below(task.file, root)) for task in facts.tasks),
        tuple(replace(problem, file=_below(problem.file, root)) for problem in facts.problems),
    )


def _below(file: str, root: Path) -> str:
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else file
