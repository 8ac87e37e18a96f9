"""What one process keeps of what Airflow tells it, with a host made of plain objects."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from riverhead_airflow import macros, observer
from riverhead_airflow.listener import Listener, listeners_of
from riverhead_airflow.observer import Observer
from riverhead_airflow.settings import Choices
from riverhead_airflow.texts import Masker
from riverhead_airflow.understand import interpret
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.places import directory_for
from riverhead_emitter.spool.reader import segments_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from riverhead_airflow.snapshot import DagRunFacts, Origin
    from riverhead_emitter.emitter import Emitter

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
CANARY = "canary-2f7c"
USUAL = Choices()
URI = f"postgres://reader:{CANARY}@db.example/shop"


class PlainHost:
    """A host whose objects are namespaces; `asked` remembers each look-up of a connection."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.connection: Any = None
        self.is_going_on = False
        self.macros = SimpleNamespace()

    def release(self) -> str:
        return "3.3.2"

    def dag_run_end(self, dag_id: str, _run_id: str) -> Any:
        return {"states": [{"id": dag_id}], "missed": [], "causes": []}

    def task_instances(self) -> type | None:
        return None

    def macros_module(self) -> Any:
        return self.macros

    def triggered_by(self, _dag_run: object) -> str | None:
        return "ana"

    def bundle_of(self, _task_instance: object) -> tuple[str, str | None] | None:
        return ("dags-folder", None)

    def is_resumed(self, _task_instance: object) -> bool:
        return self.is_going_on

    def masked(self, text: str) -> str:
        return text.replace("known-to-airflow", "***")

    def is_task_process(self, component: object) -> bool:
        return component == "task"

    def is_task(self, task_instance: object) -> bool:
        return hasattr(task_instance, "task")

    def mark_of(self, task_instance: Any, previous_state: object, /) -> Any:
        return None if previous_state else getattr(task_instance, "mark", None)

    def listener_managers(self) -> list[Any]:
        return []

    def leave_dag_reading(self, listener: object) -> None: ...

    def lineage_collector(self) -> Any | None:
        return None

    def dag_run_of(self, task_instance: Any) -> Any:
        return task_instance.dag_run

    def outlet_events(self, task_instance: Any) -> Any | None:
        return getattr(task_instance, "outlet_events", None)

    def dag_run_facts(self, dag_run: Any, namespace: str, origin: Origin) -> DagRunFacts:
        return {
            "namespace": namespace,
            "dag_id": "shop",
            "run_id": dag_run.run_id,
            "run_type": "manual",
            "logical_date": NOON.isoformat(),
            "run_after": None,
            "clear_number": 0,
            "origin": origin,
        }

    def connection_of(self, conn_id: str) -> Any | None:
        self.asked.append(conn_id)
        return self.connection

    def connection_from(self, _conn_id: str, text: str) -> Any:
        kind, _, host = text.partition("://")
        return SimpleNamespace(conn_type=kind, host=host, port=None, schema=None, password=CANARY)


class Eye:
    """An observer over a list, with what a test needs of it."""

    def __init__(self, outbox: Any, chosen: Choices = USUAL) -> None:
        self.host = PlainHost()
        masker = Masker(self.host.masked)
        settings = settings_from({"OPENLINEAGE_NAMESPACE": "ns", "HOME": "/home"})
        outbox.settings = replace(settings, redaction=settings.redaction.with_masker(masker))
        outbox.failures = FailureLog()
        outbox.drained, outbox.left = [], []
        outbox.drain_at_end = outbox.drained.append
        outbox.start_drainer = lambda idle_seconds=None: outbox.left.append(idle_seconds)
        self.outbox = outbox
        self.observer = Observer(self.host, cast("Emitter", outbox), masker, chosen)

    @property
    def last(self) -> Any:
        return self.outbox.observations[-1].payload


