"""How the tasks of a DAG run ended, asked of Airflow's database beside the scheduling loop, which waits for nothing."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from riverhead_emitter.guard import guard
from riverhead_emitter.loading import unforked

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.snapshot import DagRunEnd, DagRunSnapshot
    from riverhead_emitter.guard import FailureLog

    Ask = Callable[[str, str], DagRunEnd | None]
    Keep = Callable[[DagRunSnapshot], None]

# So long the end of a DAG run waits for an answer; then it is told without one.
LONGEST_SECONDS = 5.0
# Where very many DAG runs end at once, most are told without: a database is asked by so many threads of ours at most.
_MOST_AT_ONCE = 8
_BETWEEN_LOOKS_SECONDS = 0.1


class RollCall:
    """Tells the ends of DAG runs, each from a thread of its own that has asked for its tasks' states."""

    def __init__(self, ask: Ask, keep: Keep, failures: FailureLog) -> None:
        self._ask = ask
        self._keep = keep
        self._failures = failures
        self._asking: list[threading.Thread] = []

    def tell(self, dag_run: DagRunSnapshot) -> None:
        """Keep the end of a DAG run as soon as the states of its tasks are known, or cannot be."""
        self._asking = [thread for thread in self._asking if thread.is_alive()]
        # No daemon: a process that ends by itself (`airflow dags test`) lets it tell the end first, which is bounded.
        thread = threading.Thread(target=self._told, args=(dag_run,), name="riverhead-roll-call")
        try:
            if len(self._asking) < _MOST_AT_ONCE:
                thread.start()
                self._asking.append(thread)
                return
        except RuntimeError as error:
            self._failures.record("asking how the tasks of a DAG run ended", error)
        self._keep(dag_run)

    def finish(self) -> None:
        """Wait for what is being asked: the process is about to end."""
        for thread in self._asking:
            thread.join(LONGEST_SECONDS)

    def _told(self, dag_run: DagRunSnapshot) -> None:
        answer = threading.Thread(target=self._asked, args=(dag_run,), name="riverhead-roll-call-answer", daemon=True)
        with guard("asking how the tasks of a DAG run ended", self._failures):
            answer.start()
            answer.join(LONGEST_SECONDS)
        with guard("observing a DAG run's end", self._failures):
            self._keep({**dag_run, "told": {**dag_run["told"]}})

    def _asked(self, dag_run: DagRunSnapshot) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        with guard("asking how the tasks of a DAG run ended", self._failures):
            while time.monotonic() < deadline:
                with unforked():
                    end = self._ask(dag_run["dag_id"], dag_run["run_id"])
                if end is not None:
                    dag_run["told"]["end"] = end
                    return
                # The scheduler tells us before it commits what it has decided, also of the tasks that never ran.
                threading.Event().wait(_BETWEEN_LOOKS_SECONDS)
