from __future__ import annotations

import copy
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import openlineage_schemas
from riverhead_emitter.encoding import encoded_event, encoded_observation
from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.event import run_event
from riverhead_emitter.facets import job, traffic
from riverhead_emitter.facets import run as run_facets
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    Derivation,
    Field,
    Job,
    Lineage,
    Parentage,
    Run,
    RunState,
    Touched,
)
from riverhead_emitter.observation import Observation
from riverhead_emitter.trimming import fitted
from riverhead_emitter.understand import events_of

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
RUN = Run("01890a5d-ac96-774b-bcce-b302099a8057", Job("shop", "load"))
# An event of names alone, with the facet, takes about 1,400 bytes in these tests.
LIMITS = st.integers(2_500, 40_000)
TEXTS = st.integers(0, 30_000).map('Ünïcode "quoted" '.__mul__) | st.integers(0, 9_000).map("plain ".__mul__)


def made(
    columns: int = 2,
    *,
    source: str = "",
    stack: str = "",
    sql: str = "",
    told: str = "",
    own: str = "",
    inputs: int = 2,
) -> dict[str, Any]:
    """Return an event whose parts are as large as told."""
    read = [Dataset("s3://lake", f"orders/{at}") for at in range(inputs)]
    written = Dataset("postgres://db:5432", "shop.public.orders")
    edges = tuple(
        ColumnEdge(Column(written, f"c{at}"), Column(read[0], f"c{at}"), Derivation.IDENTITY, told)
        for at in range(columns if inputs else 0)
    )
    fields = tuple(Field(f"c{at}", "VARCHAR") for at in range(columns))
    figures = {"outputStatistics": traffic.output_statistics(1, 2, 3)}
    return run_event(
        RunState.FAIL,
        NOON,
        RUN,
        Lineage(tuple(Touched(one) for one in read), (Touched(written, fields, traffic=figures),), edges),
        parentage=Parentage(RUN, RUN),
        run_facets={
            "errorMessage": run_facets.error_message("broken", "PYTHON", stack),
            "own": {"_producer": "urn:tests", "_schemaURL": "urn:tests:own", "text": own},
        },
        job_facets={"sql": job.sql(sql), "sourceCode": job.source_code("PYTHON", source)},
    )


def size(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":")))


def cuts_of(event: dict[str, Any]) -> list[str]:
    return [cut["path"] for cut in event["run"]["facets"].get("riverhead_trimmed", {"parts": []})["parts"]]


EVENTS = st.builds(
    made, st.integers(0, 200), source=TEXTS, stack=TEXTS, sql=TEXTS, told=st.text(max_size=30), own=TEXTS,
    inputs=st.integers(0, 40),
)  # fmt: skip


@given(EVENTS, LIMITS)
@settings(deadline=None, max_examples=25)
def test_what_is_trimmed_fits_and_is_the_same_run_of_the_same_datasets(event: dict[str, Any], limit: int) -> None:
    before = copy.deepcopy(event)

    kept = fitted(event, limit)

    assert event == before
    assert size(kept) <= limit
    assert kept == fitted(event, limit)
    for part in ("eventType", "eventTime", "producer", "schemaURL"):
        assert kept[part] == event[part]
    assert kept["run"]["runId"] == RUN.id
    assert (kept["job"]["namespace"], kept["job"]["name"]) == ("shop", "load")
    for side in ("inputs", "outputs"):
        names = [(found["namespace"], found["name"]) for found in event[side]]
        left = [(found["namespace"], found["name"]) for found in kept[side]]
        assert left == names[: len(left)]
        assert left == names or any(path == f"/{side}" for path in cuts_of(kept))
    assert (kept == event) == (cuts_of(kept) == [])
    assert (kept == event) == (size(event) <= limit)


@pytest.mark.skipif(not openlineage_schemas.are_at_hand(), reason=openlineage_schemas.MISSING)
@given(EVENTS, LIMITS)
@settings(deadline=None, max_examples=10)
def test_what_is_trimmed_is_still_openlineage(event: dict[str, Any], limit: int) -> None:
    assert openlineage_schemas.problems_of(fitted(event, limit)) == []


LONG = "x" * 20_000


@pytest.mark.parametrize(
    ("event", "cut"),
    [
        (made(source=LONG, stack="x" * 5_000), ["/job/facets/sourceCode/sourceCode"]),
        (made(stack=LONG, sql="x" * 5_000), ["/run/facets/errorMessage/stackTrace"]),
        (made(20, sql=LONG, told="x" * 100), ["/job/facets/sql/query"]),
        (made(40, told="x" * 200, own="x" * 2_000), ["/outputs/0/facets/columnLineage"]),
        (made(20, told="x", own="x" * 7_000), ["/outputs/0/facets/columnLineage", "/run/facets/own"]),
        (made(300), ["/outputs/0/facets/columnLineage", "/outputs/0/facets/schema"]),
        (made(0, inputs=500), ["/outputs/0/outputFacets/outputStatistics", "/run/facets/errorMessage"]),
    ],
    ids=["source", "stack", "sql", "descriptions", "stranger", "columns", "datasets"],
)
def test_what_matters_least_is_cut_first(event: dict[str, Any], cut: list[str]) -> None:
    kept = fitted(event, 10_000)

    assert cuts_of(kept)[: len(cut)] == cut


