"""The SDK in the hands of somebody new: what is nearly right is understood, what is wrong is said, once and plainly."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import openlineage_schemas
from riverhead_emitter import lineage
from told_runs import Box, gaps, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.lineage import TracedRun

HERE = Path(__file__).name


@pytest.fixture
def box() -> Box:
    return Box()


def names(datasets: list[dict[str, Any]]) -> list[str]:
    return [f"{dataset['namespace']}/{dataset['name']}" for dataset in datasets]


def fields(event: dict[str, Any]) -> dict[str, list[str]]:
    """Return the sources of each column of the first output."""
    facet = event["outputs"][0]["facets"].get("columnLineage", {"fields": {}})
    return {
        name: [f"{one['namespace']}/{one['name']}.{one['field']}" for one in field["inputFields"]]
        for name, field in facet["fields"].items()
    }


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_of_any_length_is_several_datasets(box: Box, kind: type, count: int) -> None:
    things = kind(f"s3://l/{number}" for number in range(count))

    def tell(run: TracedRun) -> None:
        run.reads(things)
        run.writes(things, from_=things)
        run.predicts(things, with_="m")

    event = told(box, tell)

    assert names(event["outputs"]) == list(things)
    assert names(event["inputs"]) == [*things, "models://default/m"]
    assert gaps(event) == []


def test_a_pair_of_texts_is_a_namespace_and_a_name(box: Box) -> None:
    pairs = [("s3://l", "1"), ("pubsub", "topic:shop:orders"), ("file", "/a")]

    assert names(told(box, lambda run: run.reads(*pairs))["inputs"]) == [
        "s3://l/1",
        "pubsub/topic:shop:orders",
        "file//a",
    ]


def test_no_list_in_a_list_and_no_empty_one_is_a_dataset(box: Box) -> None:
    event = told(box, lambda run: run.reads(["/a", ["/b", "/c"]], []))

    assert names(event["inputs"]) == ["file//a"]
    assert len(gaps(event)) == 2


def test_a_model_is_no_table_that_columns_come_from(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.predicts("/scores", with_="churn", version=3, column="risk", from_=["customers.age", "age", "churn.age"])

    event = told(box, tell)

    assert fields(event) == {}
    assert [gap.partition(": ")[0] for gap in gaps(event)] == ["column customers.age", "column age", "column churn.age"]


def test_beside_a_model_the_only_input_needs_no_name(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads("/customers")
        run.predicts("/scores", with_="churn", version=3, column="risk", from_=["age"])

    assert fields(told(box, tell)) == {"risk": ["file//customers.age"]}


def test_a_table_behind_a_jdbc_url_is_named_as_others_name_it(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads(("jdbc:postgresql://db/shop?user=x", "public.orders"))
        run.reads(("jdbc:oracle:thin:@//ora:1521/SHOP", "sales.orders"))
        run.reads(("jdbc:db2://ibm/shop", 'sales."Orders"'))
        run.reads("jdbc:postgresql://db/shop", ("jdbc:nosuch:x", "orders"))

    event = told(box, tell)

    assert names(event["inputs"]) == [
        "postgres://db:5432/shop.public.orders",
        "oracle://ora:1521/SHOP.SALES.ORDERS",
        "db2://ibm:50000/SHOP.SALES.Orders",
    ]
    assert "give the URL and the table" in gaps(event)[0]
    assert "does not say which database" in gaps(event)[1]


def test_an_alias_that_nobody_has_is_a_gap_and_is_logged_once(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    def tell(run: TracedRun) -> None:
        run.reads("/orders", columns=["address"])
        run.writes("/out", columns={"a": ["nosuch.b"], "b": ["nosuch.b"], "c": ["address.city"]})

    event = told(box, tell)

    assert fields(event) == {"c": ["file//orders.address.city"]}
    assert len(gaps(event)) == 1
    assert gaps(event)[0].startswith("column nosuch.b: no input is called 'nosuch'")
    assert len(caplog.records) == 1


def test_of_two_inputs_a_column_must_say_which(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.reads("/b.csv", "/c.csv")
        run.writes("/out", columns={"a": "q"})

    assert gaps(told(box, tell)) == ["column q: there are 2 inputs: say which one, as in 'b.q'"]


def test_a_change_is_one_that_the_specification_has(box: Box) -> None:
    def tell(run: TracedRun) -> None:
        run.writes("/a", change="overwrite")
        run.writes("/b", "/c", change="append", rows=3)

    event = told(box, tell)
    changes = [
        dataset["facets"].get("lifecycleStateChange", {}).get("lifecycleStateChange") for dataset in event["outputs"]
    ]

    assert changes == ["OVERWRITE", None, None]
    assert event["outputs"][2]["outputFacets"]["outputStatistics"]["rowCount"] == 3
    assert gaps(event) == ["run.writes: a change is one of ALTER, CREATE, DROP, OVERWRITE, RENAME, TRUNCATE"]
    if openlineage_schemas.are_at_hand():
        assert openlineage_schemas.problems_of(event) == []


@pytest.mark.parametrize("parent", ["nonsense", object()])
def test_a_parent_that_is_no_run_is_said(box: Box, parent: object, caplog: pytest.LogCaptureFixture) -> None:
    with lineage.run("job", outbox=box, parent=parent):
        pass

    assert "parent" not in box.events[-1]["run"]["facets"]
    assert gaps(box.events[-1])[0].startswith("parent: ")
    assert len(caplog.records) == 1


def test_what_is_told_after_the_end_is_counted_and_said_once(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    with lineage.run("job", outbox=box) as run:
        run.reads("/a")
    for _ in range(3):
        run.metric("loss", 1)
    run.writes("/b")

    assert [record.getMessage().partition("run.metric: ")[2] for record in caplog.records] == [
        f"the run has ended; tell it inside `with` ({__file__}:{line_of('run.metric', 1)})"
    ]
    assert run.told_too_late == 4
    assert "told too late" in run._repr_html_()


def line_of(text: str, nth: int) -> int:
    """Return the number of the nth line of this file, within the test above, that begins with the text."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if "def test_what_is_told_after_the_end" in line)
    found = [number for number, line in enumerate(lines, 1) if number > first and line.strip().startswith(text)]
    return found[nth - 1]


