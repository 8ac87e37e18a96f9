"""Run a job and listen to its Spark, without a line of it changed.

COMMAND is whatever starts it: python job.py, spark-submit job.py, pyspark, jupyter lab, a script that does so. Its
terminal, its signals and its exit code are its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import misspelt_keys, unknown_key_sentence, unknown_keys
from riverhead_spark.attach.environment import attached, deafness
from riverhead_spark.attach.programs import NotStarted, become, end_as, followed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `riverhead run`."""
    parser.add_argument(
        "--show",
        action="store_true",
        help="at its end print, to stderr, what it wrote, with the sources of each column; nothing need be configured",
    )
    parser.add_argument("--all", action="store_true", help="with --show: fold no long list")
    parser.add_argument(
        "--zip",
        metavar="FILE",
        help="only write a zip that does the same for a machine without riverhead: --py-files FILE",
    )
    parser.add_argument("command", metavar="-- COMMAND", nargs=argparse.REMAINDER, help="the program and its words")


def run(options: argparse.Namespace) -> int:
    """Start the job, which then is this process, unless something is to be shown after its end."""
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if options.zip:
        return _packed(options.zip, words)
    if not words:
        raise ConfigurationError("say what to run, as in `riverhead run -- python job.py`")
    for doubt in _doubts(words):
        print(f"riverhead: {doubt}", file=sys.stderr)
    environment = attached(os.environ)
    try:
        if options.show:
            return end_as(_shown(words, environment, is_whole=options.all))
        become(words, environment)
    except NotStarted as error:
        print(f"riverhead: {error}", file=sys.stderr)
        return error.code


def _doubts(words: Sequence[str]) -> Iterator[str]:
    """Yield what somebody may not have meant, although the job runs: the job itself may be deaf, and say nothing."""
    for key, nearest in {**unknown_keys(os.environ), **misspelt_keys(os.environ)}.items():
        yield unknown_key_sentence(key, nearest)
    deaf = deafness(words)
    if deaf:
        yield deaf


def _packed(target: str, words: Sequence[str]) -> int:
    if words:
        raise ConfigurationError("--zip runs nothing; give the file to `spark-submit --py-files` yourself")
    from riverhead_spark.attach.packing import pack

    pack(Path(target))
    print(f"wrote {printable(target)}: `spark-submit --py-files {printable(target)} job.py` is listened to")
    return 0


def _shown(words: Sequence[str], environment: Mapping[str, str], *, is_whole: bool) -> int:
    # Only wanted after the job.
    from riverhead_emitter.drawing import View, is_coloured, width
    from riverhead_spark.attach import showing

    with tempfile.TemporaryDirectory(prefix="riverhead-", ignore_cleanup_errors=True) as folder:
        code = followed(words, showing.shown_in(Path(folder), environment))
        events = showing.events_in(Path(folder))
    # The standard output is the job's own, and may be somebody's file.
    print(file=sys.stderr)
    for line in showing.told(events, View(width(sys.stderr), is_whole), is_coloured=is_coloured(sys.stderr)):
        print(line, file=sys.stderr)
    return code