@pytest.fixture
def eye(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> Eye:
    for name in ("OPENLINEAGE_PARENT_ID", "OPENLINEAGE_ROOT_PARENT_ID", "AIRFLOW_CONN_DB"):
        monkeypatch.delenv(name, raising=False)
    return Eye(outbox)


def task(**operator: Any) -> SimpleNamespace:
    return SimpleNamespace(
        task_id="clean",
        try_number=2,
        map_index=-1,
        start_date=NOON,
        end_date=None,
        dag_run=SimpleNamespace(run_id="manual__1", conf=None, start_date=NOON, end_date=None),
        task=SimpleNamespace(**operator),
    )


def test_a_start_is_observed_at_its_own_time_and_asks_no_connection(eye: Eye) -> None:
    eye.observer.task_starts(task(sql="SELECT 1", conn_id="db"))

    assert eye.last["time"] == NOON.isoformat()
    assert eye.last["address"] is None
    assert eye.host.asked == []


def test_a_connection_in_the_environment_is_known_at_once(eye: Eye, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DB", "duckdb:///data/shop.duckdb")

    eye.observer.task_starts(task(sql="SELECT 1", conn_id="db"))

    assert eye.last["address"]["host"] == "/data/shop.duckdb"
    assert eye.host.asked == []


def test_an_end_asks_for_a_connection_that_nobody_kept(eye: Eye) -> None:
    eye.host.connection = SimpleNamespace(
        conn_type="postgres", host="db", port="5432", schema="shop", login="reader", password=CANARY, extra=CANARY
    )

    eye.observer.task_ends(task(sql=["SELECT 1"], conn_id="db"), "COMPLETE")

    unsaid = {"schema": None, "account": None, "region": None}
    address = {"conn_id": "db", "kind": "postgres", "host": "db", "port": 5432, "name": "shop", **unsaid}
    assert eye.last["address"] == address
    assert CANARY not in str(eye.last)


def test_a_hook_that_has_worked_is_asked_first(eye: Eye) -> None:
    connection = SimpleNamespace(conn_type="sqlite", host="/a.db", port=None, schema=None)
    operator = {"sql": "SELECT 1", "conn_id": "db", "_hook": SimpleNamespace(_connection=connection)}

    eye.observer.task_ends(task(**operator), "COMPLETE")

    assert eye.last["address"]["host"] == "/a.db"
    assert eye.host.asked == []


def test_a_task_without_sql_asks_for_nothing(eye: Eye) -> None:
    eye.observer.task_ends(task(conn_id="db"), "COMPLETE")

    assert eye.last["sql"] == []
    assert eye.host.asked == []


def test_an_error_is_kept_with_its_stack_and_without_its_secrets(eye: Eye) -> None:
    with pytest.raises(ValueError, match="refused") as raised:
        raise ValueError(f"{URI} refused known-to-airflow")

    eye.observer.task_ends(task(), "FAIL", raised.value)

    failure = eye.last["failure"]
    assert failure["message"] == "ValueError: postgres://***@db.example/shop refused ***"
    assert "test_an_error_is_kept" in failure["stack"]
    assert CANARY not in str(failure)


def test_why_a_dag_run_failed_is_kept_without_what_airflow_hides(eye: Eye) -> None:
    eye.observer.bystander.dag_run_changes(task().dag_run, "FAIL", "known-to-airflow was refused")
    eye.observer.component_stops("scheduler")

    assert eye.last["failure"]["message"] == "*** was refused"


def test_huge_facts_are_cut_and_say_so(eye: Eye) -> None:
    eye.observer.task_ends(task(sql="x" * 10_000_000), "FAIL", ValueError("y" * 1_000_000))

    assert eye.last["is_sql_cut"]
    assert len(str(eye.last)) < 400_000


def test_a_secret_that_the_cut_goes_through_is_gone_too(eye: Eye) -> None:
    padding = "x" * ((256 << 10) - 30)

    eye.observer.task_ends(task(sql=f"{padding} {URI}"), "COMPLETE")

    assert "canary" not in eye.last["sql"][0]


def test_an_error_that_cannot_be_read_costs_only_itself(eye: Eye) -> None:
    class Sulking(Exception):  # noqa: N818 - a test's own
        def __str__(self) -> str:
            raise RuntimeError

    eye.observer.task_ends(task(), "FAIL", Sulking())

    assert eye.last["state"] == "FAIL"
    assert eye.last["failure"] is None
    assert eye.outbox.failures.counts == {"reading a task's error": 1}


def test_a_child_inherits_the_running_task_until_its_end(eye: Eye) -> None:
    eye.observer.task_starts(task())
    inherited = os.environ["OPENLINEAGE_PARENT_ID"]
    eye.observer.task_ends(task(), "COMPLETE")

    assert inherited == f"ns/shop.clean/{eye.outbox.observations[0].run_id}"
    assert "OPENLINEAGE_PARENT_ID" not in os.environ
    assert eye.last["origin"] == {"parent": None, "root": None}


def test_start_and_end_are_of_the_same_run(eye: Eye) -> None:
    eye.observer.task_starts(task())
    eye.observer.task_ends(task(), "COMPLETE")

    first, second = eye.outbox.observations
    assert first.run_id == second.run_id


def test_a_row_that_somebody_marked_by_hand_is_not_taken_for_a_task(eye: Eye) -> None:
    eye.observer.task_ends(SimpleNamespace(), "FAIL", "state changed externally")

    assert eye.outbox.observations == []


def marked(state: str) -> SimpleNamespace:
    """The row of a task as an API server has it: with a mark, and without its operator."""
    row = task()
    del row.task
    return SimpleNamespace(**vars(row), operator="BashOperator", mark=state)


def test_who_marks_a_task_by_hand_is_heard_and_ends_no_run(eye: Eye) -> None:
    eye.observer.task_ends(marked("success"), "COMPLETE", before=None)

    assert (eye.last["state"], eye.last["told"]["marked"]) == ("OTHER", "success")
    assert eye.outbox.left == [60.0]


def test_a_row_that_the_scheduler_gives_up_is_left_to_the_dag_runs_end(eye: Eye) -> None:
    eye.observer.task_ends(marked("failed"), "FAIL", before="running")

    assert eye.outbox.observations == []


def test_only_a_tasks_own_process_leaves_a_drainer_when_it_stops(eye: Eye) -> None:
    eye.observer.component_stops("scheduler")
    eye.observer.component_stops("task")

    assert eye.outbox.left == [60.0]
    assert eye.outbox.drained == []


def test_the_start_of_a_task_of_hours_is_sent_while_it_works(eye: Eye) -> None:
    eye.observer.task_starts(task())

    assert eye.outbox.left == [60.0]


def test_a_task_that_may_leave_no_drainer_tries_once_and_shortly(eye: Eye) -> None:
    eye.outbox.settings = settings_from({"RIVERHEAD_START_DRAINER": "false", "HOME": "/home"})

    eye.observer.component_stops("task")

    assert eye.outbox.left == []
    assert eye.outbox.drained == [0.1]


def test_a_task_whose_spool_ends_with_it_sends_by_itself(eye: Eye) -> None:
    eye.outbox.settings = settings_from({"RIVERHEAD_SPOOL_EPHEMERAL": "true", "HOME": "/home"})

    eye.observer.component_stops("scheduler")
    eye.observer.component_stops("task")

    assert eye.outbox.left == []
    assert eye.outbox.drained == [0.1]


def test_a_task_that_skips_itself_ends(eye: Eye) -> None:
    listener = Listener()
    listener._observer = eye.observer

    listener.on_task_instance_running(task_instance=task())
    listener.on_task_instance_skipped("running", task_instance=task())

    assert eye.last["state"] == "COMPLETE"
    assert eye.last["end_time"] is not None


def test_an_asset_that_is_filled_from_outside_is_told_and_that_of_a_task_is_not(eye: Eye) -> None:
    listener = Listener()
    listener._observer = eye.observer
    asset = SimpleNamespace(uri="s3://lake/raw", name="raw", group="asset")

    listener.on_asset_event_emitted(SimpleNamespace(asset=asset, source_task_id="load"))
    assert eye.outbox.observations == []
    listener.on_asset_event_emitted(SimpleNamespace(asset=asset, source_task_id=None))

    [event] = interpret(eye.outbox.observations[-1])
    assert (event["dataset"]["namespace"], event["dataset"]["name"]) == ("s3://lake", "raw")
    assert event["dataset"]["facets"]["riverhead_freshness"]["deliveryTime"] == event["eventTime"]


def test_only_the_hooks_that_not_every_release_has_may_be_missing_in_a_host() -> None:
    hooks = {name: getattr(hook, "airflow_impl", {}) for name, hook in vars(Listener).items()}

    assert [name for name, how in hooks.items() if how.get("optionalhook")] == [
        *("on_task_instance_skipped", "on_asset_event_emitted"),
    ]


def test_what_cannot_be_read_of_the_configuration_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sections = {"openlineage": {"transport": "no JSON"}, "riverhead": {"spool_dir": str(tmp_path), "spool": 1}}
    monkeypatch.setattr(observer, "home", lambda: "/air")
    monkeypatch.setattr(observer, "section", sections.__getitem__)
    monkeypatch.setattr(observer, "this_host", PlainHost)

    observer.observer_here().task_starts(task())

    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "unknown setting [riverhead] spool in airflow.cfg" in said[0]
    assert "[openlineage] transport in airflow.cfg must be" in said[1]
    assert said[1].endswith("records wait in the spool")
    assert segments_in(directory_for(tmp_path, [])) != []


def observer_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **riverhead: object) -> Observer:
    sections = {"openlineage": {"namespace": "ns"}, "riverhead": {"spool_dir": str(tmp_path), **riverhead}}
    monkeypatch.setattr(observer, "home", lambda: "/air")
    monkeypatch.setattr(observer, "section", sections.__getitem__)
    monkeypatch.setattr(observer, "this_host", PlainHost)
    return observer.observer_here()


def kept_in(tmp_path: Path) -> str:
    return "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_what_airflow_hides_reaches_neither_the_spool_nor_the_log_of_failures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE__FACETS__ENVIRONMENT_VARIABLES", "REGION")
    monkeypatch.setenv("REGION", "in-known-to-airflow")
    watching = observer_with(monkeypatch, tmp_path)

    watching.task_ends(task(sql="SELECT 'known-to-airflow'"), "FAIL", ValueError("known-to-airflow"))
    watching.failures.record("testing", ValueError("it was known-to-airflow"))

    assert "known-to-airflow" not in kept_in(tmp_path)
    assert "in-***" in kept_in(tmp_path)
    assert "it was ***" in kept_in(tmp_path)


