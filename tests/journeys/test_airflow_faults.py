"""Tasks, workers, the scheduler, drainers and the backend are killed: nothing accepted is lost, each try ends once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import airflow_cluster
import hosts
import postgresql
from conditions import await_that
from killable_catalog import Catalog
from spool_audit import Audit, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_cluster import Cluster

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

DAGS = Path(__file__).parent / "airflow_faults"
MAJORS = [pytest.param("3.3", id="3.3"), pytest.param("2.11", id="2.11")]
TASKS = 60
# How many tasks have ended well before the next thing is killed.
BETWEEN_KILLS = 2
KILLS = ("task", "drainer", "task", "backend", "worker", "task", "drainer", "scheduler", "task", "backend")
# Airflow notices sooner that somebody is gone.
NOTICED = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__LOCAL_TASK_JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_ZOMBIE_TASK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__ZOMBIE_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "3",
}
SUCCEEDED = "select count(*) from task_instance where state = 'success'"
SUCCESSES = "select map_index, try_number, end_date from task_instance where state = 'success'"
ENDS = {"COMPLETE", "FAIL", "ABORT"}

Event = dict[str, Any]


@dataclass
class Faults:
    """What was killed, and what was left."""

    killed: Counter[str] = field(default_factory=Counter)
    # When the scheduler was killed, with all that worked below it, as where a machine ends.
    machine_ended: datetime | None = None
    state: str = ""
    # When the work of each task was over that Airflow counts as done, by its place in the row and its try.
    successes: dict[tuple[int, int], datetime] = field(default_factory=dict)
    accepted: set[tuple[str, str, str]] = field(default_factory=set)
    delivered: list[Event] = field(default_factory=list)


@pytest.fixture(scope="module", params=MAJORS)
def faults(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faults]:
    """Let the tasks work, and kill."""
    python = hosts.interpreter(f"AIRFLOW_{request.param.replace('.', '_')}")
    folder = tmp_path_factory.mktemp("faults")
    catalog, found, working = Catalog(folder), Faults(), folder / "working"
    working.mkdir()
    catalog.start()
    audit = Audit(folder / "spool", folder / "audit")
    environment = {
        **NOTICED,
        "FAULTS_WORKING": str(working),
        "OPENLINEAGE__TRANSPORT__TYPE": "http",
        "OPENLINEAGE__TRANSPORT__URL": catalog.url,
        "RIVERHEAD_SPOOL_DIR": str(folder / "spool"),
    }
    try:
        with (
            postgresql.Server() as server,
            airflow_cluster.cluster(
                python, folder, DAGS, ["faults"], server=server, environment=environment
            ) as cluster,
        ):
            for number, what in enumerate(KILLS, start=1):
                wait_for_success(cluster, number * BETWEEN_KILLS)
                if what == "scheduler":
                    found.machine_ended = datetime.now(timezone.utc)
                kill(what, cluster, catalog, folder)
                found.killed[what] += 1
            [found.state] = cluster.wait(seconds=300)["faults"]
            await_that(lambda: is_all_told(catalog, audit), "everything is delivered, and every run ends", 90)
            found.delivered, found.accepted = catalog.events(), audit.accepted()
            found.successes = {(place, try_): ended for place, try_, ended in cluster.metadata.ask(SUCCESSES, ())}
        yield found
    finally:
        catalog.kill()


def wait_for_success(cluster: Cluster, count: int) -> None:
    cluster.stack.await_that(lambda: int(cluster.metadata.ask(SUCCEEDED, ())[0][0]) >= count, f"{count} succeed", 120)


def is_all_told(catalog: Catalog, audit: Audit) -> bool:
    events = catalog.events()
    return audit.accepted() <= {identity(event) for event in events} and begun(events) == ended(events).keys()


def kill(what: str, cluster: Cluster, catalog: Catalog, folder: Path) -> None:
    """Kill one of its kind; what others need is started again."""
    if what == "backend":
        catalog.kill()
        wait_for_success(cluster, int(cluster.metadata.ask(SUCCEEDED, ())[0][0]) + 1)
        catalog.start()
    elif what == "scheduler":
        cluster.stack.kill("scheduler")
    else:
        working, scheduler = folder / "working", cluster.stack.processes["scheduler"].pid
        find: dict[str, Callable[[], int | None]] = {
            "task": lambda: next(working_in(working), None),
            "worker": lambda: next((worker_of(task, scheduler) for task in working_in(working)), None),
            "drainer": lambda: drainer_of(folder / "spool"),
        }
        await_that(lambda: is_killed(find[what]()), f"a {what} is there", 60)


def is_killed(pid: int | None) -> bool:
    """Kill it, if there is one and it is still there."""
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def working_in(working: Path) -> Iterator[int]:
    """Yield the processes in which tasks are at work; a mark that was left by one that died names nobody."""
    for mark in working.iterdir():
        if parent_of(int(mark.name)):
            yield int(mark.name)


def worker_of(task: int, scheduler: int) -> int | None:
    """Return the worker of the scheduler's executor in which a task is at work."""
    above = task
    while above and parent_of(above) != scheduler:
        above = parent_of(above)
    return above or None


