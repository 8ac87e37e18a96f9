"""The process that imports Airflow, once, and has every DAG file read in a fork; started by `launching`.

What it was asked comes on the standard input, what it found goes into files: nothing that Airflow, a plugin or a DAG
file prints can get among it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_airflow.checking.dag_file import DagFileReader
from riverhead_airflow.checking.facts import Problem
from riverhead_airflow.checking.forks import Outcome, outcomes
from riverhead_airflow.checking.preloading import names_asked_for
from riverhead_airflow.host import dag_files, dag_host, section, silenced_listeners, version
from riverhead_airflow.settings import choices, host_names
from riverhead_airflow.texts import word
from riverhead_emitter.guard import FailureLog, guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

INDEX = "index.json"
# Airflow, the plugins and the settings of an installation take seconds; what takes this long will not end.
START_SECONDS = 120
_MOST_AT_ONCE = 4
# What plugins look at to tell which process they are in, riverhead's own as well.
_COMMAND = ("airflow", "dags", "list")


def main() -> None:
    """Read what was asked for, and leave an index of what became of each file."""
    request = json.load(sys.stdin)
    # Nobody catches it on the way: the process is ended, and whoever started it says so.
    signal.alarm(START_SECONDS)
    # Ctrl-C is for the command, which then says by SIGTERM that it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave_now)
    sys.argv, sys.path = list(_COMMAND), [path for path in sys.path if path]
    host = dag_host()
    folder = request["folder"] or str(section("core")["dags_folder"])
    sys.path.append(folder if Path(folder).is_dir() else str(Path(folder).parent))
    listeners = silenced_listeners()
    host_said = host_names(section("riverhead"), section("openlineage"), "", os.environ)
    chosen = choices(host_said, section("openlineage"), os.environ)
    extractors, problems = extractors_by_operator(chosen.extractors)
    host.dag_classes()  # loaded once, and not in every fork
    files = dag_files(folder)
    for module, name in names_asked_for(files):
        with guard("loading what DAG files import", FailureLog()):  # the file that asks for it will say what is wrong
            getattr(import_module(module), name, None)
    # What is here already is not to be copied into every fork by a collection of garbage there.
    gc.freeze()
    signal.alarm(0)
    output = Path(request["output"])
    reader = DagFileReader(host, extractors, attaches_spark=chosen.attaches_spark)
    found = outcomes(files, reader, output, request["seconds"], min(_MOST_AT_ONCE, os.cpu_count() or 1))
    _leave(output / INDEX, _index(folder, listeners, problems, found))


def _leave_now(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def _index(folder: str, listeners: list[str], problems: list[Problem], found: list[Outcome]) -> dict[str, Any]:
    return {
        "airflow": version(),
        "folder": folder,
        "listeners": listeners,
        "problems": [(problem.kind, problem.text, problem.level) for problem in problems],
        "files": [
            {"file": outcome.file, "fate": outcome.fate, "code": outcome.code, "result": outcome.result.name}
            for outcome in found
        ],
    }


def _leave(path: Path, index: Mapping[str, Any]) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(index), encoding="utf-8")
    unfinished.replace(path)


def extractors_by_operator(paths: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the extractors that the configuration names, by the operator that each is for."""
    found, problems = dict[str, str](), list[Problem]()
    for name in paths:
        module, _, attribute = name.rpartition(".")
        try:
            operators = getattr(import_module(module), attribute).get_operator_classnames()
            found |= {str(operator): attribute for operator in operators}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their code, which may fail in every way
            problems.append(Problem("extractor", f"the extractor {word(name)} cannot be loaded: {word(str(error))}"))
    return found, problems
