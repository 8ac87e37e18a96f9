"""The SDK: every verb, and what becomes of it in the events."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

import openlineage_schemas
from riverhead_emitter import lineage
from riverhead_emitter.lineage import traced
from riverhead_emitter.model import Column, Dataset
from riverhead_emitter.settings import settings_from
from told_runs import Box, gaps, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.lineage import TracedRun

ORDERS, REPORT = "s3://shop/orders.parquet", "postgres://db/shop/sales.report"
few = hypothesis.settings(max_examples=40, deadline=None)


@pytest.fixture
def box() -> Box:
    return Box()


def names(datasets: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(dataset["namespace"], dataset["name"]) for dataset in datasets]


def test_a_run_begins_and_completes_with_what_it_read_and_wrote(box: Box) -> None:
    with lineage.run("report", namespace="shop", outbox=box) as run:
        run.reads(ORDERS, rows=10, size_bytes=99, files=1, version=7)
        run.writes(REPORT, rows=2, change="OVERWRITE")
    start, end = box.events

    assert [start["eventType"], end["eventType"]] == ["START", "COMPLETE"]
    assert start["run"]["runId"] == end["run"]["runId"] == run.id
    assert end["job"]["namespace"] == "shop"
    assert end["job"]["name"] == "report"
    assert names(end["inputs"]) == [("s3://shop", "orders.parquet")]
    assert names(end["outputs"]) == [("postgres://db:5432", "shop.sales.report")]
    assert end["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 10
    assert end["inputs"][0]["facets"]["version"]["datasetVersion"] == "7"
    assert end["outputs"][0]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"
    assert run.events == box.events


def test_a_job_says_what_it_is_and_where_it_stands(box: Box) -> None:
    with lineage.run("job", outbox=box, description="why", owners=["team:shop"], tags={"tier": "1"}):
        pass
    facets = box.events[0]["job"]["facets"]

    assert facets["documentation"]["description"] == "why"
    assert facets["ownership"]["owners"] == [{"name": "team:shop"}]
    assert facets["tags"]["tags"] == [{"key": "tier", "value": "1", "source": "USER"}]
    assert facets["sourceCodeLocation"]["path"] == str(Path(__file__).resolve())
    assert box.events[0]["run"]["facets"]["processing_engine"]["name"] == "Python"


def test_code_of_a_notebook_is_in_no_file(box: Box) -> None:
    cell = compile("with lineage.run('cell', outbox=box): pass", "<ipython-input-1>", "exec")
    FunctionType(cell, {"lineage": lineage, "box": box})()

    assert "sourceCodeLocation" not in box.events[0]["job"]["facets"]


class Asset:
    """What other libraries call a dataset."""

    uri = "s3://shop/orders.parquet"


class Named:
    """What the official client calls one."""

    namespace, name = "s3://shop", "orders.parquet"


@pytest.mark.parametrize(
    "thing",
    [ORDERS, "s3a://shop//orders.parquet/", Dataset("s3://shop", "orders.parquet"), ("s3://shop", "orders.parquet"),
     Asset(), Named()],
)  # fmt: skip
def test_a_dataset_is_given_in_any_way_that_names_it(box: Box, thing: object) -> None:
    assert names(told(box, lambda run: run.reads(thing))["inputs"]) == [("s3://shop", "orders.parquet")]


def test_a_path_from_here_is_named_from_the_root(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    event = told(box, lambda run: run.reads("a.csv", Path("b.csv"), b"c.csv", "~/d.csv", "e/*.csv"))

    assert names(event["inputs"]) == [("file", f"{tmp_path}/{name}") for name in ("a.csv", "b.csv", "d.csv", "e")]
    assert [gap.partition(": give")[0] for gap in gaps(event)] == ["run.reads: what is of type bytes is no dataset"]


class Frame:
    """Data in memory, as data frames are."""

    columns = ("a",)

    def __getattr__(self, name: str) -> object:
        return getattr(self, name + "x") if len(name) < 20 else []


@pytest.mark.parametrize("thing", [None, 5, object(), "", "  ", "x" * 10_000, ("a", 1), (), {"a": 1}, Frame()])
def test_what_is_no_dataset_is_named_and_costs_nothing_else(
    box: Box, thing: object, caplog: pytest.LogCaptureFixture
) -> None:
    def tell(run: TracedRun) -> None:
        run.reads(ORDERS, thing)
        run.reads(thing)
        run.writes(REPORT)

    event = told(box, tell)

    assert (len(event["inputs"]), len(event["outputs"])) == (1, 1)
    assert [gap.partition(":")[0] for gap in gaps(event)] == ["run.reads"]
    assert len(caplog.records) == 1


def test_data_in_memory_gets_a_sentence_of_its_own(box: Box) -> None:
    assert "say where it came from" in gaps(told(box, lambda run: run.reads(Frame())))[0]


def test_columns_are_traced_by_the_names_of_inputs(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.writes(
            REPORT,
            columns={
                "total": ["orders.amount", lineage.column("c.rate", how="aggregation", expression="max(rate)")],
                "who": lineage.column("email", of="/data/customers.csv", masking=True),
                "where": Column(Dataset("s3://shop", "orders.parquet"), "address.city"),
            },
            decided_by=["orders.day", lineage.column("c.id", how="JOIN")],
        )
        run.reads(ORDERS, columns=["amount", "day"])
        run.reads("/data/customers.csv", as_="c", columns={"id": "int"})

    event = told(box, tell)
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
    sources = {
        (name, one["field"], one["transformations"][0]["subtype"])
        for name, field in fields.items()
        for one in field["inputFields"]
    }

    assert {
        ("total", "amount", "TRANSFORMATION"), ("total", "rate", "AGGREGATION"), ("who", "email", "TRANSFORMATION"),
        ("where", "address.city", "TRANSFORMATION"), ("total", "day", "FILTER"), ("total", "id", "JOIN"),
    } <= sources  # fmt: skip
    assert [field["name"] for field in event["outputs"][0]["facets"]["schema"]["fields"]] == ["total", "who", "where"]
    assert event["inputs"][1]["facets"]["schema"]["fields"] == [{"name": "id", "type": "int"}]
    assert "outputs" in box.events[0]
    assert gaps(event) == []


def test_a_column_that_could_be_of_several_inputs_is_named(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads("/a/orders.csv", "/b/orders.csv")
        columns = {"x": ["orders.amount", "nobody.amount", 5, lineage.column("a", how="magic")], "y": None}
        run.writes(REPORT, columns=columns)

    event = told(box, tell)

    assert sorted(gap.partition(": ")[0] for gap in gaps(event)) == [
        "column nobody.amount", "column orders.amount", "column x", "column x",
    ]  # fmt: skip
    assert "columnLineage" not in event["outputs"][0]["facets"]


def test_the_only_input_needs_no_name(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads(ORDERS, columns=["amount", "address"])
        run.writes(REPORT, columns={"x": "amount", "y": "address.city"})

    fields = told(box, tell)["outputs"][0]["facets"]["columnLineage"]["fields"]

    assert [fields[name]["inputFields"][0]["field"] for name in ("x", "y")] == ["amount", "address.city"]
    assert box.events[-1]["outputs"][0]["facets"]["schema"]["fields"] == [{"name": "x"}, {"name": "y"}]


def test_what_is_told_before_the_run_begins_is_in_its_start_without_columns(box: Box) -> None:
    run = lineage.run("job", outbox=box)
    run.reads(ORDERS)
    run.writes(REPORT, columns={"x": "amount"})
    with run:
        pass

    assert ["columnLineage" in event["outputs"][0]["facets"] for event in box.events] == [False, True]


def test_outputs_of_their_own_inputs_are_told_apart(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.writes("/out/a", from_="/in/a")
        run.writes("/out/b", from_=["/in/b", "/in/c"])

    event = told(box, tell)
    entries = event["job"]["facets"]["lineage"]["entries"]

    assert [[one["name"] for one in entry["inputs"]] for entry in entries] == [["/in/a"], ["/in/b", "/in/c"]]
    assert len(event["inputs"]) == 3


def test_documents_are_derived_from_parts_of_others(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        part = lineage.document("call-7", of="s3://raw/calls", unit="SECONDS", start=1.5, end=9)
        run.derives("s3://clean/texts/7.txt", from_=[part, "s3://raw/notes/7.pdf"], method="TRANSCRIPTION")
        run.derives(("s3://clean/texts", 8), from_=("s3://raw/calls", "call-8"))
        run.derives("s3://clean/texts/9.txt", from_=[object(), lineage.document(None)])

    event = told(box, tell)
    facet = event["outputs"][0]["facets"]["riverhead_derivation"]

    assert names(event["outputs"]) == [("s3://clean", "texts")]
    assert names(event["inputs"]) == [("s3://raw", "calls"), ("s3://raw", "notes")]
    assert [one["document"] for one in facet["documents"]] == ["7.txt", "8", "9.txt"]
    assert facet["documents"][0]["sources"][0] == {
        "namespace": "s3://raw", "name": "calls", "document": "call-7", "unit": "SECONDS", "start": 1.5, "end": 9,
    }  # fmt: skip
    assert len(gaps(event)) == 2


def test_a_million_documents_are_counted_and_a_thousand_named(box: Box) -> None:
    event = told(box, lambda run: [run.derives(("/out", n), from_=("/in", n)) for n in range(1500)])
    facet = event["outputs"][0]["facets"]["riverhead_derivation"]

    assert (facet["documentCount"], len(facet["documents"])) == (1500, 1000)


def test_what_a_run_remembers_is_bounded(box: Box) -> None:
    with lineage.run("job", outbox=box) as run:
        for number in range(1100):
            run.metric("loss", number)
            run.metric(f"m{number}", number)
            run.derives(("/out", number), from_=("/in", number))
            run.reads(("a" * 5, number))
    notes = run._notes

    assert (len(notes.measured), len(notes.measured["loss"])) == (1000, 1000)
    assert len(notes.outputs[Dataset("file", "/out")].documents) == 1000
    assert len(notes.gaps) <= 1000


def test_parameters_metrics_tags_and_sql_are_told_of_the_run(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.parameter("rate", 0.1)
        run.parameters({"layers": [1, 2], "odd": object(), "nan": float("nan")})
        run.metric("loss", 0.5, step=1)
        run.metric("loss", 0.25, step=2, split="test")
        run.tag("tier", 1)
        run.sql("select 1", "postgres")
        for nonsense in ("x", None, float("inf")):
            run.metric("bad", nonsense)

    event = told(box, tell)
    facets = event["run"]["facets"]
    values = {one["name"]: one["value"] for one in facets["riverhead_parameters"]["parameters"]}

    assert (values["rate"], values["layers"], values["nan"]) == (0.1, [1, 2], None)
    assert facets["riverhead_metrics"]["metrics"] == [
        {"name": "loss", "value": 0.5, "step": 1}, {"name": "loss", "value": 0.25, "step": 2, "split": "test"},
    ]  # fmt: skip
    assert facets["tags"]["tags"] == [{"key": "tier", "value": "1", "source": "USER"}]
    assert event["job"]["facets"]["sql"] == event["job"]["facets"]["sql"] | {"query": "select 1", "dialect": "postgres"}
    assert len(gaps(event)) == 4
    assert "parameter nan: not all of it is kept: not a finite number" in gaps(event)


def test_of_many_figures_the_last_of_each_name_is_kept(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        for step in range(1200):
            run.metric("loss", step)
            run.metric("accuracy", step)

    facet = told(box, tell)["run"]["facets"]["riverhead_metrics"]

    assert facet["metricCount"] == 2400
    assert len(facet["metrics"]) == 1000
    assert [one["name"] for one in facet["metrics"] if one["value"] == 1199] == ["loss", "accuracy"]


def test_a_model_learns_from_what_the_run_read_unless_it_says_otherwise(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads("/data/train", version=4, split="train")
        run.predicts("/data/hints", with_="teacher", version=1)
        run.trains("churn", version=3, framework="any")
        run.trains("student", version=1, on="/data/train")
        run.trains("s3://models/other", version="a", on=[lineage.data("/data/x", version=1, split="k"), object()])

    event = told(box, tell)
    churn, student, other = (dataset["facets"]["riverhead_model"] for dataset in event["outputs"][1:])

    assert names(event["outputs"])[1:] == [
        ("models://default", "churn"), ("models://default", "student"), ("s3://models", "other"),
    ]  # fmt: skip
    assert student["trainedOn"] == [{"namespace": "file", "name": "/data/train", "version": "4", "split": "train"}]
    assert "teacher" not in [data["name"] for data in churn["trainedOn"]]
    assert (churn["name"], churn["version"], churn["framework"]) == ("churn", "3", "any")
    assert churn["trainedBy"]["runId"] == event["run"]["runId"]
    assert {"namespace": "file", "name": "/data/train", "version": "4", "split": "train"} in churn["trainedOn"]
    assert other["trainedOn"] == [{"namespace": "file", "name": "/data/x", "version": "1", "split": "k"}]
    assert len(gaps(event)) == 1


def test_predictions_name_the_model_and_its_version(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads("/data/new", as_="new")
        run.predicts("/data/scores", with_="models:/churn/3", column="score", from_=["new.age"])
        run.predicts(Column(Dataset("file", "/data/other"), "p"), with_="/models/m.bin", version=2)

    event = told(box, tell)
    model = next(dataset for dataset in event["inputs"] if dataset["name"] == "churn")

    assert model["facets"]["riverhead_model"]["version"] == "3"
    assert model["facets"]["datasetType"]["datasetType"] == "MODEL"
    assert names(event["outputs"]) == [("file", "/data/scores"), ("file", "/data/other")]
    assert list(event["outputs"][0]["facets"]["columnLineage"]["fields"]) == ["score"]


VERBS = [
    "reads",
    "writes",
    "derives",
    "parameter",
    "parameters",
    "metric",
    "tag",
    "sql",
    "splits",
    "trains",
    "predicts",
]


class Hostile:
    """An object that fails whatever it is asked."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(name)

    def __iter__(self) -> object:
        raise RuntimeError("no items")


