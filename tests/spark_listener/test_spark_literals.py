"""Whoever hides the literals of SQL hides them in the expressions of plans, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.settings import settings_from
from riverhead_spark.executions import Actions
from riverhead_spark.following import Listening
from riverhead_spark.literals import hide_literals, hide_options

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


def test_the_part_of_a_query_that_failed_is_masked_too() -> None:
    record = {"what": "end", "error": {"class": "ArithmeticException", "fragment": "CAST('secret' AS INT)"}}

    hide_literals(record)

    assert record["error"] == {"class": "ArithmeticException", "fragment": "CAST('***' AS INT)"}


def test_in_double_quotes_spark_has_literals_and_no_names() -> None:
    record = {"sql": 'select "it\'s a secret" a, `it"s` b -- secret\nfrom t where c = "secret"'}

    hide_literals(record)

    assert record["sql"] == 'select "***" a, `it"s` b -- ***\nfrom t where c = "***"'


@pytest.mark.parametrize(
    "option",
    [
        'password "CANARY"',
        "password 'CANARY'",
        "'password' 'CANARY'",
        '"sfPassword" "CAN\\"ARY"',
        "`fs.s3a.secret.key` 'CANARY'",
        "signing_key 'CANARY'",
        'my.token\n  "CANARY',
    ],
)
def test_secrets_among_the_options_of_a_statement_are_masked_without_a_sign_before_them(option: str) -> None:
    text = "create table t using jdbc Options (dbtable \"orders\", user 'ada', "
    record: dict[str, Any] = {"sql": f"{text}{option}", "plan": {"queries": [f"{text}{option}", "select 1"]}}

    hide_options(record)

    told = record["sql"]
    assert told.startswith(f"{text}{option[:8]}")
    assert "***" in told
    assert "ARY" not in told
    assert record["plan"] == {"queries": [told, "select 1"]}


def test_a_statement_without_secrets_stays_as_it_is() -> None:
    text = "create table t (token string comment 'a', key int) options (header 'true') comment 'no key'"
    record = {"sql": text}

    hide_options(record)

    assert record == {"sql": text}


def test_an_error_that_blames_no_part_of_a_query_stays_as_it_is() -> None:
    record = {"what": "end", "error": {"class": "ArithmeticException", "fragment": None}}

    hide_literals(record)

    assert record["error"] == {"class": "ArithmeticException", "fragment": None}


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
