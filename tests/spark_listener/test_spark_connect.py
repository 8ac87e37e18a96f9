"""What the client of a Spark Connect server is heard to ask, with requests that need no Spark."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.errors import UnknownObservation, UnreadableRecord
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.observation import Observation
from riverhead_spark.connect.client import ClientTap, client_facts
from riverhead_spark.connect.requests import request_facts
from riverhead_spark.connect.understand import interpret
from riverhead_spark.executions import Actions
from riverhead_spark.literals import hide_literals

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION = {"id": "session-1", "name": "daily", "spark_version": "4.3.0", "namespace": "shop"}


class Message:
    """A protobuf message as far as it is looked at: the name of its type, and its fields."""

    def __init__(self, type_name: str, **fields: Any) -> None:
        self.DESCRIPTOR = SimpleNamespace(name=type_name)
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        return self._fields.get(name, "")

    def ListFields(self) -> list[tuple[None, Any]]:  # noqa: N802 - protobuf's name
        """Return what is set."""
        return [(None, value) for value in self._fields.values()]


class Command(Message):
    """The command of a plan, of which one field is set."""

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 - protobuf's name
        """Return which."""
        assert group == "command_type"
        return next(iter(self._fields), None)


def plan(*, root: Message | None = None, **command: Message) -> Message:
    fields = {"root": root} if root else {}
    return Message("Plan", **fields, command=Command("Command", **command))


ORDERS = Message("Relation", read=Message("Read", named_table=Message("NamedTable", unparsed_identifier="shop.orders")))
FILES = Message(
    "Relation",
    read=Message("Read", data_source=Message("DataSource", format="parquet", paths=["s3://lake/raw", "/raw"])),
)
JOINED = Message("Relation", join=Message("Join", left=ORDERS, right=FILES, using_columns=["id"]))


def written(source: Message, **target: Any) -> Message:
    target.setdefault("table", Message("SaveTable"))
    return plan(write_operation=Message("WriteOperation", input=source, **target))


def test_a_write_names_its_target_and_everything_below_it() -> None:
    assert request_facts(written(JOINED, path="s3://lake/daily")) == {
        "reads": [{"format": "parquet", "paths": ["s3://lake/raw", "/raw"]}, {"table": "shop.orders"}],
        "writes": [{"path": "s3://lake/daily"}],
        "queries": [],
        "operation": "write_operation",
    }


def test_sql_is_told_by_its_text_in_the_forms_of_both_versions() -> None:
    text = "INSERT INTO daily SELECT * FROM orders"
    four = plan(sql_command=Message("SqlCommand", input=Message("Relation", sql=Message("SQL", query=text))))
    three = plan(sql_command=Message("SqlCommand", sql=text))

    assert request_facts(four) == request_facts(three)
    assert (request_facts(four) or {})["queries"] == [text]


def test_a_statement_that_only_asks_is_told_when_its_rows_are_asked_for() -> None:
    asked = Message("Relation", sql=Message("SQL", query="  select 1 from t"))

    assert request_facts(plan(sql_command=Message("SqlCommand", input=asked))) is None
    assert (request_facts(plan(root=asked)) or {})["operation"] == "collect"


def test_a_setting_is_not_told_and_a_variable_is() -> None:
    def told(text: str) -> dict[str, Any] | None:
        return request_facts(plan(sql_command=Message("SqlCommand", input=Message("SQL", query=text))))

    assert told(" SET fs.s3a.secret.key=CANARY") is None
    assert told("set") is None
    assert (told("SET VAR latest = (SELECT max(day) FROM sales)") or {})["operation"] == "sql_command"
    assert (told("set_up.t") or {})["operation"] == "sql_command"


def test_rows_and_literals_are_not_looked_at_and_what_has_no_name_is_no_run() -> None:
    secret = Message("SQL", query="a secret")
    closed = [Message(name, held=secret) for name in ("Expression", "LocalRelation", "CommonInlineUserDefinedFunction")]

    assert request_facts(plan(root=Message("Relation", project=Message("Project", expressions=closed)))) is None


def test_a_plan_without_end_is_looked_at_to_a_bound() -> None:
    endless = Message("Relation")
    endless._fields["input"] = endless

    assert request_facts(plan(root=endless)) is None


class Client:
    """A client whose server answers two batches, or fails."""

    _session_id = "session-1"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def _execute_and_fetch_as_iterator(self, request: Any, observations: Any = None) -> Iterator[str]:
        del request, observations
        yield "rows"
        if self.error:
            raise self.error
        yield "more rows"

    def asked(self, request: Any) -> list[str]:
        return list(self._execute_and_fetch_as_iterator(request, {}))


def heard(client: Client) -> ClientTap:
    return ClientTap(SimpleNamespace(client=client), FailureLog(is_strict=True))


def records(tap: ClientTap) -> list[dict[str, Any]]:
    tap.leave(1.0)
    found: list[dict[str, Any]] = []
    while (batch := tap.poll()) is not None:
        found += batch
    return found


WRITE = SimpleNamespace(plan=written(ORDERS, path="s3://lake/daily"))


def test_a_request_is_begun_and_ended_and_answered_as_ever() -> None:
    client = Client()
    tap = heard(client)

    assert client.asked(WRITE) == ["rows", "more rows"]
    start, end = records(tap)
    assert [start["what"], end["what"], start["id"] == end["id"]] == ["start", "end", True]
    assert "error" not in end


def test_a_request_that_fails_raises_and_tells_its_error() -> None:
    client = Client(ValueError("no such table"))
    tap = heard(client)

    with pytest.raises(ValueError, match="no such table"):
        client.asked(WRITE)
    assert records(tap)[1]["error"] == {"class": "ValueError", "message": "no such table"}


def test_whoever_reads_only_the_first_rows_has_ended_the_request() -> None:
    client = Client()
    tap = heard(client)

    answer = client._execute_and_fetch_as_iterator(WRITE)
    assert next(answer) == "rows"
    answer.close()  # type: ignore[attr-defined]  # it is a generator

    assert [record["what"] for record in records(tap)] == ["start", "end"]


def test_a_request_that_cannot_be_read_is_answered_all_the_same() -> None:
    client, failures = Client(), FailureLog()
    tap = ClientTap(SimpleNamespace(client=client), failures)

    assert client.asked(SimpleNamespace()) == ["rows", "more rows"]
    assert records(tap) == []
    assert failures.counts == {"reading a request": 1}


def test_a_client_that_is_left_is_as_it_was() -> None:
    client = Client()
    tap = heard(client)
    records(tap)

    client.asked(WRITE)

    assert tap.poll() is None


def test_records_that_nobody_takes_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riverhead_spark.connect.client._MOST_RECORDS", 1)
    client = Client()
    tap = heard(client)
    client.asked(WRITE)

    tap.poll()
    client.asked(WRITE)

    assert records(tap)[0]["dropped"] == 1


def test_a_client_knows_its_script_and_asks_its_server_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pyspark = ModuleType("pyspark")
    pyspark.__version__ = "4.3.0"  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "pyspark", pyspark)
    monkeypatch.setattr("riverhead_spark.connect.client.script_facts", lambda: {"path": "/jobs/daily.py"})

    facts = client_facts(SimpleNamespace(client=Client()), "shop", {})

    assert {key: facts[key] for key in APPLICATION} == APPLICATION


def events(*given: dict[str, Any]) -> list[dict[str, Any]]:
    actions = Actions(APPLICATION, "spark.connect")
    observations = [actions.take(record) for record in given]
    assert {observation.kind for observation in observations if observation} == {"spark.connect"}
    return [event for observation in observations if observation for event in interpret(observation)]


def told(request: Message, **end: Any) -> list[dict[str, Any]]:
    start = {"id": 0, "root": 0, "started": 1_700_000_000_000, "what": "start", "plan": request_facts(request)}
    return events(
        start, {"id": 0, "root": 0, "started": start["started"], "what": "end", "ended": 1_700_000_001_000, **end}
    )


def test_a_request_is_a_run_with_the_datasets_that_its_names_are_and_gaps_for_the_rest() -> None:
    start, complete = told(written(JOINED, path="s3://lake/daily"))

    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert complete["job"]["name"] == "daily.write_operation.daily"
    assert [[dataset["namespace"], dataset["name"]] for dataset in (*complete["inputs"], *complete["outputs"])] == [
        ["s3://lake", "raw"],
        ["s3://lake", "daily"],
    ]
    gaps = [gap["what"] for gap in complete["run"]["facets"]["riverhead_coverage"]["unresolved"]]
    assert gaps == ["/raw", "shop.orders", "columns"]


def test_sql_is_a_facet_and_a_failure_tells_its_error() -> None:
    text = "INSERT INTO daily SELECT * FROM orders"
    error = {"class": "AnalysisException", "message": "no such table"}

    _, fail = told(plan(sql_command=Message("SqlCommand", sql=text)), error=error)

    assert fail["eventType"] == "FAIL"
    assert fail["job"]["facets"]["sql"]["query"] == text
    assert fail["run"]["facets"]["errorMessage"]["message"] == "AnalysisException: no such table"


def test_what_the_end_overtakes_is_aborted() -> None:
    actions = Actions(APPLICATION, "spark.connect")
    actions.take({"id": 0, "root": 0, "started": 1, "what": "start", "plan": request_facts(plan(root=ORDERS))})

    (left,) = actions.left_open(2)

    assert [event["eventType"] for event in interpret(left)] == ["ABORT"]


def test_what_hides_the_literals_of_plans_leaves_a_request_as_it_is() -> None:
    record = {"plan": request_facts(plan(root=ORDERS))}

    hide_literals(record)

    assert record == {"plan": request_facts(plan(root=ORDERS))}


def test_a_source_that_only_options_name_is_called_by_its_format() -> None:
    jdbc = Message("Relation", read=Message("Read", data_source=Message("DataSource", format="jdbc", paths=[])))

    _, complete = told(plan(root=jdbc))

    assert "a source of format jdbc" in str(complete["run"]["facets"]["riverhead_coverage"])


def test_another_layout_and_what_is_none_are_refused_with_a_sentence() -> None:
    with pytest.raises(UnknownObservation, match="another release"):
        interpret(Observation("spark.connect", 2, "run", {}))
    with pytest.raises(UnreadableRecord, match="lacks or misstates"):
        interpret(Observation("spark.connect", 1, "run", {}))