SECRETLY_ITSELF: list[object] = []
SECRETLY_ITSELF.append(SECRETLY_ITSELF)
HOSTILE = [
    Hostile(),
    None,
    5,
    "\udc80\x00\x1b[31m",
    SECRETLY_ITSELF,
    {"a": Hostile()},
    [Hostile()],
    "x" * 100_000,
    b"\xff",
]


@pytest.mark.parametrize("verb", VERBS)
def test_no_argument_and_no_wrong_call_of_a_verb_raises(box: Box, verb: str) -> None:
    with lineage.run("job", outbox=box) as run:
        tell = getattr(run, verb)
        for thing in HOSTILE:
            tell(thing)
            tell(thing, thing)
            tell(thing, into=thing, from_=thing, with_=thing, version=thing)
            tell("/a", columns=thing)
            tell("/a", from_=thing, version=thing, split=thing)
        tell(nonsense=1)
        tell()

    assert box.events[-1]["eventType"] == "COMPLETE"


THINGS = st.recursive(
    st.none() | st.text(max_size=5) | st.floats() | st.integers(),
    lambda some: st.lists(some, max_size=3) | st.tuples(some, some),
    max_leaves=5,
)


@given(THINGS)
@few
def test_what_hosts_hand_over_makes_valid_events(thing: object) -> None:
    box = Box()
    with lineage.run("job", outbox=box) as run:
        run.reads(thing, columns=thing)
        run.writes(thing, from_=thing, columns={"a": thing}, decided_by=thing)
        run.derives(thing, from_=thing)
        run.parameter(thing, thing)
        run.metric("m", thing)
        run.trains("m", version=thing, on=thing)

    assert box.events[-1]["eventType"] == "COMPLETE"
    if openlineage_schemas.are_at_hand():
        assert openlineage_schemas.problems_of(box.events[-1]) == []


