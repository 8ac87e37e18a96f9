"""What a query's events tell of its code, and how the driver adds it to what the JVM knows."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from riverhead_emitter.guard import FailureLog
from riverhead_emitter.observation import Observation
from riverhead_spark.code.driver import DriverCode, watch_code
from riverhead_spark.code.frames import engine_of
from riverhead_spark.code.functions import Functions
from riverhead_spark.code.waits import Waits
from riverhead_spark.understand import interpret
from spark_plans import recorded

CHECKOUT = {"root": "/app", "commit": "a" * 40, "branch": "main", "remote": "git@github.com:acme/shop.git"}
TWICE = {"name": "twice", "file": "/app/jobs/load.py", "line": 3, "source": "def twice(x):\n    return x * 2"}
STARTED = 1_700_000_000_000


def complete_of(code: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    """Return the job facets of a query's end with these facts about its code."""
    end = recorded("4.3", "union")[-1]
    application = {**end.payload["application"], "code": code}
    execution = {**end.payload["executions"][0], **facts}
    (event,) = interpret(
        Observation(
            end.kind, end.version, end.run_id, {**end.payload, "application": application, "executions": [execution]}
        )
    )
    facets: dict[str, Any] = event["job"]["facets"]
    return facets


def test_a_query_tells_the_line_that_ran_it_in_its_commit() -> None:
    code = {"path": "/app/jobs/load.py", "checkout": CHECKOUT}

    place = complete_of(code, call_site={"file": "/app/lib/tables.py", "line": 12})["sourceCodeLocation"]

    assert place["url"] == f"https://github.com/acme/shop/blob/{'a' * 40}/lib/tables.py#L12"


@pytest.mark.parametrize("code", [None, {"path": "/app/jobs/load.py", "checkout": None}])
def test_a_line_outside_of_any_repository_is_in_its_file(code: dict[str, Any] | None) -> None:
    place = complete_of(code, call_site={"file": "/srv/tables.py", "line": 12})["sourceCodeLocation"]

    assert (place["type"], place["url"]) == ("file", "file:///srv/tables.py#L12")


@pytest.mark.parametrize("file", ["<ipython-input-3-abc>", "<stdin>", "/var/ipykernel_42/1234.py"])
def test_the_cell_of_a_notebook_is_no_file_that_anybody_could_open(file: str) -> None:
    assert "sourceCodeLocation" not in complete_of(call_site={"file": file, "line": 1})


def test_a_query_tells_the_source_of_its_functions_each_once() -> None:
    other = {"name": "Parts", "file": "/app/jobs/load.py", "line": 9, "source": "class Parts: ..."}

    facet = complete_of(functions=[TWICE, other, TWICE, {"name": "len"}])["sourceCode"]

    assert facet["language"] == "python"
    assert facet["sourceCode"] == (
        "# twice, /app/jobs/load.py:3\ndef twice(x):\n    return x * 2\n\n\n"
        "# Parts, /app/jobs/load.py:9\nclass Parts: ..."
    )


def test_a_query_without_functions_or_a_known_line_tells_no_code() -> None:
    assert {"sourceCode", "sourceCodeLocation"}.isdisjoint(complete_of(functions=[{"name": "len"}]))


def test_a_start_tells_the_line_and_leaves_the_source_to_the_end() -> None:
    start = recorded("4.3", "union")[0]
    execution = {
        **start.payload["executions"][0],
        "call_site": {"file": "/srv/tables.py", "line": 12},
        "functions": [TWICE],
    }

    (event,) = interpret(
        Observation(start.kind, start.version, start.run_id, {**start.payload, "executions": [execution]})
    )

    assert event["job"]["facets"]["sourceCodeLocation"]["url"] == "file:///srv/tables.py#L12"
    assert "sourceCode" not in event["job"]["facets"]


def test_very_much_source_is_cut() -> None:
    functions = [{**TWICE, "line": line, "source": "x" * 5000} for line in range(100)]

    assert len(complete_of(functions=functions)["sourceCode"]["sourceCode"]) == 40_000


