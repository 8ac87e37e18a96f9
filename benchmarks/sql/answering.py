"""One contender's side: reads cases as lines of JSON and answers each with the lineage and the CPU that it took.

    python answering.py CONTENDER

It runs in the contender's own environment, so it needs nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import resource
import sys
import time
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_MEMORY_BYTES = 4 << 30
# Nothing that any case says, so that no contender has met a case's text before it is timed.
WARM_UP = "SELECT w.lukewarm AS tepid FROM kettle AS w WHERE w.degrees > 40"


def main() -> None:
    # Whatever a contender prints must not end up between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    logging.disable()
    warnings.simplefilter("ignore")
    began = cpu_seconds()
    contender = importlib.import_module(f"contenders.{sys.argv[1]}")
    # Some import on their first text only, so that one belongs to the start.
    answer_to(contender.run, {"sql": WARM_UP, "dialect": "postgres"})
    started = {"version": version(contender.PACKAGE), "start_ms": (cpu_seconds() - began) * 1000}
    print(json.dumps(started), file=answers, flush=True)
    warm = {"postgres"}
    for line in sys.stdin:
        case = json.loads(line)
        if case["dialect"] not in warm:
            warm.add(case["dialect"])
            answer_to(contender.run, {**case, "sql": WARM_UP})
        print(json.dumps(answer_to(contender.run, case), default=str), file=answers, flush=True)


def answer_to(run: Callable[..., dict[str, Any]], case: dict[str, Any]) -> dict[str, Any]:
    """Return what a contender says of a case, and how long its CPU was busy."""
    result: dict[str, Any] = {}
    began = cpu_seconds()
    try:
        result = run(case["sql"], case["dialect"], case.get("schema") or {}, case.get("default") or {})
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a parser may raise anything, a panic of Rust's included
        with contextlib.suppress(Exception):
            result = {"error": f"{type(error).__name__}: {error}"[:300]}
    return {"result": result or {"error": "no answer"}, "cpu_ms": (cpu_seconds() - began) * 1000}


def cpu_seconds() -> float:
    """Return the CPU time of this process and of those that it started and has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
