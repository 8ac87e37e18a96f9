"""What a process sees that is no work of its own: DAG runs, tasks that somebody marks, assets filled from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.capture import START
from riverhead_airflow.identity import dag_run_of, task_run_of
from riverhead_airflow.roll_call import RollCall
from riverhead_airflow.snapshot import ASSET, DAG_RUN, TASK

if TYPE_CHECKING:
    from riverhead_airflow.capture import Capture
    from riverhead_airflow.host import Host
    from riverhead_airflow.keeper import Keeper
    from riverhead_airflow.snapshot import DagRunSnapshot
    from riverhead_emitter.guard import FailureLog


class Bystander:
    """Sees what the scheduler, an API server or a triggerer decides."""

    def __init__(self, host: Host, capture: Capture, keeper: Keeper, failures: FailureLog) -> None:
        self._host = host
        self._capture = capture
        self._keeper = keeper
        self._roll_call = RollCall(host.dag_run_end, self._keep_dag_run, failures)

    def dag_run_changes(self, dag_run: Any, state: str, message: str = "") -> None:
        """Observe a DAG run's change; this may be the scheduling loop, which waits for one line into the spool at most.

        The end is told from a thread, with the states of its tasks.
        """
        facts = self._capture.of_dag_run(dag_run, state, message)
        if state == START:
            self._keep_dag_run(facts)
        else:
            self._roll_call.tell(facts)

    def task_is_marked(self, task_instance: Any, before: object) -> None:
        """Observe that somebody marked a task; one that a scheduler gives up is told of at its DAG run's end."""
        marked = self._host.mark_of(task_instance, before)
        if marked is not None:
            task = self._capture.of_mark(task_instance, marked)
            self._keeper.keep(TASK, task_run_of(task).id, task)
            self._keeper.see_sent()

    def asset_is_filled(self, asset_event: Any) -> None:
        """Observe that an asset was filled from outside; what a task fills is among its own outputs."""
        facts = self._capture.of_asset(asset_event.asset) if asset_event.source_task_id is None else None
        if facts is not None:
            self._keeper.keep(ASSET, f"{ASSET}:{facts['asset'].get('uri') or facts['asset'].get('name')}", facts)
            self._keeper.see_sent()

    def stops(self) -> None:
        """Wait for what is being asked: the process is about to end."""
        self._roll_call.finish()

    def _keep_dag_run(self, facts: DagRunSnapshot) -> None:
        self._keeper.keep(DAG_RUN, dag_run_of(facts).id, facts)
        self._keeper.see_sent()