def drainer_of(spool: Path) -> int | None:
    """Return a drainer of this spool."""
    return next((pid for pid in processes() if "riverhead drain" in title(pid) and has_spool(pid, spool)), None)


def has_spool(pid: int, spool: Path) -> bool:
    with contextlib.suppress(OSError):
        return f"RIVERHEAD_SPOOL_DIR={spool}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def parent_of(pid: int) -> int:
    """Return 0 where nobody is, or one that is dead already and only waits for its parent to see it."""
    with contextlib.suppress(OSError):
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return 0 if state in "ZX" else int(parent)
    return 0


def title(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def begun(events: list[Event]) -> set[str]:
    return {event["run"]["runId"] for event in events if event.get("eventType") == "START"}


def ended(events: list[Event]) -> Counter[str]:
    return Counter(event["run"]["runId"] for event in events if event.get("eventType") in ENDS)


def test_the_dag_run_ends_well_and_everything_was_killed(faults: Faults) -> None:
    assert faults.state == "success"
    assert faults.killed == Counter(KILLS)


def test_nothing_that_was_accepted_is_lost(faults: Faults) -> None:
    assert faults.accepted
    assert faults.accepted - {identity(event) for event in faults.delivered} == set()


def test_each_run_that_began_ends_exactly_once(faults: Faults) -> None:
    found = ended(faults.delivered)

    assert set(found.values()) == {1}
    assert found.keys() == begun(faults.delivered)


def test_each_task_that_was_killed_at_its_work_failed_and_was_done_again(faults: Faults) -> None:
    ends = {of_task(event): event for event in faults.delivered if is_end_of_work(event)}
    unsaid = {at for at in faults.successes if ends[at]["eventType"] != "COMPLETE"}

    assert len(faults.successes) == TASKS
    assert unsaid == {at for at in unsaid if has_died_with_the_machine(ends[at], faults.successes[at], faults)}
    assert sum(event["eventType"] == "FAIL" for at, event in ends.items() if at not in unsaid) >= KILLS.count("task")


def has_died_with_the_machine(end: Event, was_over: datetime, faults: Faults) -> bool:
    """Airflow writes a success down before it calls any listener: who is killed in between has told nobody."""
    told = datetime.fromisoformat(end["eventTime"].replace("Z", "+00:00"))
    return faults.machine_ended is not None and was_over <= faults.machine_ended <= told


def is_end_of_work(event: Event) -> bool:
    return event["job"]["name"] == "faults.work" and event.get("eventType") in ENDS


def of_task(event: Event) -> tuple[int, int]:
    """Return its place in the row, and its try."""
    task = event["run"]["facets"]["airflow"]["taskInstance"]
    return task["map_index"], task["try_number"]