@pytest.mark.parametrize("make", [lineage.run, lineage.column, lineage.document, lineage.data])
def test_no_wrong_call_of_the_front_door_raises(
    make: Callable[..., object], monkeypatch: pytest.MonkeyPatch, box: Box
) -> None:
    monkeypatch.setattr(traced, "process_outbox", lambda: box)
    made = [make(nonsense=1), make(Hostile()), make(*HOSTILE)]

    with lineage.run("job", outbox=box) as run:
        for thing in made:
            run.reads(thing, columns=thing)


def test_a_run_ends_even_if_nothing_that_it_told_can_be_said(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> object:
        raise RuntimeError("not to be said")

    with lineage.run("job", outbox=box) as run:
        run.reads(ORDERS)
        monkeypatch.setattr(type(run._notes), "run_facets", lambda notes: {} if notes.gaps else fails(notes))

    assert box.events[-1]["eventType"] == "COMPLETE"
    assert gaps(box.events[-1]) == ["run: what it told could not be put into an event"]


def test_a_run_without_a_name_has_one(box: Box) -> None:
    with lineage.run(Hostile(), outbox=box), lineage.run("", outbox=box):
        pass

    assert {event["job"]["name"] for event in box.events} == {"unnamed"}


def test_a_run_shows_itself_in_a_notebook_without_what_could_run_there(box: Box) -> None:
    with lineage.run("<b>job</b> password=canary", outbox=box) as run:
        run.reads("s3://user:canary@shop/<script>")
        run.reads(5)
        shown = run._repr_html_()

    assert "<script>" not in shown
    assert "canary" not in shown
    assert "START" in shown
    assert repr(run).endswith("COMPLETE>")


def test_secrets_do_not_get_past_the_emitter(tmp_path: Path) -> None:
    from riverhead_emitter.emitter import Emitter

    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path)}))

    def work() -> None:
        with lineage.run("job", outbox=emitter) as run:
            run.parameter("db_password", "canary-1")
            run.reads("postgres://user:canary-2@db/shop/orders", "https://place/a?sig=canary-3")
            raise RuntimeError("connect to postgres://user:canary-4@db failed")

    with pytest.raises(RuntimeError):
        work()
    emitter.close()
    spooled = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert b"runId" in spooled
    assert b"canary" not in spooled


