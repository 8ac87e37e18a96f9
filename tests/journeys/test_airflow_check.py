"""`riverhead airflow check` in the environments of real Airflows, over files good, broken and hostile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosts import interpreter

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.journey

DAGS = Path(__file__).parent / "airflow_check_dags"
ROOT = Path(__file__).parents[2]
SITUATIONS = [
    pytest.param("AIRFLOW_3_3", id="3.3"),
    pytest.param("AIRFLOW_2_11", id="2.11", marks=pytest.mark.matrix),
]
HOSTILE = {
    "broken_import": "import airflow, not_there  # dag",
    "broken_syntax": "import airflow  # dag\nfrom airflow import dag (",
    "endless": "import airflow  # dag\nwhile True:\n    pass",
    "leaves": "import airflow, sys  # dag\nsys.exit(3)",
    "leaves_at_once": "import airflow, os  # dag\nos._exit(7)",
    "loud": "import airflow, os  # dag\nfor _ in range(1 << 11):\n    print('x' * (1 << 20))\nos.chdir('/')",
    "variable": "from airflow.models import Variable  # dag\nVariable.get('not_there')",
}


@dataclass(frozen=True)
class Checked:
    """What one call of the command said."""

    code: int
    said: str
    complaints: str
    home: Path

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.said)
        return found

    @property
    def depths(self) -> dict[str, str]:
        return {
            f"{task['dag_id']}.{task['task_id']}": task["depth"] + (" later" if task["at_run_time"] else "")
            for task in self.document["tasks"]
        }

    @property
    def problems(self) -> dict[str, str]:
        return {found["file"].removesuffix(".py"): found["kind"] for found in self.document["problems"]}


def checked(python: Path, home: Path, folder: Path, *words: str, **environment: str) -> Checked:
    """Run the check as somebody would who has no home for Airflow."""
    home.mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RIVERHEAD"))}
    done = subprocess.run(
        [str(python), "-m", "riverhead", "airflow", "check", str(folder), *words],
        cwd=home,
        env={**inherited, "HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Checked(done.returncode, done.stdout, done.stderr, home)


@pytest.fixture(scope="module", params=SITUATIONS)
def python(request: pytest.FixtureRequest) -> Path:
    """The interpreter of an Airflow."""
    return interpreter(request.param)


@pytest.fixture(scope="module")
def story(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """One call over everything."""
    folder = tmp_path_factory.mktemp("story") / "dags"
    shutil.copytree(DAGS, folder)
    for name, text in HOSTILE.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    warehouse = "postgres://ada:sesame@warehouse/shop"
    words = ("--format", "json", "--seconds", "12")
    return checked(python, folder.parent / "home", folder, *words, AIRFLOW_CONN_WAREHOUSE=warehouse)


def test_every_form_of_sql_has_its_depth(story: Checked) -> None:
    found = {name.removeprefix("elt."): depth for name, depth in story.depths.items() if name.startswith("elt.")}

    assert found == {
        "plain": "columns",
        "rendered": "columns later",
        "of_a_file": "columns",
        "of_no_file": "run",
        "starred": "columns later",
        "calls": "datasets",
        "nonsense": "run",
        "rendered_nonsense": "run",
        "empty": "run",
        "commented": "run",
        "listless": "run",
        "huge": "run",
        "written_by_hand": "run",
        "made_by_another": "columns later",
        "mapped": "columns",
        "lists": "run",
        "mapped_over_another": "columns later",
        "awaited": "columns",
    }


def test_functions_commands_groups_and_mapped_tasks_have_theirs(story: Checked) -> None:
    found = {name.removeprefix("code."): depth for name, depth in story.depths.items() if name.startswith("code.")}

    assert found == {
        "bash": "run",
        "bash_with_outlets": "datasets",
        "hooked": "datasets later",
        "unhooked": "run",
        "through_an_engine": "datasets later",
        "through_a_late_engine": "datasets later",
        "through_a_session": "datasets later",
        "of_airflow_itself": "run",
        "through_a_driver": "run",
        "quiet": "run",
        "telling": "datasets later",
        "mapped": "run",
        "group.inner.extract": "run",
        "group.inner.transform": "datasets",
        "group.inner.load": "run",
        "load_each": "run",
        "elsewhere": "run",
    }


def test_dags_that_a_loop_makes_are_all_there(story: Checked) -> None:
    assert [name for name in story.depths if name.startswith("made_")] == [
        f"made_{number}.{task}" for number in range(3) for task in ("first", "sécond_日本")
    ]


def test_tasks_that_wait_or_decide_move_no_data(story: Checked) -> None:
    waiting = [task for task in story.document["tasks"] if task["dag_id"] in {"waits", "ends_from_its_trigger"}]

    assert len(waiting) == 5
    assert not any(task["moves_data"] or task["below"] for task in waiting)


def test_every_task_has_its_owners_its_line_and_a_reason(story: Checked) -> None:
    [plain] = [task for task in story.document["tasks"] if task["task_id"] == "plain"]
    lines = (DAGS / "elt.py").read_text(encoding="utf-8").splitlines()

    assert plain["owners"] == ["shop", "finance"]
    assert "SQLExecuteQueryOperator(" in lines[plain["line"] - 1]
    assert all(task["reason"] and task["line"] for task in story.document["tasks"])
    assert all(task["advice"] for task in story.document["tasks"] if task["below"])


def test_each_hostile_file_is_a_problem_of_its_own(story: Checked) -> None:
    found = {name: kind for name, kind in story.problems.items() if name in HOSTILE}
    loud = found.pop("loud", "read")  # it may be read in time, or not: two gigabytes are printed

    assert loud in {"read", "time-out"}
    assert found == {
        "broken_import": "import-error",
        "broken_syntax": "import-error",
        "endless": "time-out",
        "leaves": "import-error",
        "leaves_at_once": "ended",
        "variable": "import-error",
    }


def test_a_file_that_cannot_be_imported_says_at_which_line(story: Checked) -> None:
    lines = {found["file"]: found["line"] for found in story.document["problems"]}

    assert lines["broken_syntax.py"] == 2
    assert lines["broken_import.py"] == 1
    assert lines["endless.py"] is None


def test_a_dag_that_listening_costs_is_named(story: Checked) -> None:
    [refused] = [problem for problem in story.document["problems"] if problem["kind"] == "refused"]
    is_old = story.document["summary"]["airflow"].startswith("2.")

    assert refused["dag_id"] == "ends_from_its_trigger"
    assert refused["level"] == ("problem" if is_old else "note")


def test_a_dag_of_a_name_that_is_taken_is_named(story: Checked) -> None:
    assert story.problems["zz_twice"] == "duplicate-dag"


def test_the_document_stands_alone_and_no_secret_in_it(story: Checked) -> None:
    assert story.complaints == ""
    assert "sesame" not in story.said
    assert list(story.document) == ["version", "dags", "tasks", "problems", "summary"]


def test_nothing_is_left_behind(story: Checked) -> None:
    assert list(story.home.rglob("*")) == []


def test_the_gate_closes_and_an_allow_list_opens_it(story: Checked, python: Path, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.write_text(
        "# what is known\ncode.*  owner=ml  until the hooks report\nmade_*\nelt.* \ngone.task\n", encoding="utf-8"
    )
    words = ("--allow", str(allowed), "--format", "json")
    found = checked(python, tmp_path / "home", DAGS, *words)
    strict = checked(python, tmp_path / "home", DAGS, *words, "--strict")

    assert (story.code, found.code, strict.code) == (1, 0, 1)
    assert [problem["text"] for problem in found.document["problems"] if problem["kind"] == "stale-allowance"] == [
        "line 5 of the allow-list, gone.task, means no task"
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--dag", "etl"], "no DAG is called etl; did you mean elt?"),
        (["--owner", "nobody"], "no owner is called nobody"),
        (["--allow", "not_there"], "cannot read not_there"),
        (["--seconds", "0"], "a number of seconds is needed"),
    ],
)
def test_a_mistake_is_one_sentence_and_code_2(
    python: Path, tmp_path: Path, words: Sequence[str], complaint: str
) -> None:
    found = checked(python, tmp_path / "home", DAGS, *words)

    assert (found.code, found.said) == (2, "")
    assert complaint in found.complaints


def test_a_folder_without_dag_files_is_a_mistake(python: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    assert checked(python, tmp_path / "home", empty).code == 2


def test_the_example_is_answered_as_the_page_shows_it(tmp_path: Path) -> None:
    python = interpreter("AIRFLOW_3_3")  # which it is written for
    found = checked(python, tmp_path / "home", ROOT / "dags_examples" / "shop_daily.py")
    page = (ROOT / "docs" / "airflow-check.md").read_text(encoding="utf-8")
    _, _, shown = page.partition("$ riverhead airflow check dags_examples/shop_daily.py\n")

    assert found.code == 1
    assert found.said == shown.partition("```")[0]
