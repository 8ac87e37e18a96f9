"""One openlineage.yml and one event: the official client and we send the same to the same place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import official_client
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable

    import endpoint as endpoints

HTTP: dict[str, Any] = {"type": "http", "auth": {"type": "api_key", "apiKey": "the-key"}, "compression": "gzip"}
# What their client adds to every run, about itself.
ITS_OWN_TAG = "openlineage_client_version"


def sent_by_the_official_client(event: dict[str, Any]) -> None:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

    run, job = event["run"], event["job"]
    client = OpenLineageClient()
    client.emit(
        RunEvent(
            eventType=RunState(event["eventType"]),
            eventTime=event["eventTime"],
            producer=event["producer"],
            run=Run(run["runId"]),
            job=Job(job["namespace"], job["name"]),
        )
    )
    client.close()


def sent_by_us(event: dict[str, Any], spool: Path) -> None:
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(spool)}))
    assert emitter.emit(event)
    emitter.close()
    emitter.drain(10)


def body_of(request: endpoints.Request) -> dict[str, Any]:
    """Return what was sent, without what tells whose client sent it."""
    event: dict[str, Any] = json.loads(gzip.decompress(request.body))
    facets = event["run"].get("facets", {})
    tags = facets.pop("tags", {"tags": []})["tags"]
    assert [tag["key"] for tag in tags if tag["key"] != ITS_OWN_TAG] == []
    event["run"].pop("facets", None)
    event["job"].pop("facets", None)
    return event


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the official client's own, of its older classes
@pytest.mark.parametrize("url", ["", "/base", "/base/"])
def test_the_same_file_sends_the_same_event_to_the_same_place_with_the_same_key(
    url: str,
    tmp_path: Path,
    endpoint: endpoints.Endpoint,
    event: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    headers = {"X-Team": "lake"}
    transport = {**HTTP, "url": endpoint.url + url, "endpoint": "events", "custom_headers": headers}
    Path("openlineage.yml").write_text(json.dumps({"transport": transport}))

    with official_client.environment({}, tmp_path):
        sent_by_the_official_client(event("both"))
        sent_by_us(event("both"), tmp_path / "spool")

    theirs, ours = endpoint.requests
    assert ours.path == theirs.path
    for header in ("Authorization", "X-Team", "Content-Type", "Content-Encoding"):
        assert ours.headers.get(header) == theirs.headers.get(header)
    assert body_of(ours) == {**body_of(theirs), "schemaURL": body_of(ours)["schemaURL"]}