def test_a_run_keeps_its_names_although_a_password_is_called_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlainHost, "masked", lambda _self, text: text.replace("shop", "***").replace("airflow", "***"))
    monkeypatch.setenv("AIRFLOW_CONN_DB", "duckdb:///data/shop.duckdb")
    watching = observer_with(monkeypatch, tmp_path)

    watching.task_ends(task(sql="SELECT 'shop'", conn_id="db"), "COMPLETE")

    [_start, line] = [line for line in kept_in(tmp_path).splitlines() if "airflow.task" in line]
    record = json.loads(line[line.index("{") :])
    assert (record["kind"], record["payload"]["dag_id"]) == ("airflow.task", "shop")
    assert record["payload"]["address"]["host"] == "/data/shop.duckdb"
    assert record["payload"]["sql"] == ["SELECT '***'"]


def test_a_pattern_of_the_user_finds_a_secret_that_the_cut_would_go_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = observer_with(monkeypatch, tmp_path, redact_patterns="ticket-[0-9]{8}")
    padding = "x" * ((256 << 10) - 14)

    watching.task_ends(task(sql=f"{padding} ticket-12345678 {padding}"), "COMPLETE")

    assert "ticket-" not in kept_in(tmp_path)


def test_a_failure_of_ours_stays_in_the_listener(eye: Eye, caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    listener._observer = eye.observer

    listener.on_task_instance_running(task_instance=SimpleNamespace(task=None))

    assert eye.outbox.failures.counts == {"observing a task's start": 1}
    assert "the pipeline is not affected" in caplog.text


def test_a_time_out_of_airflows_own_passes_through(eye: Eye, monkeypatch: pytest.MonkeyPatch) -> None:
    class TaskTimeout(BaseException):
        """As Airflow's, deliberately no Exception."""

    def late(_task_instance: object) -> None:
        raise TaskTimeout

    listener = Listener()
    listener._observer = eye.observer
    monkeypatch.setattr(eye.observer, "task_starts", late)

    with pytest.raises(TaskTimeout):
        listener.on_task_instance_running(task_instance=task())


def test_what_a_run_was_given_as_a_secret_is_hidden_wherever_a_template_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = observer_with(monkeypatch, tmp_path)
    running = task(sql=f"-- {CANARY}-conf", params={"token": f"{CANARY}-param"})
    running.dag_run.conf = {"db": {"password": f"{CANARY}-conf"}, "api_secret": f"{CANARY}-list", "password": "a"}

    watching.task_starts(running)
    watching.task_ends(running, "FAIL", RuntimeError(f"{CANARY}-list and {CANARY}-param were refused by a"))

    assert CANARY not in kept_in(tmp_path)
    assert "were refused by a" in kept_in(tmp_path)


def test_the_stack_of_an_endless_error_still_says_where(eye: Eye) -> None:
    def fails_endlessly() -> None:
        raise ValueError("y" * 2_000_000)

    with pytest.raises(ValueError, match="yyy") as raised:
        fails_endlessly()

    eye.observer.task_ends(task(), "FAIL", raised.value)

    assert "in fails_endlessly" in eye.last["failure"]["stack"]
    assert len(eye.last["failure"]["stack"]) < 20_000


def test_an_asset_that_is_added_to_an_alias_while_the_task_works_is_one_of_its_outlets(eye: Eye) -> None:
    in_3 = SimpleNamespace(dest_asset_key=SimpleNamespace(name="y", uri="s3://lake/y"))
    in_2 = SimpleNamespace(dest_dataset_uri="s3://lake/x")
    running = task(outlets=[SimpleNamespace(uri="s3://lake/z")])
    added = {"a": SimpleNamespace(asset_alias_events=[in_3]), "b": SimpleNamespace(dataset_alias_events=[in_2])}
    running.outlet_events = SimpleNamespace(_dict=added)

    eye.observer.task_starts(running)
    before = eye.last["told"]["assets"]["outputs"]
    eye.observer.task_ends(running, "COMPLETE")

    assert before == [{"uri": "s3://lake/z"}]
    assert [asset["uri"] for asset in eye.last["told"]["assets"]["outputs"]] == [
        *("s3://lake/z", "s3://lake/y", "s3://lake/x")
    ]


class OfficialListener:
    """Stands for the provider's."""

    __module__ = "airflow.providers.openlineage.plugins.listener"


def with_the_provider(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    heard: list[Any] = [OfficialListener()]
    manager = SimpleNamespace(
        pm=SimpleNamespace(get_plugins=lambda: heard, get_hookcallers=lambda _: None, unregister=heard.remove)
    )
    monkeypatch.setattr(PlainHost, "listener_managers", lambda _self: [manager])
    return heard


def test_the_official_listener_is_taken_out_where_no_component_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = with_the_provider(monkeypatch)

    observer_with(monkeypatch, tmp_path)

    assert heard == []


def test_the_official_listener_is_taken_out_of_a_manager_that_is_made_later_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    watching = observer_with(monkeypatch, tmp_path)
    listener = Listener()
    listener._observer = watching
    told: list[list[Any]] = []
    heard = with_the_provider(monkeypatch)
    monkeypatch.setattr(watching.bystander, "dag_run_changes", lambda *_: told.append(list(heard)))

    listener.on_dag_run_running(dag_run=None)
    heard.append(OfficialListener())
    listener.on_dag_run_success(dag_run=None)

    assert told == [[], []]
    assert caplog.text.count("took out the official OpenLineage listener") == 1


def test_who_is_told_to_defer_to_the_official_listener_stands_aside_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard = with_the_provider(monkeypatch)
    monkeypatch.setenv("RIVERHEAD_DEFER_TO_PROVIDER", "true")
    caplog.set_level("INFO")

    watching = observer_with(monkeypatch, tmp_path)
    watching.live_beside_provider()
    is_task = watching.component_starts("task")

    assert len(heard) == 1
    assert watching.is_disabled
    assert not is_task
    assert caplog.text.count("stands aside") == 1


def test_switched_off_it_sees_nothing(eye: Eye) -> None:
    eye.observer.is_disabled = True
    listener = Listener()
    listener._observer = eye.observer

    listener.on_task_instance_running(task_instance=task())

    assert eye.outbox.observations == []
    assert "OPENLINEAGE_PARENT_ID" not in os.environ


def test_a_task_leaves_a_will_that_its_end_revokes(eye: Eye) -> None:
    eye.observer.task_starts(task())
    eye.observer.task_ends(task(), "COMPLETE")

    start, end = eye.outbox.observations
    assert start.will.changes["state"] == "FAIL"
    assert set(start.will.times) == {"time", "end_time"}
    assert (end.will, end.is_last) == (None, True)


def test_a_task_that_fails_before_its_work_has_a_start_and_one_end(eye: Eye) -> None:
    eye.observer.task_ends(task(), "FAIL", ValueError("'ds' is undefined"))

    start, end = eye.outbox.observations
    assert [start.payload["state"], end.payload["state"]] == ["START", "FAIL"]
    assert start.run_id == end.run_id
    assert end.is_last


def test_an_end_that_cannot_be_read_is_told_nevertheless(eye: Eye, monkeypatch: pytest.MonkeyPatch) -> None:
    eye.observer.task_starts(task())
    monkeypatch.setattr(eye.host, "dag_run_of", lambda _of: 1 / 0)

    eye.observer.task_ends(task(), "COMPLETE")

    start, end = eye.outbox.observations
    assert (end.run_id, end.payload["state"], end.is_last) == (start.run_id, "COMPLETE", True)
    assert end.payload["time"] > start.payload["time"]


def test_a_task_that_goes_on_has_not_started_again(eye: Eye) -> None:
    eye.host.is_going_on = True

    eye.observer.task_starts(task())

    assert eye.last["state"] == "RUNNING"
    assert eye.last["time"] > NOON.isoformat()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("skipped", "COMPLETE"),
        ("success", "COMPLETE"),
        ("failed", "FAIL"),
        ("deferred", "RUNNING"),
        ("up_for_reschedule", "RUNNING"),
        ("awaiting_input", "RUNNING"),
    ],
)
def test_a_task_of_whose_end_airflow_tells_nobody_is_not_left_to_its_will(eye: Eye, state: str, told: str) -> None:
    instance = task()
    eye.observer.task_starts(instance)
    instance.state = state

    eye.observer.component_stops("task")
    eye.observer.component_stops("task")

    _, end = eye.outbox.observations
    assert (end.payload["state"], end.is_last) == (told, True)


