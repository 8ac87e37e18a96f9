"""The page in a real browser: hostile names stay names, and everything can be reached by keyboard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.journey

_HOSTILE = '<img src=x onerror="window.harmed=1">\'"`${window.harmed=1}</script><script>window.harmed=1</script>'
_COLUMN = "\u202eamount<svg onload=window.harmed=1>"
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def _facet(**content: object) -> dict[str, Any]:
    return {"_producer": "urn:test", "_schemaURL": "urn:test", **content}


def _dataset(name: str, column: str, edges: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    facets = {"schema": _facet(fields=[{"name": column, "type": _HOSTILE}, {"name": "other", "type": "int"}])}
    if edges:
        facets["columnLineage"] = _facet(fields={column: {"inputFields": edges}})
    return {"namespace": f"db{_HOSTILE}", "name": name, "facets": facets}


def _source(field: str, subtype: str, kind: str) -> dict[str, Any]:
    use = {"type": kind, "subtype": subtype, "description": _HOSTILE, "masking": False}
    return {"namespace": f"db{_HOSTILE}", "name": f"raw{_HOSTILE}", "field": field, "transformations": [use]}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    words = ["serve", "--port", "0", "--no-drain", "--store", str(tmp_path / "c.db")]
    process = subprocess.Popen([sys.executable, "-m", "riverhead", *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1].rstrip("/")
    edges = [_source(_COLUMN, "AGGREGATION", "DIRECT"), _source("other", "FILTER", "INDIRECT")]
    gaps = [{"what": f"{_HOSTILE}{number}", "why": _HOSTILE} for number in range(4)]
    event = {
        "eventType": "FAIL",
        "eventTime": "2026-11-20T10:00:00Z",
        "producer": "urn:test",
        "run": {
            "runId": "r1",
            "facets": {
                "errorMessage": _facet(message=_HOSTILE, programmingLanguage="x"),
                "riverhead_coverage": _facet(unresolvedCount=4, unresolved=gaps),
            },
        },
        "job": {"namespace": "jobs", "name": f"load{_HOSTILE}"},
        "inputs": [_dataset(f"raw{_HOSTILE}", _COLUMN)],
        "outputs": [_dataset(f"mart{_HOSTILE}", "total", edges)],
    }
    request = urllib.request.Request(
        f"{address}/api/v1/lineage", json.dumps(event).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=20).close()
    yield address
    process.terminate()
    process.wait(20)
    process.stdout.close()


@pytest.fixture
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium here to look at the page with")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=_FLAGS, env={**os.environ})
        yield opened
        opened.close()


def _page(browser: Any, width: int = 1280) -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("pageerror", lambda failure: complaints.append(str(failure)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: complaints.append(request.url) if "127.0.0.1" not in request.url else None)
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    return page, complaints


def _lineage(url: str, column: bool = False) -> str:
    parts = [f"db{_HOSTILE}", f"mart{_HOSTILE}"]
    chosen = [json.dumps([*parts, "total"])] if column else []
    return f"{url}/#/dataset/" + "/".join(quote(part, safe="") for part in [*parts, *chosen])


def test_hostile_names_stay_names_on_every_view(url: str, browser: Any) -> None:
    page, complaints = _page(browser)
    for address in (f"{url}/", f"{url}/#/datasets", f"{url}/#/jobs", _lineage(url), _lineage(url, column=True)):
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_selector("main h1")
        page.get_by_text("<img src=x onerror=").first.wait_for()
        page.wait_for_load_state("networkidle")

        assert page.evaluate("window.harmed") is None
        assert page.locator("main img, main script, main [onerror], main [onload]").count() == 0

    assert complaints == []


def test_a_column_is_chosen_by_keyboard_and_answered_in_words(url: str, browser: Any) -> None:
    page, complaints = _page(browser)
    page.goto(_lineage(url))
    column = page.get_by_role("button", name="total")
    column.wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if column.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Where total comes from").wait_for()

    assert column.get_attribute("aria-pressed") == "true"
    assert column.evaluate("button => button === document.activeElement")
    assert page.locator("button.is-direct").inner_text().endswith("aggregated")
    assert page.locator("button.is-indirect").inner_text().endswith("filter")
    answer = page.get_by_role("table", name="Where it comes from")
    assert answer.locator(".how").all_inner_texts() == ["aggregated from", "filtered by"]
    assert page.locator(".river path.column").count() == 2
    assert complaints == []


@pytest.mark.parametrize("view", ["runs", "lineage"])
def test_what_could_not_be_traced_is_said_in_a_sentence(url: str, browser: Any, view: str) -> None:
    page, complaints = _page(browser)
    page.goto(f"{url}/" if view == "runs" else _lineage(url))
    sentence = page.get_by_text("could not be traced")
    sentence.wait_for()

    named = "; ".join(f"{_HOSTILE}{number} ({_HOSTILE})" for number in range(3))
    assert sentence.text_content() == f"4 things could not be traced: {named}; and 1 more"
    assert page.evaluate("window.harmed") is None
    assert complaints == []


def test_a_chosen_column_has_an_address_of_its_own(url: str, browser: Any) -> None:
    page, complaints = _page(browser)
    page.goto(_lineage(url, column=True))
    page.get_by_role("heading", name="Where total comes from").wait_for()

    assert page.get_by_role("button", name="total").get_attribute("aria-pressed") == "true"
    assert complaints == []


@pytest.mark.parametrize("view", ["/", "/#/datasets", "lineage"])
def test_nothing_is_cut_off_at_360_pixels(url: str, browser: Any, view: str) -> None:
    page, complaints = _page(browser, width=360)
    page.goto(_lineage(url, column=True) if view == "lineage" else url + view)
    page.get_by_text("<img src=x onerror=").first.wait_for()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert complaints == []
