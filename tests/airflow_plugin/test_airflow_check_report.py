"""The gate: a wanted depth, an allow-list, owners, and what the report says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.checking.allowances import Allowance, allowances_in, allowances_of
from riverhead_airflow.checking.as_json import as_json
from riverhead_airflow.checking.depth import Depth
from riverhead_airflow.checking.facts import DagFacts, Facts, Problem, TaskFacts, as_document, facts_from
from riverhead_airflow.checking.judging import Report, Wish, report_of
from riverhead_airflow.checking.launching import Reading
from riverhead_airflow.checking.table import lines_of
from riverhead_emitter.errors import ConfigurationError, UnreadableRecord

if TYPE_CHECKING:
    from pathlib import Path


def task(task_id: str, kind: str, *owners: str, **facts: Any) -> TaskFacts:
    return TaskFacts("shop", task_id, kind, (f"a.{kind}",), owners, "shop.py", **facts)


BASH = task("bash", "BashOperator", "ada", line=7)
SQL = task("sql", "BaseSQLOperator", "ada", "bob", sql=("INSERT INTO a SELECT b FROM c",), conn_id="{{ c }}")
FILED = task("filed", "BashOperator", "bob", outlets=1)
EMPTY = task("empty", "EmptyOperator", "ada")
ENDS = task("ends", "BaseSensorOperator", "ada", ends_from_trigger=True)
SHOP = DagFacts("shop", "shop.py", ("ada",))
BROKEN = Problem("import-error", "ImportError: no", file="broken.py")


def report(
    *tasks: TaskFacts,
    problems: tuple[Problem, ...] = (),
    airflow: str = "3.3.2",
    listeners: tuple[str, ...] = (),
    **wish: Any,
) -> Report:
    return report_of(Reading(airflow, "/dags", listeners, Facts((SHOP,), tasks, problems)), Wish(**wish))


def kinds(found: Report) -> list[tuple[str, str]]:
    return [(problem.kind, problem.level) for problem in found.problems]


def test_a_task_below_the_wanted_depth_closes_the_gate() -> None:
    assert not report(SQL, BASH).passes


def test_tasks_that_are_deep_enough_leave_it_open() -> None:
    assert report(SQL, FILED, EMPTY).passes


def test_columns_can_be_asked_for() -> None:
    assert not report(SQL, FILED, at_least=Depth.COLUMNS).passes


def test_an_allowed_task_does_not_close_the_gate() -> None:
    found = report(SQL, BASH, allowances=(Allowance("shop.b*", "ada", "a binary", 3),))

    assert found.passes
    assert as_json(found)["tasks"][1]["allowed"] == {
        "pattern": "shop.b*",
        "owner": "ada",
        "reason": "a binary",
        "line": 3,
    }


def test_an_entry_that_means_no_task_is_stale_and_strictly_a_failure() -> None:
    entries = (Allowance("gone.*", line=4),)

    assert kinds(report(SQL, allowances=entries)) == [("stale-allowance", "problem")]
    assert report(SQL, allowances=entries).passes
    assert not report(SQL, allowances=entries, is_strict=True).passes


def test_an_entry_of_an_owner_who_was_not_asked_for_is_not_stale() -> None:
    assert kinds(report(SQL, BASH, FILED, owners=("bob",), allowances=(Allowance("shop.bash"),))) == []


def test_a_file_that_cannot_be_read_is_a_problem_and_stops_nothing_unless_strict() -> None:
    assert report(SQL, problems=(BROKEN,)).passes
    assert not report(SQL, problems=(BROKEN,), is_strict=True).passes


def test_a_folder_of_which_nothing_can_be_read_does_not_pass() -> None:
    assert not report(problems=(BROKEN,)).passes


def test_one_owners_tasks_can_be_asked_for() -> None:
    found = report(SQL, BASH, FILED, owners=("bob",))

    assert [task.facts.task_id for task in found.tasks] == ["sql", "filed"]
    assert found.passes


@pytest.mark.parametrize("wish", [Wish(owners=("adda",)), Wish(dags=("shops",))])
def test_a_name_that_nobody_has_is_a_mistake(wish: Wish) -> None:
    facts = Facts((SHOP,), (SQL, BASH), (BROKEN,))

    with pytest.raises(ConfigurationError, match=r"\(1 file could not be read\); did you mean (ada|shop)\?"):
        report_of(Reading("3.3.2", "/dags", (), facts), wish)


@pytest.mark.parametrize(
    ("airflow", "listeners", "level"),
    [("2.11.2", (), "problem"), ("3.3.2", (), "note"), ("3.3.2", ("somebodys.listener",), "problem")],
)
def test_what_listening_costs_is_named(airflow: str, listeners: tuple[str, ...], level: str) -> None:
    found = report(ENDS, airflow=airflow, listeners=listeners)

    assert kinds(found) == [("refused", level)]
    assert found.passes


def test_a_connection_that_is_defined_nowhere_is_a_note_and_no_failure() -> None:
    named = task("sql", "BaseSQLOperator", "ada", sql=("DROP TABLE a",), conn_id="warehouse")
    templated = task("other", "BaseSQLOperator", "ada", sql=("DROP TABLE a",), conn_id="{{ params.c }}")
    found = report(named, templated, is_strict=True)

    assert kinds(found) == [("connection", "note")]
    assert "AIRFLOW_CONN_WAREHOUSE" in found.problems[0].text
    assert found.passes


def test_a_dag_that_is_there_twice_counts_once() -> None:
    again = TaskFacts("shop", "other", "BashOperator", ("a.BashOperator",), file="again.py")
    facts = Facts((SHOP, DagFacts("shop", "again.py")), (EMPTY, again))
    found = report_of(Reading("3.3.2", "/dags", (), facts), Wish())

    assert [task.facts.task_id for task in found.tasks] == ["empty"]
    assert kinds(found) == [("duplicate-dag", "problem")]


def test_the_summary_counts_by_owner_and_in_total() -> None:
    summary = as_json(report(SQL, BASH, FILED, EMPTY))["summary"]

    counted = {"tasks": 4, "columns": 1, "datasets": 1, "run": 1, "no_data": 1, "below": 1, "allowed": 0}
    assert {name: summary[name] for name in counted} == counted
    assert [(owner["owner"], owner["tasks"]) for owner in summary["owners"]] == [("ada", 3), ("bob", 2)]
    assert not summary["passed"]


def test_the_document_keeps_its_layout() -> None:
    document = as_json(report(BASH, problems=(BROKEN,)))

    assert list(document) == ["version", "dags", "tasks", "problems", "summary"]
    assert document["version"] == 1
    assert document["dags"] == [{"dag_id": "shop", "file": "shop.py", "owners": ["ada"], "tasks": 1, "below": 1}]
    assert document["tasks"] == [
        {
            "dag_id": "shop",
            "task_id": "bash",
            "operator": "BashOperator",
            "operator_class": "a.BashOperator",
            "owners": ["ada"],
            "file": "shop.py",
            "line": 7,
            "depth": "run",
            "source": "none",
            "at_run_time": False,
            "moves_data": True,
            "reason": "what its command reads and writes is not visible",
            "advice": "give it inlets and outlets, or call `riverhead emit`",
            "below": True,
            "allowed": None,
        }
    ]
    assert json.loads(json.dumps(document)) == document


def test_the_table_says_which_why_and_how_many() -> None:
    lines = "\n".join(
        lines_of(report(SQL, BASH, EMPTY, problems=(BROKEN,), allowances=(Allowance("shop.bash", line=2),)))
    )

    assert "~  run      shop.bash" in lines
    assert "not visible; give it inlets and outlets" in lines
    assert "allowed by line 2" in lines
    assert "PROBLEM broken.py: ImportError: no" in lines
    assert lines.endswith("1 DAG, read by Airflow 3.3.2: no task is below datasets, 1 more is allowed to be; 1 problem")


def test_a_problem_at_a_line_of_its_file_names_both() -> None:
    found = report(SQL, problems=(Problem("import-error", "SyntaxError: invalid syntax", file="syntax.py", line=3),))

    assert "PROBLEM syntax.py:3: SyntaxError: invalid syntax" in "\n".join(lines_of(found))
    assert as_json(found)["problems"][0]["line"] == 3


def test_no_name_can_steer_a_terminal() -> None:
    evil = task("\x1b[2J", "Bash\rOperator", "a\nb")

    assert "".join(lines_of(report(evil))).isprintable()


def test_an_allow_list_has_patterns_owners_reasons_and_comments() -> None:
    text = (
        '# until June\nshop.load_*  owner=ada  a binary # of the vendor\n\nold.*\towner="Data Platform"\n*  because\n'
    )

    assert allowances_in(text) == (
        Allowance("shop.load_*", "ada", "a binary", 2),
        Allowance("old.*", "Data Platform", "", 4),
        Allowance("*", "", "because", 5),
    )


def test_a_star_stands_for_dots_and_nothing_else_is_special() -> None:
    assert Allowance("shop.*").covers("shop", "group.task")
    assert Allowance("日本.t[1]").covers("日本", "t[1]")
    assert not Allowance("shop.t?sk").covers("shop", "task")


def test_a_line_without_a_task_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="line 2 of the allow-list"):
        allowances_in("shop.a\nshop\n")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_an_allow_list_that_cannot_be_read_is_a_mistake(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "allowed"
    _ = content is None or path.write_bytes(content)

    with pytest.raises(ConfigurationError, match="allowed"):
        allowances_of(path)


def test_facts_survive_the_way_between_processes() -> None:
    facts = Facts((SHOP,), (SQL, BASH), (BROKEN,))

    assert facts_from(json.loads(json.dumps(as_document(facts)))) == facts


@pytest.mark.parametrize("document", [{}, {"dags": [], "tasks": [{"task": 1}], "problems": []}, {"dags": [1]}])
def test_what_is_no_form_of_facts_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord):
        facts_from(document)
