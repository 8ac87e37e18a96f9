"""Tries whose end no process was there to tell: what Airflow's database knows of them, and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from sqlalchemy import DateTime, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.pool import QueuePool

from airflow_snapshots import task
from riverhead_airflow.rows import end_of_dag_run, session_of_our_own
from riverhead_airflow.understand import interpret
from riverhead_airflow.untold import Tables
from riverhead_emitter.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START, GIVEN_UP = datetime(2026, 11, 21, 3, 0, tzinfo=timezone.utc), datetime(2026, 11, 21, 3, 5, tzinfo=timezone.utc)
UNTOLD = {
    "task_id": "clean_orders",
    "map_index": -1,
    "try_number": 2,
    "operator": "PythonOperator",
    "start_time": "2026-11-21T03:00:00+00:00",
    "time": "2026-11-21T03:05:00+00:00",
    "state": "FAIL",
    "reason": "given up by the scheduler, it was on worker-7: heartbeat timeout",
}


class Base(DeclarativeBase):
    """Rows as Airflow has them, but for the columns that nobody asks for."""

    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), str: String(250)}


class Run(Base):
    __tablename__ = "dag_run"
    dag_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str]
    state: Mapped[str]


class _Try:
    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[str]
    run_id: Mapped[str]
    task_id: Mapped[str]
    map_index: Mapped[int]
    try_number: Mapped[int]
    operator: Mapped[str | None]
    hostname: Mapped[str | None]
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]
    state: Mapped[str | None]
    updated_at: Mapped[datetime | None]
    next_method: Mapped[str | None]


class Latest(_Try, Base):
    __tablename__ = "task_instance"


class Earlier(_Try, Base):
    __tablename__ = "task_instance_history"


class Log(Base):
    __tablename__ = "log"
    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[str | None]
    run_id: Mapped[str | None]
    task_id: Mapped[str | None]
    map_index: Mapped[int | None]
    try_number: Mapped[int | None]
    event: Mapped[str]
    extra: Mapped[str | None]
    dttm: Mapped[datetime]


def a_try(kind: type[Any], number: int, **changed: Any) -> Any:
    facts = {"dag_id": "shop", "run_id": "r", "task_id": "clean_orders", "map_index": -1, "try_number": number}
    ran = {
        "operator": "PythonOperator",
        "hostname": "worker-7",
        "start_date": START,
        "end_date": None,
        "state": "failed",
    }
    return kind(**{**facts, **ran, **changed})


def given_up(number: int, event: str = "heartbeat timeout", **changed: Any) -> Log:
    facts = {"dag_id": "shop", "run_id": "r", "task_id": "clean_orders", "map_index": -1, "try_number": number}
    return Log(**{**facts, "event": event, "dttm": GIVEN_UP, **changed})


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        opened.add(Run(dag_id="shop", run_id="r", state="failed"))
        yield opened


def untold_in(session: Session, *rows: Any, waits: Any = ()) -> list[Any]:
    session.add_all(rows)
    session.flush()
    tables = Tables(Run, Latest, Earlier, Log, lambda *_of: waits)
    end = end_of_dag_run(session, tables, "shop", "r", lambda: "scheduler-1")
    assert end is not None
    return end["untold"]


def test_a_try_that_was_given_up_on_another_machine_is_told(session: Session) -> None:
    [end] = untold_in(session, a_try(Latest, 2), given_up(2))

    assert (end["task_id"], end["try_number"], end["state"]) == ("clean_orders", 2, "FAIL")
    assert end["reason"] == "given up by the scheduler, it was on worker-7: heartbeat timeout"


def test_a_try_before_the_latest_is_told_too_and_each_once(session: Session) -> None:
    rows = [a_try(Earlier, 1, state="up_for_retry"), a_try(Latest, 2, state="success")]

    ends = untold_in(session, *rows, given_up(1), given_up(1, "state mismatch"))

    assert [end["try_number"] for end in ends] == [1]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"hostname": "scheduler-1"}, id="here, where its last words are said"),
        pytest.param({"start_date": None}, id="never started"),
        pytest.param({"state": "success"}, id="it was alive after all"),
    ],
)
def test_what_can_still_tell_its_own_end_does(session: Session, changed: dict[str, Any]) -> None:
    others = a_try(Latest, 1, task_id="other")

    assert untold_in(session, a_try(Latest, 2, **changed), others, given_up(2)) == []


def test_a_try_that_was_given_up_while_it_waited_for_a_worker_has_nobody_else(session: Session) -> None:
    said = "finished with state success, but the task instance's state attribute is {}. Learn more"
    queued = given_up(2, "state mismatch", extra=said.format("queued"))
    running = given_up(1, "state mismatch", extra=said.format("running"))

    ends = untold_in(
        session, a_try(Latest, 2, hostname="scheduler-1"), a_try(Earlier, 1, hostname="scheduler-1"), queued, running
    )

    assert [end["try_number"] for end in ends] == [2]


@pytest.mark.parametrize(("state", "told"), [("success", "COMPLETE"), ("failed", "FAIL"), ("skipped", "ABORT")])
def test_a_task_that_ends_while_it_is_deferred_ends_as_airflow_says(session: Session, state: str, told: str) -> None:
    waiting = a_try(Latest, 1, state=state, end_date=GIVEN_UP, next_method="execute_complete")

    [end] = untold_in(session, waiting, a_try(Latest, 1, task_id="other", end_date=GIVEN_UP))

    assert (end["task_id"], end["state"]) == ("clean_orders", told)
    assert end["time"].startswith("2026-11-21T03:05")


def test_a_task_that_is_ended_while_it_is_rescheduled_ends_then_and_not_when_it_went(session: Session) -> None:
    went, ended = START + timedelta(minutes=1), GIVEN_UP
    by_hand = a_try(Latest, 1, state="success", end_date=went, updated_at=ended)
    by_itself = a_try(Latest, 1, task_id="other", state="success", end_date=ended, updated_at=ended)
    # SQLite keeps no zone.
    waits = [(task_id, -1, went.replace(tzinfo=None)) for task_id in ("clean_orders", "other")]

    [end] = untold_in(session, by_hand, by_itself, waits=waits)

    assert (end["task_id"], end["time"][:16]) == ("clean_orders", "2026-11-21T03:05")


def test_a_task_that_failed_by_itself_has_told_so(session: Session) -> None:
    assert untold_in(session, a_try(Latest, 2), given_up(2, "failed"), given_up(2, run_id="another")) == []


def test_such_a_try_ends_when_it_was_given_up_and_before_its_dag_run() -> None:
    told = {
        "airflow": "3.3.2",
        "dag": {"owner": "ana"},
        "end": {"states": [], "missed": [], "causes": [], "untold": [UNTOLD]},
    }
    dag_run = task(state="FAIL", told=told, failure={"message": "task_failure", "stack": None})

    of_task, of_dag_run = interpret(Observation("airflow.dag_run", 2, "", dag_run))

    assert (of_task["eventType"], of_task["eventTime"][:16]) == ("FAIL", "2026-11-21T03:05")
    assert of_task["job"]["name"] == "shop_daily.clean_orders"
    assert of_task["run"]["facets"]["parent"]["run"] == {"runId": of_dag_run["run"]["runId"]}
    assert "worker-7: heartbeat timeout" in of_task["run"]["facets"]["errorMessage"]["message"]
    assert of_task["job"]["facets"]["ownership"]["owners"] == [{"name": "ana"}]


def test_its_run_is_the_one_that_its_start_told() -> None:
    told = {"end": {"states": [], "missed": [], "causes": [], "untold": [UNTOLD]}}
    [start] = interpret(Observation("airflow.task", 2, "", task(state="START", try_number=2, told={})))

    [end, _] = interpret(Observation("airflow.dag_run", 2, "", task(state="FAIL", told=told)))

    assert end["run"]["runId"] == start["run"]["runId"]


def test_the_database_is_asked_beside_the_pool_that_whoever_forks_takes_along(tmp_path: Path) -> None:
    shared = create_engine(f"sqlite:///{tmp_path}/airflow.db", poolclass=QueuePool, pool_size=1, max_overflow=0)
    Base.metadata.create_all(shared)
    settings = SimpleNamespace(engine=shared, Session=scoped_session(sessionmaker(bind=shared)))

    with shared.connect(), session_of_our_own(settings) as session:
        assert session.query(Run).all() == []
        assert session.get_bind().pool is not shared.pool
    shared.dispose()
