"""Which process of Airflow this is, told by its command line; pure.

Airflow refuses a DAG whose task has `end_from_trigger=True` as soon as any listener is registered in the process
that reads the DAG's file (`DagBag.bag_dag`). So no listener goes into the DAG processor and the `airflow dags …`
commands. What that costs: import errors of DAG files are not observed, and the DAG processor starts no drainer.
`airflow dags test` runs tasks and keeps its listener.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# They live as long as the machine's Airflow does, so a drainer can lean on them.
_LASTING = frozenset({"scheduler", "triggerer"})


def reads_dags(argv: Sequence[str]) -> bool:
    """True for a process whose work is to read DAG files, where a listener would break some of them."""
    match list(argv[1:3]):
        case ["dag-processor", *_]:
            return True
        case ["dags", command]:
            return command != "test"
    return False


def lasts(argv: Sequence[str]) -> bool:
    """True for a long-lived component that may leave a resident drainer behind."""
    return len(argv) > 1 and argv[1] in _LASTING
