"""The fallback's own bookkeeping, with a JVM that is a few plain objects."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from riverhead_emitter.guard import FailureLog
from riverhead_spark.tap import fallback, walk


class FakeQueue:
    """A queue of the JVM's."""

    def __init__(self, *events: Any) -> None:
        self.events = list(events)

    def peek(self) -> Any:
        """Return the next event, or None."""
        return self.events[0] if self.events else None

    def remove(self, event: Any) -> bool:
        """Let go of this event, if it is there."""
        is_there = event in self.events
        if is_there:
            self.events.remove(event)
        return is_there


class FakeJvm:
    """A JVM that hands out these events, with a context that goes on until it is stopped."""

    def __init__(self, *events: Any) -> None:
        self.queue = FakeQueue(*events)
        self.removed: list[object] = []
        self.is_stopped = False
        bus = SimpleNamespace(addToQueue=lambda *_: None, waitUntilEmpty=lambda _: None)
        loader = SimpleNamespace(loadClass=lambda name: name)
        self.spark_context = SimpleNamespace(
            listenerBus=lambda: bus,
            getClass=lambda: SimpleNamespace(getClassLoader=lambda: loader),
            isStopped=lambda: self.is_stopped,
            removeSparkListener=self.removed.append,
        )

    def class_named(self, name: str) -> Any:
        """Return what stands for a class."""
        known: dict[str, Any] = {
            "java.util.concurrent.LinkedBlockingQueue": lambda _: self.queue,
            "java.beans.EventHandler": SimpleNamespace(create=lambda *_: "listener"),
            "org.apache.spark.sql.execution.SQLExecution": SimpleNamespace(getQueryExecution=lambda _: None),
        }
        return known.get(name)


def some(value: Any) -> Any:
    return SimpleNamespace(isDefined=lambda: value is not None, get=lambda: value)


def event(kind: str, id_: int = 0, **more: Any) -> Any:
    facts = {
        "executionId": id_, "time": 1_700_000_000_000, "details": "collect at job.py:3", "description": "d",
        "rootExecutionId": some(None), "executionName": some("collect"), "executionFailure": some(None), "qe": None,
        "sparkPlanInfo": SimpleNamespace(nodeName=lambda: "Project"), **more,
    }  # fmt: skip
    calls = {name: (lambda value=value: value) for name, value in facts.items()}
    return SimpleNamespace(getClass=lambda: SimpleNamespace(getSimpleName=lambda: kind), **calls)


def start(id_: int, **more: Any) -> Any:
    return event("SparkListenerSQLExecutionStart", id_, **more)