def test_descriptions_leave_before_the_columns_that_they_describe() -> None:
    kept = fitted(made(40, told="x" * 200), 15_000)

    fields = kept["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert len(fields) == 40
    assert "description" not in fields["c0"]["inputFields"][0]["transformations"][0]


def test_as_many_columns_are_kept_as_fit_and_how_many_were_cut_is_said() -> None:
    kept = fitted(made(300), 20_000)

    left = len(kept["outputs"][0]["facets"]["columnLineage"]["fields"])
    assert 10 < left < 300
    named = kept["run"]["facets"]["riverhead_trimmed"]["parts"]
    assert f"{300 - left} of 300 columns are left out" in [cut["why"] for cut in named]
    assert size(kept) > 19_000


def test_many_datasets_keep_their_names_for_as_long_as_they_fit() -> None:
    kept = fitted(made(0, inputs=500), 10_000)

    left = len(kept["inputs"])
    assert 100 < left < 500
    named = kept["run"]["facets"]["riverhead_trimmed"]["parts"]
    assert f"{500 - left} of 500 datasets are left out" in [cut["why"] for cut in named]
    assert kept["outputs"][0]["name"] == "shop.public.orders"


def test_an_event_whose_identity_alone_is_too_large_is_refused_and_never_another() -> None:
    event = made()
    event["job"]["name"] = LONG

    with pytest.raises(UnreadableRecord, match="names alone"):
        fitted(event, 10_000)


@pytest.mark.parametrize(
    "odd",
    [
        {"inputs": "x" * 20_000},
        {"outputs": [LONG, 1, None]},
        {"run": {"runId": "r", "facets": LONG}},
        {"job": {"namespace": "n", "name": "j", "facets": {"columnLineage": LONG, "schema": [LONG], "sql": None}}},
        {"junk": {"deep": [LONG]}},
        {"inputs": [{"namespace": "n", "name": "i", "inputFacets": 1, LONG: 2}]},
    ],
)
def test_an_event_of_any_shape_is_trimmed(odd: dict[str, Any]) -> None:
    kept = fitted({**made(), **odd}, 10_000)

    assert size(kept) <= 10_000
    assert cuts_of(kept)


NO_TEXT, ANOTHER = "not all of it is text", "another value of this name"


@pytest.mark.parametrize(
    ("odd", "kept", "cuts"),
    [
        (b"ab\xff", "ab\ufffd", [("/payload/odd", NO_TEXT)]),
        (b"\xc3\xa9", "é", []),
        ("x" * 5_000 + "\ud800y\udc00", "x" * 5_000 + "\ufffdy\ufffd", [("/payload/odd", NO_TEXT)]),
        ([Path("a\udcff")], ["a\ufffd"], [("/payload/odd/0", NO_TEXT)]),
        ("\ufffd\ud83d\ude00", "\ufffd\U0001f600", []),
        ("\\ud800 \U0001f600", "\\ud800 \U0001f600", []),
        ({"\ud800": 1}, {"\ufffd": 1}, [("/payload/odd/?", NO_TEXT)]),
        ({"1": "a", 1: "b"}, {"1": "a"}, [("/payload/odd/1", ANOTHER)]),
        ([{1: {}}, {True: [2], "true": 3}], [{"1": {}}, {"true": [2]}], [("/payload/odd/1/true", ANOTHER)]),
        ({"null": 1, None: 2, 1.5: 3}, {"null": 1, "1.5": 3}, [("/payload/odd/null", ANOTHER)]),
        ({True: 1, 2: {3: 4}}, {"true": 1, "2": {"3": 4}}, []),
    ],
    ids=str.split("bytes utf-8 halves path pair escape name number true null names"),
)
def test_what_json_cannot_say_as_it_is_is_kept_as_far_as_it_can_and_named(
    odd: object, kept: object, cuts: list[tuple[str, str]]
) -> None:
    event = json.loads(encoded_event({**made(), "odd": odd}))["event"]
    record = json.loads(encoded_observation(Observation("kind", 1, "run", {"odd": odd})))

    assert event["odd"] == record["payload"]["odd"] == kept
    assert cuts_of(event) == [path.removeprefix("/payload") for path, _ in cuts]
    assert [(path, why) for path, why, _ in record.get("trimmed", ())] == cuts


def test_events_of_an_observation_are_trimmed_where_they_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: [made(), made(sql=LONG), made(300)]
    )

    small, *large = events_of("run", b'{"kind":"k","version":1,"payload":{}}', 10_000)

    assert small == made()
    assert [size(event) <= 10_000 and bool(cuts_of(event)) for event in large] == [True, True]


def test_facets_that_the_configuration_adds_reach_every_event_of_an_observation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("riverhead_emitter.understand.interpreter_of", lambda _kind: lambda _: [made(), made()])
    facets = {"run": {"tags": {"tags": [{"key": "team", "value": "a"}]}}}

    understood = events_of("run", json.dumps({"kind": "k", "version": 1, "payload": {}, "facets": facets}).encode())

    assert [event["run"]["facets"]["tags"] for event in understood] == [facets["run"]["tags"]] * 2
