"""A store, a client and a builder of events for the catalog's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from riverhead_catalog.server import application
from riverhead_catalog.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

FACET = {"_producer": "urn:test", "_schemaURL": "urn:test"}


class Build:
    """Builds events as short as a test can say them."""

    def dataset(
        self, name: str, *columns: str, edges: dict[str, list[tuple[str, str]]] | None = None, namespace: str = "db"
    ) -> dict[str, Any]:
        """A dataset; `edges` maps a column to (source as dataset.column, subtype)."""
        facets: dict[str, Any] = {}
        if columns:
            facets["schema"] = {**FACET, "fields": [{"name": column, "type": "int"} for column in columns]}
        if edges:
            fields = {column: {"inputFields": [self.source(*one) for one in ways]} for column, ways in edges.items()}
            facets["columnLineage"] = {**FACET, "fields": fields}
        return {"namespace": namespace, "name": name, "facets": facets}

    def source(self, column: str, how: str = "IDENTITY", *, masking: bool = False) -> dict[str, Any]:
        """One entry of `inputFields`."""
        dataset, _, field = column.rpartition(".")
        kind = "DIRECT" if how in {"IDENTITY", "TRANSFORMATION", "AGGREGATION"} else "INDIRECT"
        use = {"type": kind, "subtype": how, "description": "", "masking": masking}
        return {"namespace": "db", "name": dataset, "field": field, "transformations": [use]}

    def event(
        self,
        job: str,
        *,
        at: str = "10:00",
        state: str = "COMPLETE",
        run: str = "r1",
        inputs: list[dict[str, Any]] | None = None,
        outputs: list[dict[str, Any]] | None = None,
        run_facets: dict[str, Any] | None = None,
        job_facets: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A run event on 20 November 2026."""
        return {
            "eventType": state,
            "eventTime": f"2026-11-20T{at}:00Z",
            "producer": "urn:test",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": run, "facets": run_facets or {}},
            "job": {"namespace": "jobs", "name": job, "facets": job_facets or {}},
            "inputs": inputs or [],
            "outputs": outputs or [],
        }

    def copying(self, job: str, source: str, target: str, *, how: str = "IDENTITY", **rest: str) -> dict[str, Any]:
        """An event of a job that makes one column from another, each given as dataset.column."""
        (read, field), (made, column) = (one.rpartition(".")[::2] for one in (source, target))
        output = self.dataset(made, column, edges={column: [(source, how)]})
        return self.event(job, inputs=[self.dataset(read, field)], outputs=[output], **rest)  # type: ignore[arg-type]  # texts only


@pytest.fixture
def build() -> Build:
    return Build()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_store(str(tmp_path / "catalog.db"))
    yield made
    made.dispose()


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    with TestClient(application(engine), base_url="http://127.0.0.1:5000") as running:
        yield running


class Post:
    """Posts events and expects each to be kept."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    def __call__(self, *events: dict[str, Any]) -> None:
        for event in events:
            answer = self._client.post("/api/v1/lineage", json=event)
            assert answer.status_code == 201, answer.text


@pytest.fixture
def post(client: TestClient) -> Post:
    return Post(client)
