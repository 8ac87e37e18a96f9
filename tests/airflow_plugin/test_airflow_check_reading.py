"""From an operator to plain facts, with doubles for Airflow's own objects."""

from __future__ import annotations

import functools
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.checking.code_clues import clues_of
from riverhead_airflow.checking.dag_file import DagFileReader, import_problem
from riverhead_airflow.checking.lines import Lines
from riverhead_airflow.checking.preloading import names_asked_for
from riverhead_airflow.checking.reader import extractors_by_operator
from riverhead_airflow.checking.surroundings import surroundings
from riverhead_airflow.checking.tasks import TaskReader
from riverhead_airflow.verbs import airflow as verb
from riverhead_emitter.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_airflow.checking.facts import TaskFacts


class XComArg:
    """What stands in a field for another task's result."""

    def __init__(self, operator: Any) -> None:
        self.operator = operator

    @staticmethod
    def iter_xcom_references(value: Any) -> Iterator[tuple[Any, str]]:
        values = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        for inner in values:
            yield from XComArg.iter_xcom_references(inner)
        if isinstance(value, XComArg):
            yield value.operator, "return_value"


class BaseHook:
    """Airflow's."""


class QuietHook(BaseHook):
    """Reports nothing."""


class TellingHook(BaseHook):
    """Is from a module that knows the collector."""


class Operator:
    template_fields: tuple[str, ...] = ("sql",)
    template_ext = (".sql",)

    def __init__(self, task_id: str = "task", **fields: Any) -> None:
        self.task_id = task_id
        self.owner = "ada, bob"
        self.inlets: list[Any] = []
        self.outlets: list[Any] = []
        for name, value in fields.items():
            setattr(self, name, value)

    def get_template_env(self) -> Any:
        return types.SimpleNamespace(loader=Loader())


class Loader:
    def get_source(self, _environment: object, name: str) -> tuple[str]:
        return ({"daily.sql": "INSERT INTO a SELECT b FROM c"}[name],)


class Mapped(Operator):
    operator_class = Operator
    partial_kwargs: dict[str, Any] = {}  # noqa: RUF012 - as Airflow has it

    def __init__(self, expanded: Any, **shared: Any) -> None:
        super().__init__()
        self.partial_kwargs = shared
        self.expand_input = types.SimpleNamespace(value=expanded)


class Connections:
    def connection_of(self, conn_id: str) -> Any:
        raise AssertionError(f"{conn_id} was asked of Airflow")

    def connection_from(self, conn_id: str, text: str) -> Any:
        del conn_id
        kind, _, host = text.partition("://")
        return types.SimpleNamespace(conn_type=kind, host=host, port=None, schema="shop", extra=None)


def facts_of(operator: Any, **extractors: str) -> TaskFacts:
    return TaskReader(Connections(), XComArg, extractors, frozenset({"gives"})).facts_of(operator, "dag", "f.py", 3)


def test_a_connection_that_each_instance_has_for_itself_is_known_later() -> None:
    facts = facts_of(Mapped({"conn_id": ["a", "b"]}, sql="SELECT 1"))

    assert ("{{" in facts.conn_id, facts.address) == (True, None)


def test_a_mapped_task_has_its_dags_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_KNOWN", "postgres://db")
    mapped = Mapped({"sql": ["SELECT 1"]})
    monkeypatch.setattr(Mapped, "dag", types.SimpleNamespace(default_args={"conn_id": "known"}), raising=False)

    facts = facts_of(mapped)
    assert facts.conn_id == "known"
    assert facts.address is not None


def test_an_operator_is_read_with_its_class_and_owners() -> None:
    facts = facts_of(Operator(sql="SELECT 1", outlets=["a"], end_from_trigger=True), Operator="Ours")

    assert (facts.operator, facts.owners, facts.sql) == ("Operator", ("ada", "bob"), ("SELECT 1",))
    assert facts.classes[0].endswith(".Operator")
    assert (facts.outlets, facts.ends_from_trigger, facts.extractor, facts.line) == (1, True, "Ours", 3)


@pytest.mark.parametrize(
    ("application", "attaches", "is_listened_to"),
    [
        ("jobs/daily.py", True, True),
        ("jobs/daily.jar", True, False),
        ("jobs/daily.py", False, False),
        (None, True, False),
    ],
)
def test_a_spark_job_in_python_is_listened_to_where_that_is_asked_for(
    application: str | None, attaches: bool, is_listened_to: bool
) -> None:
    kind = type("SparkSubmitOperator", (Operator,), {})
    reader = TaskReader(Connections(), XComArg, {}, frozenset(), attaches_spark=attaches)

    assert reader.facts_of(kind(_application=application), "dag", "f.py", 3).is_job_listened_to is is_listened_to