def test_a_misspelt_keyword_costs_only_itself(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    def tell(run: Any) -> None:
        run.reads("/a", rosw=5, version=7)
        run.writes("/b", colums={"a": "b"})
        run.metric("loss", 0.5, stepp=1)

    event = told(box, tell)

    assert event["inputs"][0]["facets"]["version"]["datasetVersion"] == "7"
    assert names(event["outputs"]) == ["file//b"]
    assert event["run"]["facets"]["riverhead_metrics"]["metricCount"] == 1
    assert gaps(event) == [
        "run.reads: it has no rosw=; did you mean rows=?",
        "run.writes: it has no colums=; did you mean columns=?",
        "run.metric: it has no stepp=; did you mean step=?",
    ]
    assert all(f"{HERE}:" in record.getMessage() for record in caplog.records)
    assert box.failures.counts == {}


def test_a_misspelt_keyword_of_a_run_costs_only_itself(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    misspelt: Any = lineage
    with misspelt.run("job", outbox=box, namespce="x", description="why"):
        used = misspelt.column("a", off="/x", how="JOIN")
        misspelt.job("job", outbx=box)

    assert box.events[0]["job"]["facets"]["documentation"]["description"] == "why"
    assert used.how.value == "JOIN"
    messages = [record.getMessage() for record in caplog.records]
    assert [message.partition(" (")[0] for message in messages] == [
        "lineage: lineage.run: it has no namespce=; did you mean namespace=?",
        "lineage: lineage.column: it has no off=; did you mean of=?",
        "lineage: lineage.job: it has no outbx=; did you mean outbox=?",
    ]
    assert all(f"{HERE}:" in message for message in messages)


WRONG_CALLS: list[Callable[[Any], object]] = [
    lambda run: run.metric("loss"),
    lambda run: run.predicts("/a"),
    lambda run: run.sql("a", "b", "c"),
    lambda run: run.parameters(["a"]),
    lambda run: run.splits("/a", into=["/b"]),
    lambda run: run.splits("/a", into={"train": "/b"}, fractions=[0.5]),
    lambda run: run.reads("/a", columns=5),
    lambda run: run.reads("/a", rows="x"),
]


@pytest.mark.parametrize("tell", WRONG_CALLS)
def test_a_wrong_call_is_a_gap_and_no_failure_of_ours(
    box: Box, tell: Callable[[TracedRun], object], caplog: pytest.LogCaptureFixture
) -> None:
    event = told(box, tell)

    assert len(gaps(event)) == len(caplog.records) == 1
    message = caplog.records[0].getMessage()
    assert f"{HERE}:" in message
    assert "telling" not in message.lower()
    assert box.failures.counts == {}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("x", "a metric is a number, not a str"),
        (object(), "a metric is a number, not an object"),
        (math.nan, "a metric is a finite number, not nan"),
        (-math.inf, "a metric is a finite number, not -inf"),
        (None, "a metric is a number, not None"),
    ],
)
def test_a_metric_that_is_none_is_told_why(box: Box, value: object, why: str) -> None:
    assert gaps(told(box, lambda run: run.metric("loss", value))) == [f"run.metric: {why}"]


def test_a_warning_shows_nothing_that_a_terminal_obeys_and_no_secret(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    def tell(run: Any) -> None:
        run.reads("/a", "/b")
        run.writes("/c", columns={"x": ["\x1b[31mred.a", "postgres://user:canary@db/shop.b"]})
        run.reads("/a", **{"\x1b[2J": 1})

    told(box, tell)
    said = "".join(record.getMessage() for record in caplog.records)

    assert len(caplog.records) == 3
    assert said.isprintable()
    assert "canary" not in said
