"""A whole Airflow for journeys: metadata in PostgreSQL, tasks side by side, a triggerer; and what it delivered.

It starts fast: its database is made, its DAGs are read and their runs are triggered by one process before anything else
is started, so that the scheduler finds work at once.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import airflow_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import postgresql

RUN_ID = "journey"
_METADATA = "metadata"
# What only shortens the waiting: how often the scheduler looks, and that no file changes meanwhile.
_HASTE = {
    "AIRFLOW__CORE__PARALLELISM": "8",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
    "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
    "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "600",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
}
_ENDS = ("COMPLETE", "FAIL", "ABORT")
_OPEN_RUNS = "select dag_id from dag_run where state in ('queued', 'running')"
# Each try ends once; a task that is only skipped by the scheduler has been on no machine.
_TRIES = (
    "select dag_id || '.' || task_id, sum(try_number) from task_instance"
    " where state in ('success', 'failed') and coalesce(hostname, '') <> '' group by 1"
    " union all select dag_id, count(*) from dag_run where state in ('success', 'failed') group by 1"
)


@dataclass(frozen=True, slots=True)
class PostgresqlMetadata:
    """A database in which many tasks may write at once."""

    server: postgresql.Server
    name: str
    is_there: bool = True
    takes_many: bool = True

    @property
    def url(self) -> str:
        """Its address, as SQLAlchemy wants it."""
        return self.server.url(self.name, scheme="postgresql+psycopg2")

    def ask(self, query: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the rows of a query, in which a question mark stands for each value."""
        with self.server.connect(name=self.name) as connection:
            return list(connection.execute(query.replace("?", "%s"), values).fetchall())


@dataclass(frozen=True, slots=True)
class Cluster:
    """An Airflow at work, and what it has delivered."""

    stack: airflow_stack.AirflowStack
    metadata: PostgresqlMetadata
    delivered: Path
    dag_ids: tuple[str, ...]

    def wait(self, *, awaited: Sequence[str] = (), seconds: float = 120) -> dict[str, Counter[str]]:
        """Return how often each DAG ended in which state, as soon as none is at work; `awaited` start by themselves."""

        def is_over() -> bool:
            begun = {str(dag_id) for (dag_id,) in self.metadata.ask("select distinct dag_id from dag_run", ())}
            return begun >= {*self.dag_ids, *awaited} and not self.metadata.ask(_OPEN_RUNS, ())

        self.stack.await_that(is_over, "every DAG run ends", seconds)
        rows = self.metadata.ask("select dag_id, state from dag_run", ())
        return {dag_id: Counter(state for other, state in rows if other == dag_id) for dag_id, _ in rows}

    def events(self, *, seconds: float = 60) -> list[dict[str, Any]]:
        """Return what was delivered, as soon as the end of each try and of each DAG run is among it."""
        found: list[dict[str, Any]] = []
        tries = {str(job): int(count) for job, count in self.metadata.ask(_TRIES, ())}

        def is_all_there() -> bool:
            found[:] = _events(self.delivered)
            ends = Counter(event["job"]["name"] for event in found if event.get("eventType") in _ENDS)
            return all(ends[job] >= count for job, count in tries.items())

        self.stack.await_that(is_all_there, "every end is delivered", seconds)
        return found


@contextlib.contextmanager
def cluster(
    python: Path,
    folder: Path,
    dags: Path,
    dag_ids: Sequence[str],
    *,
    server: postgresql.Server,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """Start an Airflow whose runs of these DAGs are triggered already, and end it with the block."""
    delivered = folder / "events.ndjson"
    server.create_database(_METADATA)
    metadata = PostgresqlMetadata(server, _METADATA)
    stack = airflow_stack.AirflowStack(
        python,
        folder / "airflow",
        dags,
        {**_HASTE, **_sent_to(delivered), **(environment or {})},
        metadata=metadata,
        first=[("dags", "reserialize"), *(("dags", "trigger", "--run-id", RUN_ID, dag_id) for dag_id in dag_ids)],
        also=["triggerer"],
    )
    try:
        stack.start()
        yield Cluster(stack, metadata, delivered, tuple(dag_ids))
    finally:
        stack.stop()


def _sent_to(delivered: Path) -> dict[str, str]:
    return {
        "AIRFLOW__OPENLINEAGE__DISABLED": "True",
        "OPENLINEAGE_NAMESPACE": "journey",
        "OPENLINEAGE__TRANSPORT__TYPE": "file",
        "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(delivered),
        "OPENLINEAGE__TRANSPORT__APPEND": "true",
    }


def _events(path: Path) -> list[dict[str, Any]]:
    """Read whole lines only: the last one may be half written."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