def test_sql_of_a_file_is_its_content_and_one_that_is_missing_is_named() -> None:
    assert facts_of(Operator(sql="daily.sql")).sql == ("INSERT INTO a SELECT b FROM c",)
    assert facts_of(Operator(sql=["SELECT 1", "gone.sql"])).missing_sql_file == "gone.sql"


@pytest.mark.parametrize("empty", ["", " ", [], [""], ()])
def test_sql_that_is_empty_is_not_as_if_there_were_none(empty: object) -> None:
    assert [text.strip() for text in facts_of(Operator(sql=empty)).sql] == [""]
    assert [text.strip() for text in facts_of(Mapped({"parameters": [1]}, sql=empty)).sql] == [""]
    assert facts_of(Operator(sql=None)).sql == ()


def test_sql_above_what_the_plugin_keeps_is_cut() -> None:
    assert facts_of(Operator(sql="SELECT 1 -- " + "x" * (10 << 20))).is_sql_cut


def test_sql_from_another_task_is_late_and_its_giver_is_known() -> None:
    facts = facts_of(Operator(sql=XComArg(Operator("gives"))))

    assert (facts.sql, facts.is_sql_late, facts.takes_from) == ((), True, ("gives",))


@pytest.mark.parametrize(
    ("mapped", "sql", "is_late"),
    [
        (Mapped({"sql": ["SELECT 1", "SELECT 2"]}), ("SELECT 1", "SELECT 2"), False),
        (Mapped([{"sql": "SELECT 1"}, {"sql": "SELECT 2"}]), ("SELECT 1", "SELECT 2"), False),
        (Mapped({"parameters": [1]}, sql="SELECT 3"), ("SELECT 3",), False),
        (Mapped({"sql": XComArg(Operator("gives"))}), (), True),
        (Mapped(XComArg(Operator("gives"))), (), True),
    ],
)
def test_sql_of_a_mapped_task_is_that_of_all_its_instances(mapped: Mapped, sql: tuple[str, ...], is_late: bool) -> None:
    facts = facts_of(mapped)

    assert (facts.operator, facts.sql, facts.is_sql_late) == ("Operator", sql, is_late)


def test_a_connection_is_looked_for_in_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_KNOWN", "postgres://db")

    known = facts_of(Operator(sql="SELECT 1", conn_id="known"))
    assert known.address is not None
    assert (known.address["kind"], known.address["host"]) == ("postgres", "db")
    assert facts_of(Operator(sql="SELECT 1", conn_id="unknown")).address is None


def by_class() -> None:
    TellingHook()


def by_a_quiet_class() -> None:
    QuietHook()


def through_another() -> list[Any]:
    return list(map(lambda _: by_class(), [1]))  # noqa: C417 - its code is one within another


def by_a_late_import() -> None:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    S3Hook()


def by_a_late_import_of_a_quiet_one() -> None:
    from airflow.providers.http.hooks.http import HttpHook

    HttpHook()


def by_a_hook_of_any_kind(hook: Any) -> None:
    hook.get_records("SELECT 1")


def by_the_sdk() -> None:
    import riverhead

    riverhead.lineage.run("training")


def by_hand() -> None:
    Path("figures.csv").write_text("1")


