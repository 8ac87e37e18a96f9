"""The door to what a task did: waiting for modules, a task's begin and end, and what hooks told Airflow's collector."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.seeing.imports import Awaited
from riverhead_airflow.seeing.reader import LineageReader
from riverhead_airflow.seeing.watching import Sightings, watch
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "canary-2f7c"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that nobody has imported yet."""
    name = "riverhead_awaited_module"
    (tmp_path / f"{name}.py").write_text("import this_is_not_there\n" if "broken" in tmp_path.name else "VALUE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = list(sys.meta_path)
    yield name
    assert sys.meta_path == before
    sys.modules.pop(name, None)


def test_a_module_is_told_of_when_somebody_imports_it(module: str) -> None:
    told: list[Any] = []
    Awaited(FailureLog(is_strict=True)).wait_for(module, told.append)
    assert told == []

    imported = importlib.import_module(module)

    assert told == [imported]
    assert imported.VALUE == 1
    assert imported.__spec__ is not None
    assert "exec_module" not in vars(imported.__spec__.loader)


def test_a_module_that_is_there_already_is_told_of_at_once(module: str) -> None:
    imported = importlib.import_module(module)
    told: list[Any] = []

    Awaited(FailureLog(is_strict=True)).wait_for(module, told.append)

    assert told == [imported]


def test_a_module_is_imported_whatever_becomes_of_watching_it(module: str) -> None:
    failures = FailureLog()

    def fail(_module: Any) -> None:
        raise RuntimeError

    Awaited(failures).wait_for(module, fail)

    assert importlib.import_module(module).VALUE == 1
    assert failures.counts == {"seeing what a module does": 1}


def test_a_broken_module_fails_as_ever(module: str) -> None:
    assert module  # its folder is named after this test, and what it imports is not there
    told: list[Any] = []
    Awaited(FailureLog(is_strict=True)).wait_for(module, told.append)

    with pytest.raises(ModuleNotFoundError, match="this_is_not_there"):
        importlib.import_module(module)

    assert told == []


class Collector:
    """Airflow's, of 3.2 and later."""

    def __init__(self) -> None:
        self.held = SimpleNamespace(inputs=[], outputs=[], extra=[])

    @property
    def collected_assets(self) -> Any:
        return self.held


class OlderCollector:
    """Airflow's, of 2.11."""

    def __init__(self, *inputs: Any) -> None:
        self.collected_datasets = SimpleNamespace(inputs=list(inputs), outputs=[])


class NoOpCollector:
    """Airflow's, where nobody reads."""


class SomeHook:
    """A hook that tells what it does."""

    conn_name_attr = "conn_id"
    conn_id = "lake"


def asset(uri: str, count: int = 1, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(asset=SimpleNamespace(uri=uri, **more), count=count, context=SomeHook())


def job(hook: Any, **value: Any) -> SimpleNamespace:
    return SimpleNamespace(key="sql_job", value=value, count=1, context=hook)


def sightings(collector: Any) -> Sightings:
    return Sightings(REDACTION, FailureLog(is_strict=True), lambda: collector)


def test_assets_that_hooks_told_of_in_this_task_are_taken() -> None:
    collector = Collector()
    collector.held.inputs.append(asset("s3://lake/of-the-task-before"))
    seeing = sightings(collector)
    seeing.begin()
    collector.held.inputs.append(asset("s3://lake/orders", 3, name="orders"))
    collector.held.outputs.append(asset("file:///tmp/a", extra={"rows": 7, "password": CANARY}))

    taken = seeing.taken()

    hook = f"{__name__}.SomeHook"
    assert taken["assets"]["inputs"] == [
        {"uri": "s3://lake/orders", "name": "orders", "count": 3, "hook": hook, "extra": {}}
    ]
    [output] = taken["assets"]["outputs"]
    assert output["extra"]["rows"] == "7"
    assert CANARY not in str(taken)


def test_a_secret_in_an_assets_uri_is_not_taken() -> None:
    collector = Collector()
    seeing = sightings(collector)
    seeing.begin()
    collector.held.inputs.append(asset(f"postgres://me:{CANARY}@shop/shop/public/orders"))

    taken = seeing.taken()

    assert CANARY not in str(taken)
    assert taken["assets"]["inputs"][0]["uri"].endswith("@shop/shop/public/orders")


def test_the_datasets_of_airflow_2_are_taken_like_assets() -> None:
    entry = SimpleNamespace(dataset=SimpleNamespace(uri="s3://lake/orders"), count=2, context=None)
    collectors = iter([None, OlderCollector(entry)])
    seeing = Sightings(REDACTION, FailureLog(is_strict=True), lambda: next(collectors))
    seeing.begin()

    assert seeing.taken()["assets"]["inputs"] == [
        {"uri": "s3://lake/orders", "name": None, "count": 2, "hook": None, "extra": {}}
    ]


def test_a_statement_that_only_its_hook_told_of_is_taken_with_what_it_told() -> None:
    collector = Collector()
    seeing = sightings(collector)
    seeing.begin()
    hook = SomeHook()
    collector.held.extra += [
        job(
            hook, sql="INSERT INTO a SELECT b FROM c", job_id="01ab", row_count=5, default_db="shop", default_schema="s"
        ),
        job(hook, sql="INSERT INTO a SELECT b FROM c", row_count=5),
        SimpleNamespace(key="something else", value="x", count=1, context=hook),
    ]

    [found] = seeing.taken()["statements"]

    assert (found["sql"], found["conn_id"], found["job_id"]) == ("INSERT INTO a SELECT b FROM c", "lake", "01ab")
    assert (found["rows"], found["is_failed"]) == (5, False)
    assert (found["default_db"], found["default_schema"]) == ("shop", "s")


def test_a_collector_that_collects_nothing_is_not_asked() -> None:
    seeing = sightings(NoOpCollector())
    seeing.begin()

    assert seeing.taken() == {"statements": [], "left_out": 0, "assets": {"inputs": [], "outputs": []}}


def test_what_was_not_begun_has_nothing_to_take() -> None:
    assert sightings(None).taken()["statements"] == []


def test_a_collector_that_fails_costs_only_what_it_knows() -> None:
    def fail() -> Any:
        raise RuntimeError

    failures = FailureLog()
    seeing = Sightings(REDACTION, failures, fail)
    seeing.begin()

    assert seeing.taken()["statements"] == []
    assert len(failures.counts) == 2


def test_a_process_watches_once(monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[Sightings] = []
    monkeypatch.setattr(Sightings, "watch", lambda seeing: watched.insert(0, seeing))
    monkeypatch.setattr("riverhead_airflow.seeing.watching._HERE", [])

    first = watch(REDACTION, FailureLog(), lambda: None)

    assert watch(REDACTION, FailureLog(), lambda: None) is first
    assert watched == [first]


def test_the_reader_that_airflow_asks_for_costs_nothing() -> None:
    assert LineageReader.__module__ == "riverhead_airflow.seeing.reader"
