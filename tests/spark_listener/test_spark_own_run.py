"""The application's own run begins when it is listened to, and ends exactly once, as its program does."""

from __future__ import annotations

import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.guard import FailureLog
from riverhead_spark.code.script import arguments, script_facts
from riverhead_spark.ending import Ending
from riverhead_spark.own_run import OwnRun
from riverhead_spark.tap.details import Details, details_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

APPLICATION: dict[str, Any] = {
    "id": "local-1",
    "name": "app",
    "spark_version": "4.3.0",
    "namespace": "ns",
    "started": 1,
    "run_id": "r",
}
CONF = """spark.app.id=local-1
spark.app.name=Nightly
Load
spark.driver.host=10.0.0.7
spark.executor.memory=4g
spark.hadoop.fs.s3a.endpoint=http://store
spark.master=local[2]
spark.note=first
spark.executor.cores
spark.sql.shuffle.partitions=7"""


@pytest.fixture
def own_run(outbox: Any) -> Callable[..., OwnRun]:
    """Return a function that makes the run of an application whose context is stopped, or is not."""

    def make(
        *,
        is_stopped: bool = True,
        details: Callable[[], Details] | None = None,
        code: dict[str, Any] | None = None,
    ) -> OwnRun:
        known = details or (lambda: Details({"master": "local"}, {"spark.executor.memory": "4g"}))
        return OwnRun({**APPLICATION, "code": code}, outbox, known, lambda: is_stopped, FailureLog())

    return make


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make this process one that runs a script with arguments."""
    main = ModuleType("__main__")
    main.__file__ = str(tmp_path / "load.py")
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr("sys.argv", ["load.py", "--date", "2024-01-01", "x" * 5000])
    return tmp_path / "load.py"


def test_a_start_holds_who_the_application_is_and_what_its_script_was_given(
    own_run: Callable[..., OwnRun], outbox: Any, script: Path
) -> None:
    own_run(code=script_facts()).begin()

    (start,) = outbox.observations
    assert (start.kind, start.run_id, start.payload["phase"], start.payload["at"]) == (
        "spark.application",
        "r",
        "start",
        1,
    )
    assert start.payload["details"] == {"master": "local"}
    assert start.payload["parameters"]["spark.executor.memory"] == "4g"
    assert start.payload["parameters"]["arguments"][:2] == ["--date", "2024-01-01"]
    assert start.payload["application"]["code"] == {"path": str(script), "checkout": None}


def test_a_notebooks_own_arguments_are_nobodys_parameters(own_run: Callable[..., OwnRun], outbox: Any) -> None:
    own_run().begin()

    assert "arguments" not in outbox.observations[0].payload["parameters"]


def test_a_jvm_that_does_not_answer_costs_the_start_only_its_details(
    own_run: Callable[..., OwnRun], outbox: Any
) -> None:
    def gone() -> Details:
        raise ConnectionError("no JVM")

    own_run(details=gone).begin()

    assert "details" not in outbox.observations[0].payload


@pytest.mark.parametrize(
    ("ending", "told"),
    [(None, None), (Ending(0), {"code": 0}), (Ending(3), {"code": 3}), (Ending(None), {"code": None})],
)
def test_an_end_holds_how_the_program_left(
    own_run: Callable[..., OwnRun], outbox: Any, ending: Ending | None, told: object
) -> None:
    run = own_run(is_stopped=False)

    run.leave(ending)
    run.finish()

    assert outbox.observations[0].payload["ending"] == told


def test_an_error_that_nobody_caught_is_told_with_its_stack_and_without_secrets(
    own_run: Callable[..., OwnRun], outbox: Any
) -> None:
    run = own_run()
    with pytest.raises(ValueError, match="no orders") as caught:
        _fail()
    run.leave(Ending(1, caught.value))
    run.finish()

    told = outbox.observations[0].payload["ending"]["error"]
    assert told["class"] == "ValueError"
    assert told["message"].startswith("ValueError: no orders")
    assert "test_spark_own_run.py" in told["stack"]
    assert "hunter2" not in str(told)


def test_the_first_that_is_said_of_a_programs_end_counts(own_run: Callable[..., OwnRun], outbox: Any) -> None:
    run = own_run()

    run.leave(Ending(3))
    run.leave()
    run.finish()

    assert outbox.observations[0].payload["ending"] == {"code": 3}


def test_a_program_that_goes_on_without_spark_has_ended_its_application(
    own_run: Callable[..., OwnRun], outbox: Any
) -> None:
    own_run(is_stopped=True).finish()

    assert outbox.observations[0].payload["ending"] is None


def test_the_end_waits_for_a_context_that_is_still_stopping(own_run: Callable[..., OwnRun], outbox: Any) -> None:
    run = own_run(is_stopped=False)
    finishing = threading.Thread(target=run.finish)
    finishing.start()

    finishing.join(0.3)
    before = len(outbox.observations)
    run.leave(Ending(3))
    finishing.join(10)

    assert (before, outbox.observations[0].payload["ending"]) == (0, {"code": 3})


def test_an_application_is_told_in_the_official_agents_names_and_with_harmless_settings_alone() -> None:
    details = details_of(context_of(CONF))

    assert details.identity == {
        "master": "local[2]",
        "appName": "Nightly",
        "applicationId": "local-1",
        "driverHost": "10.0.0.7",
        "userName": "etl",
        "uiWebUrl": "http://driver:4040",
    }
    assert details.settings == {"spark.executor.memory": "4g", "spark.sql.shuffle.partitions": "7"}


def test_settings_that_somebody_asked_for_are_told_as_well() -> None:
    assert details_of(context_of(CONF), ["spark.note", "spark.nothing"]).settings["spark.note"] == "first"


@pytest.mark.parametrize("main", [None, ModuleType("__main__")], ids=["nothing", "a notebook"])
def test_a_notebook_runs_no_script(main: ModuleType | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", main)

    assert script_facts() is None


def test_arguments_are_bounded(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(arguments()[2]) == 2000
    monkeypatch.setattr("sys.argv", [str(script), *map(str, range(1000))])
    assert arguments() == [str(each) for each in range(100)]


def _fail() -> None:
    raise ValueError("no orders at postgres://me:hunter2@db/shop")


def context_of(conf: str) -> Any:
    """Return a SparkContext as far as its details are asked for."""
    java = SimpleNamespace(conf=lambda: SimpleNamespace(toDebugString=lambda: conf))
    return SimpleNamespace(
        _jsc=SimpleNamespace(sc=lambda: java), sparkUser=lambda: "etl", uiWebUrl="http://driver:4040"
    )
