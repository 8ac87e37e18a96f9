"""The SDK in a real notebook: a kernel of its own runs the cells, one after the other and again."""

from __future__ import annotations

import json
import os
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

import hosts
import house

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.journey

# nbclient starts the kernel, as Jupyter does; what the cells gave is printed as JSON.
PLAYED = """
import json, sys
import nbformat
from nbclient import NotebookClient

cells = json.load(open(sys.argv[1]))
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
print(json.dumps([cell["outputs"] for cell in notebook.cells]))
"""
BEGINNING = "from riverhead import lineage"
TRAINING = """
with lineage.run("train", namespace="notebook") as run:
    run.reads("s3://shop/orders")
    run.metric("loss", 0.5)
run
"""
OVER_CELLS = [
    "open_run = lineage.run('over cells')\nopen_run.begin()",
    "open_run.writes('s3://shop/report')",
    "open_run.end()",
]
AWAITED = """
import asyncio
async with lineage.run("awaited") as awaited:
    await asyncio.sleep(0)
    awaited.reads("s3://shop/orders")
[event["eventType"] for event in awaited.events]
"""
FAILING = """
with lineage.run("failing") as failing:
    raise ValueError("no orders")
"""


def environment(folder: Path) -> dict[str, str]:
    """Return what the kernel's process, and the drainer after it, are told."""
    return {
        "RIVERHEAD_SPOOL_DIR": str(folder / "spool"),
        "OPENLINEAGE__TRANSPORT__TYPE": "file",
        "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(folder / "events.ndjson"),
        "OPENLINEAGE__TRANSPORT__APPEND": "true",
        "HOME": str(folder),
        "PATH": f"{hosts.interpreter('JUPYTER_7').parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": house.source_path(),
    }


def played(folder: Path, cells: list[str]) -> list[list[dict[str, Any]]]:
    """Run the cells in a kernel; return what each showed."""
    (folder / "cells.json").write_text(json.dumps([textwrap.dedent(cell).strip() for cell in cells]))
    words: list[str | Path] = [hosts.interpreter("JUPYTER_7"), "-c", PLAYED, str(folder / "cells.json")]
    ended = house.finished(words, environment=environment(folder))
    assert ended.returncode == 0, ended.stderr
    found: list[list[dict[str, Any]]] = json.loads(ended.stdout)
    return found


def told(folder: Path) -> list[dict[str, Any]]:
    """Return the events that the kernel's process told, once they are delivered."""
    words: list[str | Path] = [hosts.interpreter("JUPYTER_7"), "-m", "riverhead", "drain"]
    drained = house.finished(words, environment=environment(folder))
    assert drained.returncode == 0, drained.stderr
    return [json.loads(line) for line in (folder / "events.ndjson").read_text().splitlines()]


def test_cells_tell_lineage_show_it_and_may_be_run_again(tmp_path: Path) -> None:
    cells = [BEGINNING, TRAINING, TRAINING, *OVER_CELLS, AWAITED, FAILING, "failing.state.value"]

    shown = played(tmp_path, cells)

    assert [[output["output_type"] for output in outputs] for outputs in shown if outputs] == [
        ["execute_result"],
        ["execute_result"],
        ["execute_result"],
        ["error"],
        ["execute_result"],
    ]
    first, again = (shown[at][0]["data"] for at in (1, 2))
    assert "s3://shop orders" in first["text/html"]
    assert first["text/plain"] != again["text/plain"], "a cell that is run again is a new run"
    assert shown[6][0]["data"]["text/plain"] == "['START', 'COMPLETE']"
    assert shown[7][0]["ename"] == "ValueError"
    assert shown[8][0]["data"]["text/plain"] == "'FAIL'"

    events = told(tmp_path)
    ended = [(event["job"]["name"], event["eventType"]) for event in events if event["eventType"] != "START"]
    assert ended == [("train", "COMPLETE"), ("train", "COMPLETE"), ("over cells", "COMPLETE"), ("awaited", "COMPLETE"),
                     ("failing", "FAIL")]  # fmt: skip
    assert not [event for event in events if "sourceCodeLocation" in event["job"]["facets"]], "a cell is no file"