@pytest.mark.parametrize(
    ("function", "clues"),
    [
        (by_class, ("TellingHook",)),
        (by_a_quiet_class, ()),
        (through_another, ("TellingHook",)),
        (functools.partial(by_class), ("TellingHook",)),
        (by_a_late_import, ("airflow.providers.amazon.aws.hooks.s3",)),
        (by_a_late_import_of_a_quiet_one, ()),
        (by_a_hook_of_any_kind, ("get_records",)),
        (by_the_sdk, ("riverhead",)),
        (by_hand, ()),
        (len, ()),
        (None, ()),
    ],
)
def test_what_reports_is_found_in_a_functions_code(
    function: object, clues: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("module_of_hooks")
    monkeypatch.setitem(vars(module), "get_hook_lineage_collector", None)
    monkeypatch.setitem(sys.modules, "module_of_hooks", module)
    monkeypatch.setattr(TellingHook, "__module__", "module_of_hooks")

    assert clues_of(function) == clues


class ObjectStoragePath:
    """Airflow's."""


class LakePath(ObjectStoragePath):
    """Somebody's own."""


def by_a_path_of_ones_own() -> None:
    LakePath()


def by_a_path_that_it_is_given(path: ObjectStoragePath) -> str:
    return str(path)


@functools.cache
def remembered() -> Any:
    return by_a_late_import()


def through_what_is_remembered() -> None:
    remembered()


def by_a_hook_that_the_connection_chooses() -> None:
    from airflow.sdk import BaseHook

    BaseHook.get_hook("warehouse").run("DELETE FROM sales")


def by_a_cursor_of_a_hook_that_the_connection_chooses() -> None:
    from airflow.sdk import BaseHook

    BaseHook.get_connection("warehouse").get_hook().get_conn().cursor().execute("SELECT 1")


def by_an_engine_of_a_hook(hook: Any) -> None:
    hook.get_sqlalchemy_engine().connect()


def by_a_provider_of_somebodys_own() -> None:
    from duckdb_provider.hooks.duckdb_hook import DuckDBHook

    DuckDBHook()


def by_a_driver() -> Any:
    import sqlite3

    return sqlite3.connect("shop.db").execute("SELECT 1")


def by_running_something(engine: Any) -> None:
    engine.run("SELECT 1")
    engine.get_conn().cursor()


@pytest.mark.parametrize(
    ("function", "clues"),
    [
        (by_a_path_of_ones_own, ("ObjectStoragePath",)),
        (by_a_path_that_it_is_given, ("ObjectStoragePath",)),
        (through_what_is_remembered, ("airflow.providers.amazon.aws.hooks.s3",)),
        (by_a_hook_that_the_connection_chooses, ("get_hook",)),
        (by_a_cursor_of_a_hook_that_the_connection_chooses, ("get_hook",)),
        (by_an_engine_of_a_hook, ("get_sqlalchemy_engine",)),
        (by_a_provider_of_somebodys_own, ("duckdb_provider.hooks.duckdb_hook",)),
        (by_a_driver, ()),
        (by_running_something, ()),
    ],
)
def test_whatever_the_plugin_sees_is_found_in_a_functions_code(function: object, clues: tuple[str, ...]) -> None:
    assert clues_of(function) == clues


class Dag:
    def __init__(self) -> None:
        self.tasks: list[object] = []

    def add_task(self, task: object) -> None:
        self.tasks.append(task)


FILE = """
def made(dag):
    dag.add_task(object())

made(dag)
made(dag)
dag.add_task(object())
for _ in range(2):
    dag.add_task(object())
"""


def test_a_task_has_the_line_that_makes_it_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dag, "add_task", Dag.add_task)
    lines, dag = Lines("/dags/shop.py"), Dag()
    lines.watch(Dag)

    exec(compile(FILE, "/dags/shop.py", "exec"), {"dag": dag})  # noqa: S102 - as Airflow does
    dag.add_task(object())

    found = lines.by_task()
    assert [found.get(id(task)) for task in dag.tasks] == [5, 6, 7, 9, 9, None]


class Bag:
    """Reads what a test says."""

    says: Any = None

    def __init__(self, dag_folder: str, *, collect_dags: bool) -> None:
        del dag_folder, collect_dags
        self.dags: dict[str, Any] = {}
        self.import_errors: dict[str, str] = {}

    def process_file(self, file: str, *, only_if_updated: bool, safe_mode: bool) -> None:
        del only_if_updated, safe_mode
        type(self).says(self, file)


class DagHost(Connections):
    def dag_classes(self) -> tuple[Any, Any, Any]:
        return type("AnyDag", (Dag,), {}), Bag, XComArg


def read(monkeypatch: pytest.MonkeyPatch, says: Any) -> dict[str, Any]:
    monkeypatch.setattr(Bag, "says", says)
    monkeypatch.setattr("riverhead_airflow.checking.dag_file.is_discovery_safe", lambda: True)
    return DagFileReader(DagHost(), {})("/dags/shop.py")


def test_a_file_that_leaves_by_sys_exit_is_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def says(_bag: Bag, _file: str) -> None:
        sys.exit(3)

    [problem] = read(monkeypatch, says)["problems"]

    assert (problem["kind"], problem["text"]) == ("import-error", "SystemExit: 3")


def test_a_task_that_cannot_be_looked_at_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hostile(Operator):
        @property
        def inlets(self) -> Any:
            raise ValueError("look away")

        @inlets.setter
        def inlets(self, _value: object) -> None:
            pass

    def says(bag: Bag, _file: str) -> None:
        tasks = [Operator("good", sql="SELECT 1"), Hostile("bad")]
        bag.dags["shop"] = types.SimpleNamespace(dag_id="shop", owner="ada", tasks=tasks)

    found = read(monkeypatch, says)

    assert [task["task_id"] for task in found["tasks"]] == ["good"]
    assert [(problem["kind"], problem["task_id"]) for problem in found["problems"]] == [("unreadable-task", "bad")]


