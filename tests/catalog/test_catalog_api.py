"""What the server answers."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from riverhead_catalog.marquez import ingest
from riverhead_catalog.server import application

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from tests.catalog.conftest import Build, Post

_JSON = {"content-type": "application/json"}


def _get(client: TestClient, path: str, **parameters: str | int) -> Any:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _edges(client: TestClient, node: str, **parameters: str | int) -> set[tuple[str, str]]:
    graph = _get(client, "/api/v1/lineage", nodeId=node, **parameters)["graph"]
    outward = {(edge["origin"], edge["destination"]) for node in graph for edge in node["outEdges"]}
    assert outward == {(edge["origin"], edge["destination"]) for node in graph for edge in node["inEdges"]}
    return outward


def test_an_event_is_answered_201_and_can_be_read_back(client: TestClient, build: Build, post: Post) -> None:
    event = build.copying("load", "raw.x", "clean.y")
    post(event)

    assert _get(client, "/api/v1/events/lineage") == {"events": [event], "totalCount": 1}


def test_the_same_event_twice_is_kept_once(client: TestClient, build: Build, post: Post) -> None:
    event = build.copying("load", "raw.x", "clean.y")
    post(event, event)

    assert _get(client, "/api/v1/events/lineage")["totalCount"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "part"),
    [
        (b"{not json", _JSON, 400, "not JSON"),
        (b"", _JSON, 422, "must not be null"),
        (b"[]", _JSON, 422, "must be an object"),
        (b"{}", _JSON, 422, "producer must not be null"),
        (b"{}", {"content-type": "text/plain"}, 415, "application/json"),
        (b"[" * 100_000, _JSON, 400, "nested too deeply"),
        (b'{"a": NaN}', _JSON, 400, "no JSON number"),
        (b'{"a": ' + b"9" * 5000 + b"}", _JSON, 400, "not JSON"),
        (b"\xff\xfe{", _JSON, 400, "not JSON"),
        (b"not gzip", {**_JSON, "content-encoding": "gzip"}, 400, "not the gzip"),
        (gzip.compress(b"{}" * 900, mtime=0)[:-9], {**_JSON, "content-encoding": "gzip"}, 400, "cut short"),
        (b"{}", {**_JSON, "content-encoding": "br"}, 415, "gzip or none"),
    ],
)
def test_a_body_that_is_no_event_is_refused_with_the_reason(
    client: TestClient, body: bytes, headers: dict[str, str], status: int, part: str
) -> None:
    answer = client.post("/api/v1/lineage", content=body, headers=headers)

    assert answer.status_code == status
    assert part in answer.json()["message"]


def test_half_a_character_is_refused(client: TestClient, build: Build) -> None:
    event = json.dumps(build.event("load")).replace('"load"', '"lo\\ud800ad"')

    assert client.post("/api/v1/lineage", content=event, headers=_JSON).status_code == 400


def test_a_gzip_that_unpacks_to_too_much_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MOST_BYTES", 10_000)
    bomb = gzip.compress(b" " * 20_000, mtime=0)

    assert (
        client.post("/api/v1/lineage", content=bomb, headers={**_JSON, "content-encoding": "gzip"}).status_code == 413
    )
    assert client.post("/api/v1/lineage", content=b" " * 20_000, headers=_JSON).status_code == 413


def test_a_gzipped_event_is_kept(client: TestClient, build: Build) -> None:
    body = gzip.compress(json.dumps(build.event("load")).encode())

    answer = client.post("/api/v1/lineage", content=body, headers={**_JSON, "content-encoding": "gzip"})

    assert answer.status_code == 201


def test_names_with_slashes_and_any_other_character_can_be_addressed(
    client: TestClient, build: Build, post: Post
) -> None:
    namespace, name = "duckdb:///a/b.duckdb", "/data/100 % ü#?.parquet"
    post(build.event("a/b", outputs=[build.dataset(name, "x", namespace=namespace)]))

    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/datasets/{quote(name, safe='')}"

    assert _get(client, path)["id"] == {"namespace": namespace, "name": name}
    assert _get(client, "/api/v1/namespaces/jobs/jobs/a%2Fb")["name"] == "a/b"
    assert client.get("/api/v1/namespaces/jobs/jobs/a/b").status_code == 404
    node = f"dataset:{namespace}:{name}"
    assert _edges(client, node) == {("job:jobs:a/b", node)}


def test_a_run_goes_from_running_to_its_end(client: TestClient, build: Build, post: Post) -> None:
    post(build.event("load", state="START", at="10:00"))
    assert _get(client, "/api/v1/jobs/runs/r1")["state"] == "RUNNING"

    post(build.event("load", state="FAIL", at="10:02"))
    run = _get(client, "/api/v1/jobs/runs/r1")

    assert (run["state"], run["startedAt"], run["durationMs"]) == ("FAILED", "2026-11-20T10:00:00Z", 120_000)


def test_a_late_start_never_reopens_a_run(client: TestClient, build: Build, post: Post) -> None:
    post(build.event("load", state="COMPLETE", at="10:02"), build.event("load", state="START", at="10:05"))

    assert _get(client, "/api/v1/jobs/runs/r1")["state"] == "COMPLETED"


def test_a_start_without_datasets_never_erases_edges(client: TestClient, build: Build, post: Post) -> None:
    post(build.copying("load", "raw.x", "clean.y"))
    before = _edges(client, "job:jobs:load")

    post(build.event("load", state="START", run="r2", at="11:00"))

    assert _edges(client, "job:jobs:load") == before
    assert len(before) == 2


def test_a_failed_run_leaves_the_edges_of_the_complete_one(client: TestClient, build: Build, post: Post) -> None:
    post(build.copying("load", "raw.x", "clean.y"))
    before = _edges(client, "job:jobs:load")

    post(build.copying("load", "other.x", "clean.y", run="r2", at="11:00", state="FAIL"))

    assert _edges(client, "job:jobs:load") == before


def test_inputs_said_at_the_start_belong_to_the_run_that_completes(
    client: TestClient, build: Build, post: Post
) -> None:
    post(
        build.event("load", state="START", inputs=[build.dataset("raw")]),
        build.event("load", state="COMPLETE", at="10:01", outputs=[build.dataset("clean")]),
    )

    job = _get(client, "/api/v1/namespaces/jobs/jobs/load")

    assert [one["name"] for one in job["inputs"] + job["outputs"]] == ["raw", "clean"]


def test_lineage_as_of_a_time_is_the_shape_of_the_last_complete_run_before(
    client: TestClient, build: Build, post: Post
) -> None:
    post(build.copying("load", "new.x", "clean.y", run="r2", at="12:00"), build.copying("load", "old.x", "clean.y"))
    node = "job:jobs:load"

    assert ("dataset:db:new", node) in _edges(client, node)
    assert ("dataset:db:old", node) in _edges(client, node, asOf="2026-11-20T11:00:00Z")
    assert ("dataset:db:new", node) not in _edges(client, node, asOf="2026-11-20T11:00:00Z")
    assert _edges(client, node, asOf="2026-11-20T09:00:00Z") == set()


def _coverage(*gaps: str) -> dict[str, Any]:
    named = [{"what": what, "why": "it is not SQL"} for what in gaps]
    facet = {"_producer": "urn:test", "_schemaURL": "urn:test", "unresolvedCount": len(gaps), "unresolved": named}
    return {"riverhead_coverage": facet}


def _sources(client: TestClient) -> list[str]:
    links = _get(client, "/api/v2/upstream", column="clean.y")["links"]
    return [link["source"]["dataset"] for link in links]


def test_a_complete_run_that_could_not_be_read_leaves_the_lineage_of_the_one_before(
    client: TestClient, build: Build, post: Post
) -> None:
    post(build.copying("load", "raw.x", "clean.y"))
    before = _edges(client, "job:jobs:load")

    post(build.event("load", run="r2", at="11:00", run_facets=_coverage("statement 1")))

    assert _sources(client) == ["raw"]
    assert _edges(client, "job:jobs:load") == before


def test_a_complete_run_that_names_no_output_and_has_gaps_leaves_the_lineage_of_the_one_before(
    client: TestClient, build: Build, post: Post
) -> None:
    post(build.copying("load", "raw.x", "clean.y"))

    post(build.event("load", run="r2", at="11:00", inputs=[build.dataset("a")], run_facets=_coverage("statement 2")))

    assert _sources(client) == ["raw"]


def test_a_complete_run_with_an_output_speaks_for_its_job_whatever_it_could_not_trace(
    client: TestClient, build: Build, post: Post
) -> None:
    post(build.copying("load", "raw.x", "clean.y"))

    post(
        {
            **build.copying("load", "new.x", "clean.y", run="r2", at="11:00"),
            "run": {"runId": "r2", "facets": _coverage("y")},
        }
    )

    assert _sources(client) == ["new"]


@pytest.mark.parametrize("facets", [{}, _coverage()])
def test_a_complete_run_without_datasets_or_gaps_ends_the_lineage_of_its_job(
    client: TestClient, build: Build, post: Post, facets: dict[str, Any]
) -> None:
    post(build.copying("load", "raw.x", "clean.y"))

    post(build.event("load", run="r2", at="11:00", run_facets=facets))

    assert _edges(client, "job:jobs:load") == set()


def test_datasets_said_only_at_the_start_are_those_of_a_run_that_completes_without_any(
    client: TestClient, build: Build, post: Post
) -> None:
    said = build.copying("load", "raw.x", "clean.y", state="START")
    post(said, build.event("load", at="10:01"))

    assert _sources(client) == ["raw"]


def test_a_first_run_that_could_not_be_read_still_shows_what_it_named(
    client: TestClient, build: Build, post: Post
) -> None:
    post(build.event("load", inputs=[build.dataset("raw")], run_facets=_coverage("statement 2")))

    assert _edges(client, "job:jobs:load") == {("dataset:db:raw", "job:jobs:load")}


def test_what_a_run_could_not_trace_is_listed_with_it(client: TestClient, build: Build, post: Post) -> None:
    post(
        build.event("old", run="r0", at="09:00"),
        build.event("load", run_facets=_coverage(*(f"statement {number}" for number in range(12)))),
    )

    newest, oldest = _get(client, "/api/v2/runs")["runs"]

    assert newest["coverage"]["unresolvedCount"] == 12
    assert newest["coverage"]["unresolved"][:2] == [
        {"what": "statement 0", "why": "it is not SQL"},
        {"what": "statement 1", "why": "it is not SQL"},
    ]
    assert len(newest["coverage"]["unresolved"]) == 10
    assert oldest["coverage"] is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"unresolvedCount": "many", "unresolved": "all"},
        {"unresolvedCount": True, "unresolved": [7, {"what": 1, "why": []}]},
        {"unresolvedCount": -3, "unresolved": None},
    ],
)
def test_a_coverage_that_makes_no_sense_says_nothing(
    client: TestClient, build: Build, post: Post, content: dict[str, Any]
) -> None:
    post(build.event("load", run_facets={"riverhead_coverage": content}))

    (run,) = _get(client, "/api/v2/runs")["runs"]

    assert run["coverage"] is None


def test_a_failed_job_that_never_completed_still_shows_what_it_touched(
    client: TestClient, build: Build, post: Post
) -> None:
    post(build.copying("load", "raw.x", "clean.y", state="FAIL"))

    assert len(_edges(client, "job:jobs:load")) == 2


def test_column_lineage_runs_the_way_marquez_draws_it(client: TestClient, build: Build, post: Post) -> None:
    post(build.copying("one", "raw.x", "clean.x"), build.copying("two", "clean.x", "mart.x", run="r2"))

    graph = _get(client, "/api/v1/column-lineage", nodeId="datasetField:db:clean:x", withDownstream="true")["graph"]
    nodes = {node["id"]: node for node in graph}

    assert set(nodes) == {f"datasetField:db:{name}:x" for name in ("raw", "clean", "mart")}
    middle = nodes["datasetField:db:clean:x"]
    assert middle["inEdges"] == [{"origin": "datasetField:db:clean:x", "destination": "datasetField:db:raw:x"}]
    assert middle["outEdges"] == [{"origin": "datasetField:db:clean:x", "destination": "datasetField:db:mart:x"}]
    (source,) = middle["data"]["inputFields"]
    assert (source["dataset"], source["field"], source["jobs"]) == (
        "raw",
        "x",
        [{"namespace": "jobs", "name": "one"}],
    )


def test_the_impact_of_a_source_column_is_answered(client: TestClient, build: Build, post: Post) -> None:
    post(build.copying("one", "raw.x", "clean.x"), build.copying("two", "clean.x", "mart.x", run="r2"))

    answer = _get(client, "/api/v2/downstream", namespace="db", dataset="raw", field="x")

    assert [link["output"]["dataset"] for link in answer["links"]] == ["clean", "mart"]


def test_declared_jobs_and_datasets_are_known_without_a_run(client: TestClient, build: Build, post: Post) -> None:
    event = build.copying("load", "raw.x", "clean.y")
    del event["run"], event["eventType"]
    declared = {key: value for key, value in event.items() if key not in {"inputs", "outputs", "job"}}
    post(
        {**event, "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent"},
        {
            **declared,
            "dataset": build.dataset("alone", "x"),
            "schemaURL": "https://openlineage.io/#/$defs/DatasetEvent",
        },
    )

    assert len(_edges(client, "job:jobs:load")) == 2
    assert _get(client, "/api/v1/namespaces/db/datasets/alone")["fields"][0]["name"] == "x"


def test_runs_are_listed_newest_first_with_parent_and_error(client: TestClient, build: Build, post: Post) -> None:
    facet = {"_producer": "urn:test", "_schemaURL": "urn:test"}
    parent = {**facet, "run": {"runId": "p"}, "job": {"namespace": "jobs", "name": "dag"}}
    wrong = {**facet, "message": "no such table", "programmingLanguage": "SQL"}
    post(
        build.event("old", run="r0", at="09:00"),
        build.event("dag.load", state="FAIL", run_facets={"parent": parent, "errorMessage": wrong}),
    )

    newest, oldest = _get(client, "/api/v2/runs")["runs"]

    assert (newest["error"], newest["parent"]["name"], newest["state"]) == ("no such table", "dag", "FAILED")
    assert oldest["job"]["name"] == "old"


def test_the_count_of_run_events_counts_what_is_listed(client: TestClient, build: Build, post: Post) -> None:
    dataset = {"dataset": build.dataset("alone"), "schemaURL": "https://openlineage.io/#/$defs/DatasetEvent"}
    declared = {key: value for key, value in build.event("x").items() if key in {"producer", "eventTime"}}
    post(build.event("load"), {**declared, **dataset})

    answer = _get(client, "/api/v1/events/lineage")

    assert (len(answer["events"]), answer["totalCount"]) == (1, 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:5000", "localhost:81", "LOCALHOST", "[::1]:5000", "[::1]"])
def test_a_request_for_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/namespaces", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5000", "127.0.0.1.evil.example", "192.0.2.7:5000", "", "[::1", "localhost@x"]
)
def test_a_request_that_names_another_host_is_refused(client: TestClient, build: Build, host: str) -> None:
    for answer in (
        client.get("/", headers={"host": host}),
        client.get("/api/v2/runs", headers={"host": host}),
        client.post("/api/v1/lineage", json=build.event("load"), headers={"host": host}),
    ):
        assert answer.status_code == 421
        assert "this machine only" in answer.json()["message"]
    assert _get(client, "/api/v2/runs")["runs"] == []


def test_beyond_this_machine_any_host_is_answered(engine: Engine) -> None:
    with TestClient(application(engine, is_open=True), base_url="http://catalog.example") as running:
        assert running.get("/api/v1/namespaces").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/namespaces?limit=-1", 400),
        ("/api/v1/namespaces?limit=abc", 400),
        ("/api/v1/namespaces/nope", 404),
        ("/api/v1/namespaces/nope/datasets", 404),
        ("/api/v1/lineage", 400),
        ("/api/v1/lineage?nodeId=foo", 404),
        ("/api/v1/lineage?nodeId=dataset:nope:nope", 404),
        ("/api/v1/lineage?nodeId=run:abc", 404),
        ("/api/v1/lineage?nodeId=job:a:b&asOf=x", 400),
        ("/api/v1/column-lineage?nodeId=dataset:nope:nope", 404),
        ("/api/v1/events/lineage?after=x", 400),
        ("/api/v1/jobs?lastRunStates=NOPE", 400),
        ("/api/v1/jobs/runs/nope", 404),
        ("/api/v1/nope", 404),
        ("/api/v2/upstream?column=nope.nope", 404),
        ("/api/v2/upstream?column=nope", 404),
    ],
)
def test_a_read_that_cannot_be_answered_is_a_4xx_with_a_sentence(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.json()["message"]


def test_pages_follow_each_other_without_gap(client: TestClient, build: Build, post: Post) -> None:
    post(*(build.event(f"job{number}", run=f"r{number}") for number in range(5)))

    pages = [_get(client, "/api/v1/namespaces/jobs/jobs", limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [job["name"] for page in pages for job in page["jobs"]] == [f"job{number}" for number in range(5)]
    assert {page["totalCount"] for page in pages} == {5}


def test_every_answer_carries_the_safety_headers(client: TestClient) -> None:
    for path in ("/", "/page.js", "/healthz", "/api/v1/nope", "/api/v1/namespaces"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_the_page_holds_no_inline_script_and_asks_nobody_else(client: TestClient) -> None:
    page, script = client.get("/").text, client.get("/page.js").text

    assert "<script>" not in page
    assert "://" not in page
    assert "innerHTML" not in script
    assert "http://www.w3.org/2000/svg" in script
    assert script.count("://") == 1


def test_lineage_asks_the_store_as_often_for_many_jobs_as_for_few(
    client: TestClient, build: Build, post: Post, engine: Engine
) -> None:
    post(*(build.copying(f"job{number}", "raw.x", f"few{number}.y", run=f"r{number}") for number in range(3)))
    few = _questions(engine, lambda: _edges(client, "dataset:db:raw"))
    post(*(build.copying(f"job{number}", "raw.x", f"many{number}.y", run=f"r{number}") for number in range(3, 40)))

    assert _questions(engine, lambda: _edges(client, "dataset:db:raw")) == few


def _questions(engine: Engine, ask: Callable[[], object]) -> int:
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    ask()
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)
