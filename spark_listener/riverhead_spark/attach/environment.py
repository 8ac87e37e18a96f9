"""What a job's processes are given, so that the SparkContext that one of them makes is listened to. Pure."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# A folder with one module in it, so that nothing else of ours comes before what the job imports.
SITE = Path(__file__).parent / "site"

_PATH = "PYTHONPATH"
_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?")
# Switches of Python that make it pass our folder by, and why.
_DEAF = {"E": "ignores PYTHONPATH", "I": "ignores PYTHONPATH", "S": "loads no sitecustomize"}
_WITH_A_VALUE = "WX"
_SUBMIT = "spark-submit"
_IN_A_CLUSTER = re.compile(r"(--deploy-mode[ =]|spark\.submit\.deployMode=)cluster\b")
_ENDS_SWITCHES = "cm"


def attached(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a job that is to be listened to."""
    others = [place for place in environment.get(_PATH, "").split(os.pathsep) if place and place != str(SITE)]
    return {**environment, _PATH: os.pathsep.join([str(SITE), *others])}


def deafness(words: Sequence[str]) -> str:
    """Say why a program will not be listened to, as far as its words tell; empty where nothing speaks against it."""
    program = Path(words[0]).name if words else ""
    if program == _SUBMIT and _IN_A_CLUSTER.search(" ".join(words)):
        return (
            "in cluster mode the driver runs elsewhere; `riverhead run --zip FILE` makes what to give it by --py-files"
        )
    if not _PYTHON.fullmatch(program):
        return ""
    for letter in _switches(words[1:]):
        if letter in _DEAF:
            return f"{program} -{letter} {_DEAF[letter]}, so this job is not listened to"
    return ""


def _switches(words: Sequence[str]) -> Iterator[str]:
    """Yield the letters of Python's own switches, which end where the program begins."""
    given = iter(words)
    for word in given:
        if not word.startswith("-") or word == "-":
            return
        letters = "" if word.startswith("--") else word[1:]
        for place, letter in enumerate(letters, 1):
            yield letter
            if letter in _ENDS_SWITCHES:
                return
            if letter in _WITH_A_VALUE:
                if place == len(letters):
                    next(given, None)
                break