def test_without_an_outbox_the_process_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from riverhead_emitter.lineage.outboxes import process_outbox

    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path))
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "shop")
    process_outbox.cache_clear()
    with lineage.run("job") as run:
        pass
    process_outbox().close()
    process_outbox.cache_clear()

    assert run.run.job.namespace == "shop"
    assert run.id.encode() in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_training_story_is_told_as_it_was(
    golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, ids = Box(), iter(f"01941f29-7c00-7000-8000-00000000000{number}" for number in range(9))
    monkeypatch.setattr(traced, "new_run_id", lambda: next(ids))
    with lineage.run("churn", namespace="shop", outbox=box):
        with lineage.run("churn.split", namespace="shop", outbox=box) as run:
            parts = {"train": "s3://shop/churn/train", "test": "s3://shop/churn/test"}
            run.splits(
                "s3://shop/customers", into=parts, method="RANDOM", seed=7, fractions={"train": 0.8, "test": 0.2}
            )
        with lineage.run("churn.train", namespace="shop", outbox=box) as run:
            run.reads("s3://shop/churn/train", split="train", version="2026-11-21")
            run.parameter("learning_rate", 0.1)
            run.metric("auc", 0.91, split="test")
            run.trains("churn", version=3, framework="scikit-learn")
        with lineage.run("churn.predict", namespace="shop", outbox=box) as run:
            run.reads("s3://shop/customers", as_="customers")
            run.predicts(REPORT, with_="churn", version=3, column="risk", from_=["customers.age", "customers.orders"])
    for event in box.events:
        event["eventTime"] = "2026-11-21T12:00:00.000000Z"
        event["job"]["facets"].pop("sourceCodeLocation", None)
        event["run"]["facets"]["processing_engine"]["version"] = "3"

    golden("training_story.json", json.dumps(box.events, indent=2, sort_keys=True) + "\n")


def test_nothing_is_logged_where_everything_is_understood(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    told(box, lambda run: run.reads(ORDERS, columns=["a"]))

    assert caplog.records == []