@pytest.fixture
def pyspark(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return the parts of a PySpark, not the one that is installed, that a driver's code is watched at."""
    modules = {
        name: ModuleType(name) for name in ("py4j", "pyspark", "pyspark.sql", "pyspark.sql.udf", "pyspark.sql.udtf")
    }
    for name, module in modules.items():
        module.__file__ = f"/nowhere/{name.partition('.')[0]}/__init__.py"
        monkeypatch.setitem(sys.modules, name, module)
    udf, udtf = modules["pyspark.sql.udf"], modules["pyspark.sql.udtf"]
    modules["pyspark.sql"].__dict__.update(udf=udf, udtf=udtf)
    for module in (udf, udtf):
        module.__dict__["_wrap_function"] = lambda _context, function, *_types: ("sent", function)
    java = SimpleNamespace(lang=SimpleNamespace(System=SimpleNamespace(identityHashCode=lambda _: 42)))
    gateway = SimpleNamespace(_gateway_client=SimpleNamespace(send_command=lambda command, **_: command))
    return SimpleNamespace(
        udf=udf, udtf=udtf, context=SimpleNamespace(_gateway=gateway, _jvm=SimpleNamespace(java=java))
    )


def test_a_function_that_is_sent_to_the_jvm_is_found_again_in_a_plan(pyspark: SimpleNamespace) -> None:
    code = watch_code(pyspark.context, FailureLog(is_strict=True))
    record: dict[str, Any] = {"id": 1, "root": 1, "started": STARTED, "plan": {"functions": {"42": "f", "43": "g"}}}

    answer = pyspark.udtf._wrap_function(pyspark.context, complete_of, "double")
    code.describe(record)

    assert answer == ("sent", complete_of)
    assert [function["name"] for function in record["functions"]] == ["complete_of"]


def test_a_second_context_of_a_process_knows_the_functions_of_the_first(pyspark: SimpleNamespace) -> None:
    watch_code(pyspark.context, FailureLog(is_strict=True))
    pyspark.udf._wrap_function(pyspark.context, complete_of, "double")
    wrapping, sending = pyspark.udf._wrap_function, pyspark.context._gateway._gateway_client.send_command

    code = watch_code(pyspark.context, FailureLog(is_strict=True))

    assert (pyspark.udf._wrap_function, pyspark.context._gateway._gateway_client.send_command) == (wrapping, sending)
    assert code._functions.described([42])[0]["name"] == "complete_of"


def test_a_function_that_cannot_be_remembered_is_sent_all_the_same(pyspark: SimpleNamespace) -> None:
    failures = FailureLog()
    watch_code(pyspark.context, failures)
    pyspark.context._jvm = None

    assert pyspark.udf._wrap_function(pyspark.context, complete_of) == ("sent", complete_of)
    assert failures.counts == {"remembering a function": 1}


def test_only_a_users_own_action_has_a_line() -> None:
    waits = Waits(str, engine_of(), FailureLog(is_strict=True))
    waits._keep(1, STARTED / 1000 - 1, "", sys._getframe())
    code = DriverCode(waits, Functions("/nowhere"))
    own: dict[str, Any] = {"id": 1, "root": 1, "started": STARTED}
    nested: dict[str, Any] = {**own, "id": 2}

    code.describe(own)
    code.describe(nested)

    assert own["call_site"]["line"] > 0
    assert "call_site" not in nested


@pytest.mark.parametrize(
    ("description", "line"),
    [
        ("collect at /job/load.py:12", 12),
        ("parquet at NativeMethodAccessorImpl.java:0", None),
        ("nightly", None),
        (None, None),
    ],
)
def test_where_no_call_is_known_sparks_own_words_count(description: str | None, line: int | None) -> None:
    code = DriverCode(Waits(str, engine_of(), FailureLog(is_strict=True)), Functions("/nowhere"))
    record: dict[str, Any] = {"id": 1, "root": 1, "started": STARTED, "description": description}

    code.describe(record)

    assert record.get("call_site") == (None if line is None else {"file": "/job/load.py", "line": line})