def end(id_: int, **more: Any) -> Any:
    return event("SparkListenerSQLExecutionEnd", id_, **more)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes a fallback on these events, and the JVM behind it."""

    def listen(*events: Any, failures: FailureLog | None = None) -> tuple[fallback.Fallback, FakeJvm]:
        jvm = FakeJvm(*events)
        monkeypatch.setattr(fallback, "Jvm", lambda _: jvm)
        monkeypatch.setattr(fallback, "_WAIT_SECONDS", 0)
        return fallback.Fallback(None, failures or FailureLog(is_strict=True)), jvm

    return listen


def taken(tap: fallback.Fallback) -> list[dict[str, Any]]:
    tap.leave(0)
    found: list[dict[str, Any]] = []
    while (records := tap.poll()) is not None:
        found += records
    return found


def test_an_execution_is_a_start_and_an_end_and_other_events_are_none(listening: Any) -> None:
    tap, _ = listening(start(4), event("SparkListenerSQLAdaptiveExecutionUpdate"), end(4))

    records = taken(tap)

    assert [(record["what"], record["id"], record["root"]) for record in records] == [("start", 4, 4), ("end", 4, 4)]
    assert records[1]["action"] == "collect"


def test_a_nested_execution_without_a_command_says_nothing_more_and_names_its_root(listening: Any) -> None:
    tap, _ = listening(start(1), start(2, rootExecutionId=some(1)), end(2), end(1))

    assert [(record["what"], record["root"]) for record in taken(tap)] == [("start", 1), ("end", 1), ("end", 1)]


def test_reading_a_schema_is_no_execution_of_anybodys(listening: Any) -> None:
    tap, _ = listening(start(1, details="org.apache.spark.sql.DataFrameReader.csv\nat job.py:1"), end(1))

    assert taken(tap) == []


def test_what_a_full_queue_let_go_of_is_missing_from_the_row_of_numbers(listening: Any) -> None:
    tap, _ = listening(start(7), start(10), end(7))

    assert taken(tap)[-1]["dropped"] == 2


def test_executions_that_start_out_of_order_are_no_loss(listening: Any) -> None:
    tap, _ = listening(start(8), start(7), end(7))

    assert "dropped" not in taken(tap)[-1]


def test_what_is_asked_for_twice_costs_no_other_one(listening: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tap, jvm = listening(start(1), end(1), start(2), end(2))
    peek, remove = jvm.queue.peek, jvm.queue.remove
    # As py4j does where the first answer is lost.
    monkeypatch.setattr(jvm.queue, "peek", lambda: (peek(), peek())[-1])
    monkeypatch.setattr(jvm.queue, "remove", lambda event: (remove(event), remove(event))[-1])

    assert [(record["what"], record["id"]) for record in taken(tap)] == [
        ("start", 1), ("end", 1), ("start", 2), ("end", 2),
    ]  # fmt: skip


def test_an_execution_that_cannot_be_asked_for_costs_no_other_one(listening: Any) -> None:
    failures = FailureLog()
    tap, _ = listening(start(1, sparkPlanInfo=None), end(1), start(2), end(2), failures=failures)

    assert [(record["what"], record["id"]) for record in taken(tap)] == [("start", 2), ("end", 2)]
    assert failures.counts == {"asking for a plan": 1}


def test_a_stopped_application_ends_the_listening(listening: Any) -> None:
    tap, jvm = listening()
    assert tap.poll() == []

    jvm.is_stopped = True

    assert tap.poll() is None


def test_what_comes_between_two_looks_is_taken_before_the_leaving(
    listening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap, jvm = listening(start(1))
    assert [record["what"] for record in tap.poll()] == ["start"]
    monkeypatch.setattr(fallback, "_WAIT_SECONDS", 60)
    peek = jvm.queue.peek

    def empty_then_left() -> None:
        """Find nothing; by the next look, the query has ended and the listening was left."""
        monkeypatch.setattr(jvm.queue, "peek", peek)
        jvm.queue.events.append(end(1))
        tap.leave(0)

    monkeypatch.setattr(jvm.queue, "peek", empty_then_left)

    assert tap.poll() == []
    assert [record["what"] for record in tap.poll()] == ["end"]
    assert tap.poll() is None


def test_leaving_takes_the_listener_off_the_bus(listening: Any) -> None:
    tap, jvm = listening()

    tap.leave(1)

    assert jvm.removed == ["listener"]


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        ("integer", "int"),
        ("decimal(10,2)", "decimal(10,2)"),
        ({"type": "array", "elementType": "long", "containsNull": True}, "array<bigint>"),
        ({"type": "map", "keyType": "string", "valueType": "short"}, "map<string,smallint>"),
        ({"type": "struct", "fields": [{"name": "a", "type": "byte"}]}, "struct<a:tinyint>"),
        ({"type": "udt", "sqlType": {"type": "array", "elementType": "double"}}, "array<double>"),
    ],
)
def test_a_type_is_written_as_in_sql(said: Any, type_: str) -> None:
    assert walk._type(said) == type_


def test_the_names_of_a_case_class_are_its_final_fields_in_order() -> None:
    declared = (
        "private scala.Seq org.apache.Project.constraints",
        "private final scala.Seq org.apache.Project.projectList",
        "public static final int org.apache.Project.most",
        "private final org.apache.Plan org.apache.Project.child",
    )

    assert list(walk._final_fields("\x01".join(declared))) == ["projectList", "child"]


def test_the_output_of_a_node_is_read_from_its_text() -> None:
    text = "id#12L\x01a name # with#3 marks#4\x01when#5-T5000ms"
    plan = SimpleNamespace(output=lambda: SimpleNamespace(mkString=lambda _: text))

    assert walk._output(plan) == [("id", 12), ("a name # with#3 marks", 4), ("when", 5)]
