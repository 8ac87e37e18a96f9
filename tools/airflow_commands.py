"""Several of Airflow's own commands in one process, one to a line of its input: each load of Airflow takes seconds.

Run by a host's interpreter, not by the tests'.
"""

from __future__ import annotations

import shlex
import sys

from airflow.cli.cli_parser import get_parser


def run(lines: list[str]) -> None:
    """Run each line as `airflow …` would."""
    parser = get_parser()
    for line in lines:
        options = parser.parse_args(shlex.split(line))
        options.func(options)


if __name__ == "__main__":
    run(sys.stdin.read().splitlines())
