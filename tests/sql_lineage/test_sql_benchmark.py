"""The comparison of SQL parsers counts what an answer found, missed and made up."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

import house
from benchmarks.sql import asking
from benchmarks.sql.scoring import Count, score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILES = ("cases.jsonl", "indirect.jsonl")
LEDGER = {"inputs": ["s.ledger"], "outputs": ["s.sums"], "columns": [{"out": "n", "from": [["s.ledger", "amount"]]}]}


def case(**expected: Any) -> dict[str, Any]:
    return {"id": "a", "sql": "…", "dialect": "postgres", "default": {"schema": "s"}, "expected": expected}


def committed(name: str) -> list[dict[str, Any]]:
    lines = (house.ROOT / "benchmarks" / "sql" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def contender(folder: Path, script: str) -> asking.Contender:
    program = folder / "environment" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho \'{"version": "1", "start_ms": 1}\'\nread question\n' + script)
    program.chmod(0o755)
    return asking.Contender("fake", "environment", most_seconds=0.1)


def kinds(*edges: Sequence[Any], deciding: Sequence[Sequence[Any]] = ()) -> dict[str, Any]:
    return {"columns": [{"out": "n", "from": list(edges)}], "dataset": list(deciding)}


def test_an_answer_that_is_right_loses_nothing() -> None:
    found = score(case(**LEDGER), LEDGER)

    assert found.counts == {"inputs": Count(1, 1, 1), "outputs": Count(1, 1, 1), "columns": Count(1, 1, 1)}
    assert (found.is_whole, found.open_columns) == (True, 0)


def test_a_dataset_that_is_made_up_costs_precision_and_one_that_is_missing_recall() -> None:
    found = score(case(inputs=["a", "b"]), {"inputs": ["b", "c", "d"]}).counts["inputs"]

    assert found == Count(1, 2, 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.precision == pytest.approx(1 / 3)


def test_a_column_without_any_source_is_open() -> None:
    found = score(case(**LEDGER), {**LEDGER, "columns": []})

    assert (found.open_columns, found.expected_columns, found.is_whole) == (1, 1, False)


def test_names_match_without_quotes_and_as_far_as_both_are_written_out() -> None:
    expected = case(inputs=['"S"."Ledger"', "s3://bucket/part/"])

    assert score(expected, {"inputs": ["db.s.ledger", "s3://bucket/part"]}).counts["inputs"] == Count(2, 2, 2)
    assert score(case(inputs=["s3://b/in/*.csv"]), {"inputs": ["s3://b/in"]}).counts["inputs"] == Count(1, 1, 1)
    assert score(expected, {"inputs": ["other.ledger", "part"]}).counts["inputs"] == Count(0, 2, 2)


def test_a_column_of_the_wrong_target_is_wrong_where_there_are_several() -> None:
    expected = {"columns": [{"out": "n", "table": "x", "from": [["t", "a"]]}]}

    assert score(case(**expected), {"columns": [{"out": "n", "table": "y", "from": [["t", "a"]]}]}).counts[
        "columns"
    ] == Count(0, 1, 1)


def test_a_column_is_open_for_each_target_that_lacks_it() -> None:
    columns = [{"out": "n", "table": target, "from": [["t", "a"]]} for target in ("x", "y")]

    assert score(case(columns=columns), {"columns": columns[:1]}).open_columns == 1


def test_a_column_that_only_decides_is_no_source_where_kinds_are_not_asked_for() -> None:
    answer = kinds(["t", "a", "IDENTITY"], ["t", "k", "FILTER"], deciding=[["t", "j", "JOIN"]])

    assert score(case(columns=[{"out": "n", "from": [["t", "a"]]}]), answer).counts["columns"] == Count(1, 1, 1)


def test_what_is_optional_is_neither_asked_for_nor_held_against_an_answer() -> None:
    expected = case(columns=[{"out": "n", "from": [["t", "a"]]}], optional=[["n", "t", "b"]])

    answer = {"columns": [{"out": "n", "from": [["t", "a"], ["t", "b"]]}]}

    assert score(expected, answer).counts["columns"] == Count(1, 1, 1)


def test_an_optional_dataset_costs_nothing_whether_it_is_answered_or_not() -> None:
    expected = case(inputs=["a"], optional_datasets=["b"])

    assert score(expected, {"inputs": ["a", "b"]}).counts["inputs"] == Count(1, 1, 1)
    assert score(expected, {"inputs": ["a", "c"]}).counts["inputs"] == Count(1, 1, 2)


def test_each_kind_is_counted_by_itself_and_the_wrong_kind_counts_twice() -> None:
    expected = case(**kinds(["t", "a", "IDENTITY"], deciding=[["t", "k", "JOIN"]]))

    counts = score(expected, kinds(["t", "a", "AGGREGATION"], deciding=[["t", "k", "JOIN"]])).counts

    assert counts["IDENTITY"] == Count(0, 1, 0)
    assert counts["AGGREGATION"] == Count(0, 0, 1)
    assert counts["JOIN"] == Count(1, 1, 1)


def test_a_masking_edge_is_found_only_if_the_answer_says_so() -> None:
    expected = case(**kinds(["t", "a", "TRANSFORMATION", True]))

    assert score(expected, kinds(["t", "a", "TRANSFORMATION", False])).counts["masking"] == Count(0, 1, 0)
    assert score(expected, kinds(["t", "a", "TRANSFORMATION", True])).counts["masking"] == Count(1, 1, 1)


def test_an_edge_that_comes_with_and_without_its_masking_counts_once_by_kind() -> None:
    answer = kinds(["t", "a", "TRANSFORMATION", True], ["t", "a", "TRANSFORMATION", False])

    assert score(case(**answer), answer).counts["TRANSFORMATION"] == Count(1, 1, 1)
    assert score(case(**kinds(["t", "a", "TRANSFORMATION"])), answer).counts["TRANSFORMATION"] == Count(1, 1, 1)


@pytest.mark.parametrize("name", FILES)
def test_committed_cases_have_names_and_texts_of_their_own(name: str) -> None:
    cases = committed(name)

    assert len({case["id"] for case in cases}) == len(cases)
    assert len({(json.dumps(case["sql"]), case["dialect"]) for case in cases}) == len(cases)


@pytest.mark.parametrize("name", FILES)
def test_a_committed_expectation_given_as_an_answer_is_right(name: str) -> None:
    found = [score(case, case["expected"]) for case in committed(name)]

    assert [one for one in found if not one.is_whole or not one.counts] == []
    assert {count.precision for one in found for count in one.counts.values()} <= {1.0, None}


def test_a_contender_that_hangs_is_ended_and_counted_as_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ENVIRONMENTS", tmp_path)
    hanging = contender(tmp_path, "read never")

    answers = [hanging.ask(case()), hanging.ask(case())]
    hanging.close()

    assert [(answer.is_late, answer.cpu_ms) for answer in answers] == [(True, 100), (True, 100)]


def test_a_contender_that_dies_fails_that_text_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ENVIRONMENTS", tmp_path)
    monkeypatch.chdir(tmp_path)
    dying = contender(tmp_path, '[ -e died ] && echo \'{"result": {}, "cpu_ms": 2}\' || { touch died; exit 1; }')

    answers = [dying.ask(case()), dying.ask(case())]
    dying.close()

    assert [(answer.is_failure, answer.is_late) for answer in answers] == [(True, False), (False, False)]


@pytest.mark.journey
def test_the_comparison_prints_every_table() -> None:
    program = house.ROOT / "benchmarks" / "sql" / "compare.py"

    said = house.finished([sys.executable, program, "--contender", "riverhead"], seconds=120)

    assert said.returncode == 0, said.stderr
    rows = ("| riverhead", "| GROUP_BY", "| 18 CTEs, each used twice")
    assert [row for row in rows if row not in said.stdout] == []
