"""Look after Airflow's lineage; `check` tells which tasks will have it, how deep, and which not and why.

It reads DAG files as Airflow does, in child processes: no task is run, no database and no network is asked.
Exit code 0: every task is as deep as was asked for, or allowed not to be. 1: some are not. 2: nothing could be checked.
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentTypeError
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_airflow.checking.allowances import allowances_of
from riverhead_airflow.checking.as_json import as_json
from riverhead_airflow.checking.depth import Depth
from riverhead_airflow.checking.judging import Wish, report_of
from riverhead_airflow.checking.launching import reading_of
from riverhead_airflow.checking.table import lines_of
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable, quoted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_SECONDS = 30.0
_MOST_SECONDS = 3600.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `riverhead airflow`."""
    verbs = parser.add_subparsers(metavar="check", required=True)
    check = verbs.add_parser("check", help="which tasks of a folder of DAG files will have lineage, and how deep")
    check.add_argument("folder", metavar="FOLDER", nargs="?", help="a folder or a file (default: [core] dags_folder)")
    check.add_argument("--format", choices=("table", "json"), default="table", help="for people or for a program")
    check.add_argument("--allow", metavar="FILE", help="the tasks that may stay below, one dag_id.task_id a line")
    check.add_argument(
        "--at-least", choices=("datasets", "columns"), default="datasets", help="the depth that is asked for (datasets)"
    )
    check.add_argument("--owner", metavar="NAME", action="append", default=[], help="only this owner's tasks")
    check.add_argument("--dag", metavar="ID", action="append", default=[], help="only the tasks of this DAG")
    check.add_argument("--strict", action="store_true", help="problems are as bad as tasks that are not deep enough")
    check.add_argument(
        "--seconds", type=_seconds, default=_SECONDS, metavar="N", help=f"the longest for one file ({_SECONDS:.0f})"
    )
    check.set_defaults(does=_check)


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    does: Callable[[argparse.Namespace], int] = options.does
    return does(options)


def _check(options: argparse.Namespace) -> int:
    _refuse_without_airflow()
    wish = Wish(
        Depth(options.at_least),
        allowances_of(Path(options.allow)) if options.allow else (),
        tuple(options.owner),
        tuple(options.dag),
        options.strict,
    )
    report = report_of(reading_of(_folder(options.folder), os.environ, options.seconds), wish)
    if options.format == "json":
        # ASCII only, so that no name can steer a terminal.
        print(json.dumps(as_json(report), indent=2))
    else:
        print("\n".join(lines_of(report)))
    return 0 if report.passes else 1


def _refuse_without_airflow() -> None:
    for distribution in ("apache-airflow-core", "apache-airflow"):
        try:
            version(distribution)
        except PackageNotFoundError:
            continue
        return
    raise ConfigurationError("Airflow is not installed here; run this check in the environment that it is in")


def _folder(name: str | None) -> Path | None:
    if name is None:
        return None
    folder = Path(name).absolute()
    if not folder.exists():
        raise ConfigurationError(f"there is no folder {printable(name, 200)}")
    return folder


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise ArgumentTypeError(f"a number of seconds is needed, up to {_MOST_SECONDS:.0f}, not {quoted(text)}")
    return seconds
