"""Run a job and listen to its Spark, without a line of it changed.

COMMAND is whatever starts it: python job.py, spark-submit job.py, pyspark, jupyter lab, a script that does so. Its
terminal, its signals and its exit code are its own.
"""

from __future__ import annotations

import argparse
import os
import sys

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable
from riverhead_spark.attach.environment import attached, deafness
from riverhead_spark.attach.programs import become

# As shells have it.
_NOT_TO_BE_RUN, _NOT_FOUND = 126, 127


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `riverhead run`."""
    parser.add_argument("command", metavar="-- COMMAND", nargs=argparse.REMAINDER, help="the program and its words")


def run(options: argparse.Namespace) -> int:
    """Start the job, which then is this process."""
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        raise ConfigurationError("say what to run, as in `riverhead run -- python job.py`")
    doubt = deafness(words)
    if doubt:
        print(f"riverhead: {doubt}", file=sys.stderr)
    try:
        become(words, attached(os.environ))
    except OSError as error:
        print(f"riverhead: cannot run {printable(words[0])} ({error.strerror})", file=sys.stderr)
        return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_TO_BE_RUN
