"""Whoever hides the literals of SQL hides them in the expressions of plans, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.settings import settings_from
from riverhead_spark.executions import Actions
from riverhead_spark.following import Listening
from riverhead_spark.literals import hide_literals

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_spark.tap.poll import Tap


class OneRecord:
    """A tap with one record, after which the application ends."""

    def __init__(self, record: dict[str, Any]) -> None:
        self._batches: list[list[dict[str, Any]]] = [[record]]

    def poll(self) -> list[dict[str, Any]] | None:
        return self._batches.pop() if self._batches else None

    def leave(self, seconds: float) -> None:
        del seconds


def test_a_quoted_value_is_masked_and_the_rest_of_the_text_stays() -> None:
    record = _record("((status = 'A') AND (amount > 5))")

    hide_literals(record)

    assert record["plan"]["nodes"][0]["f"]["condition"]["s"] == "((status = '***') AND (amount > 5))"


def test_texts_of_inner_expressions_are_masked_too() -> None:
    part = {"e": "EqualTo", "s": "(a = 'secret')"}
    record = {"plan": {"nodes": [{"n": "Filter", "ch": [], "f": {"conditions": [{"e": "And", "k": [part]}]}}]}}

    hide_literals(record)

    assert "secret" not in json.dumps(record)


def test_a_record_without_a_plan_stays_as_it_is() -> None:
    record = {"what": "end"}

    hide_literals(record)

    assert record == {"what": "end"}


def test_only_who_hides_sqls_literals_hides_those_of_expressions(tmp_path: Path) -> None:
    kept, hidden = (_spooled(tmp_path / hides, hides) for hides in ("false", "true"))

    assert "'very private'" in kept
    assert "very private" not in hidden


def _spooled(folder: Path, hides: str) -> str:
    environment = {"RIVERHEAD_SPOOL_DIR": str(folder), "RIVERHEAD_REDACT_SQL_LITERALS": hides}
    emitter = Emitter(settings_from(environment))
    listening = Listening(
        cast("Tap", OneRecord(_record("(name = 'very private')"))),
        emitter,
        Actions({"id": "local-1", "name": "a", "spark_version": "4.0.1", "namespace": "n"}),
        FailureLog(is_strict=True),
    )
    listening.close()
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


def _record(text: str) -> dict[str, Any]:
    node = {"n": "Filter", "ch": [], "f": {"condition": {"e": "EqualTo", "k": [1, None], "s": text}}}
    plan = {"nodes": [node], "attributes": {}, "cut": 0}
    return {"what": "end", "id": 1, "root": 1, "started": 1, "ended": 2, "node": "x", "plan": plan}