def test_an_operators_own_methods_are_looked_through() -> None:
    class Copies(Operator):
        def execute(self, _context: object) -> None:
            self.rows()

        def rows(self) -> Any:
            return self.hook().get_records("SELECT 1")

        def hook(self) -> Any:
            return None

    assert facts_of(Copies()).clues == ("get_records",)


def test_an_import_error_is_its_last_line_without_secrets() -> None:
    problem = import_problem("f.py", "Traceback\n  File\nOSError: postgres://ada:sesame@db is down\n")

    assert problem.text.startswith("OSError: postgres://")
    assert "sesame" not in problem.text + problem.detail


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ('Traceback\n  File "/dags/f.py", line 3\n    x (\nSyntaxError: invalid syntax\n', 3),
        ('  File "/dags/f.py", line 2, in <module>\n  File "/dags/lib.py", line 9, in x\nKeyError: 1\n', 2),
        ('  File "/dags/f.py", line 2, in <module>\n  File "/dags/f.py", line 9, in x\nKeyError: 1\n', 9),
        ("invalid syntax (f.py, line 5)", 5),
        ('  File "/dags/lib.py", line 9, in x\nKeyError: 1\n', None),
        ("KeyError: 1", None),
        ('  File "/dags/f.py", line ' + "9" * 5000 + "\nKeyError: 1\n", None),
    ],
)
def test_an_import_error_says_at_which_line_of_its_file_it_is(said: str, line: int | None) -> None:
    assert import_problem("/dags/f.py", said).line == line


def test_a_missing_variable_says_where_it_may_come_from() -> None:
    assert "AIRFLOW_VAR_" in import_problem("f.py", "KeyError: 'Variable region does not exist'").text


def test_what_files_import_of_airflow_is_loaded_once_and_the_commonest_first(tmp_path: Path) -> None:
    for name, text in {
        "a.py": "import airflow.sdk\nfrom airflow.models.dag import DAG\nimport os\n",
        "b.py": "if True:\n    from airflow.models.dag import (\n  DAG as D,\n)\nx = 'import airflow.y'\n",
        "c.py": "\x00\xff",
    }.items():
        (tmp_path / name).write_text(text, encoding="latin-1")

    files = [str(path) for path in tmp_path.iterdir()]
    assert names_asked_for([*files, "gone.py"]) == [("airflow.models.dag", "DAG"), ("airflow.sdk", "")]


def test_files_are_read_without_a_database_a_network_or_a_trace(tmp_path: Path) -> None:
    given = {"AIRFLOW_HOME": str(tmp_path / "not_there"), "AIRFLOW__SECRETS__BACKEND": "vault", "KEPT": "1"}
    found = surroundings(given, tmp_path, tmp_path / "scratch")

    assert found["KEPT"] == "1"
    assert found["AIRFLOW__SECRETS__BACKEND"] == ""
    assert found["AIRFLOW__CORE__DAGS_FOLDER"] == str(tmp_path)
    places = ("AIRFLOW_HOME", "AIRFLOW_CONFIG", "AIRFLOW__LOGGING__BASE_LOG_FOLDER")
    assert all(str(tmp_path / "scratch") in found[name] for name in places)
    assert str(tmp_path / "scratch") in found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]


def test_a_home_with_its_configuration_is_kept(tmp_path: Path) -> None:
    (tmp_path / "airflow.cfg").touch()
    found = surroundings({"AIRFLOW_HOME": str(tmp_path)}, None, tmp_path / "scratch")

    assert found["AIRFLOW_HOME"] == str(tmp_path)
    assert "AIRFLOW_CONFIG" not in found
    assert "AIRFLOW__CORE__DAGS_FOLDER" not in found


def test_without_an_airflow_the_verb_says_where_to_run_it() -> None:
    with pytest.raises(ConfigurationError, match="Airflow is not installed here"):
        verb.run(options("."))


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--seconds", "x"], ["--at-least", "run"], ["--format", "xml"]])
def test_an_option_that_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        options(*words)


def options(*words: str) -> Any:
    import argparse

    parser = argparse.ArgumentParser()
    verb.arguments(parser)
    return parser.parse_args(["check", *words])


@pytest.mark.parametrize("failure", [RuntimeError("no"), SystemExit(3), TypeError("none")])
def test_an_extractor_that_fails_in_whatever_way_is_a_line_of_the_report(
    failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        raise failure

    good = types.SimpleNamespace(get_operator_classnames=lambda: ["OneOperator"])
    bad = types.SimpleNamespace(get_operator_classnames=names)
    monkeypatch.setitem(sys.modules, "theirs", types.SimpleNamespace(Good=good, Bad=bad))

    found, problems = extractors_by_operator(["theirs.Bad", "theirs.Good"])

    assert found == {"OneOperator": "Good"}
    assert ["theirs.Bad" in problem.text for problem in problems] == [True]