def test_a_task_whose_process_gives_up_halfway_is_left_to_its_will(eye: Eye) -> None:
    instance = task()
    eye.observer.task_starts(instance)
    instance.state = "running"

    eye.observer.component_stops("task")

    [start] = eye.outbox.observations
    assert start.will is not None


def test_templates_find_the_macros_where_the_providers_were(eye: Eye, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_airflow.host.this_host", lambda: eye.host)
    monkeypatch.setattr(macros, "_namespace", lambda: "ns")
    eye.observer.component_starts("task")
    eye.observer.task_starts(task())
    run_id = eye.outbox.observations[-1].run_id

    theirs = eye.host.macros.OpenLineageProviderPlugin

    assert theirs.lineage_run_id(task()) == run_id
    assert theirs.lineage_parent_id(task()) == os.environ["OPENLINEAGE_PARENT_ID"] == f"ns/shop.clean/{run_id}"
    assert theirs.lineage_root_parent_id(task()) == os.environ["OPENLINEAGE_ROOT_PARENT_ID"]
    root = (
        theirs.lineage_root_job_namespace(task()),
        theirs.lineage_root_job_name(task()),
        theirs.lineage_root_run_id(task()),
    )
    assert "/".join(root) == theirs.lineage_root_parent_id(task())
    assert (theirs.lineage_job_namespace(), theirs.lineage_job_name(task())) == ("ns", "shop.clean")
    eye.observer.task_ends(task(), "COMPLETE")


def test_macros_that_the_provider_has_put_there_stay(eye: Eye) -> None:
    eye.host.macros.OpenLineageProviderPlugin = "theirs"

    eye.observer.component_starts("task")

    assert eye.host.macros.OpenLineageProviderPlugin == "theirs"


def test_an_operator_that_is_to_be_left_alone_is(outbox: Any) -> None:
    eye = Eye(outbox, Choices(silent_operators=frozenset({"types.SimpleNamespace"})))

    eye.observer.task_starts(task())
    eye.observer.task_ends(task(), "COMPLETE")
    eye.observer.component_stops("task")

    assert eye.outbox.observations == []


def test_source_code_that_is_not_to_be_told_is_not_read(outbox: Any) -> None:
    eye = Eye(outbox, Choices(is_code_told=False))

    eye.observer.task_starts(task(bash_command="echo hidden"))

    assert "hidden" not in json.dumps(eye.last)


def test_dag_runs_are_observed_too(eye: Eye) -> None:
    listener: Any = Listener()
    listener._observer = eye.observer
    dag_run = task().dag_run

    hooks: list[Callable[[], None]] = [
        lambda: listener.on_dag_run_running(dag_run=dag_run),
        lambda: listener.on_dag_run_failed(dag_run=dag_run, msg="task_failure"),
        lambda: listener.before_stopping(component="scheduler"),
    ]
    for hook in hooks:
        hook()

    assert [kept.payload["state"] for kept in eye.outbox.observations] == ["START", "FAIL"]
    assert eye.last["failure"]["message"] == "task_failure"
    assert eye.last["told"]["end"]["states"] == [{"id": "shop"}]


def test_a_tasks_process_reads_its_dag_file_unwatched(eye: Eye, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[object] = []
    monkeypatch.setattr(eye.host, "leave_dag_reading", left.append)
    [*_, listener] = registered = listeners_of(["airflow", "celery", "worker"])
    listener._observer = eye.observer

    listener.on_starting(component="scheduler")
    is_kept_in_a_scheduler = listener in registered
    listener.on_starting(component="task")

    assert is_kept_in_a_scheduler
    assert left == [listener]
    assert registered == []


@pytest.mark.parametrize(
    ("component", "argv", "loaded"), [("scheduler", "scheduler", 1), ("task", "scheduler", 0), ("job", "tasks", 0)]
)
def test_what_tasks_need_is_loaded_in_a_scheduler_before_it_forks_them(
    eye: Eye, monkeypatch: pytest.MonkeyPatch, component: str, argv: str, loaded: int
) -> None:
    times: list[None] = []
    monkeypatch.setattr("sys.argv", ["airflow", argv])
    monkeypatch.setattr(observer, "_FIRST_PID", os.getpid())
    monkeypatch.setattr(observer, "load_ahead", lambda: times.append(None))

    eye.observer.component_starts(component)

    assert len(times) == loaded
