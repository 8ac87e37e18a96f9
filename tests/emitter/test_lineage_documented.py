"""What docs/sdk.md shows is run, and tells what the text says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import house
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.lineage.arguments import CHANGES
from riverhead_emitter.lineage.telling import Telling
from riverhead_emitter.model import Derivation
from riverhead_emitter.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (house.ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")


def test_the_documents_code_runs_and_its_events_are_valid(
    tmp_path: Path, read_events: Callable[[Path], list[dict[str, Any]]]
) -> None:
    events = tmp_path / "events.ndjson"
    script = tmp_path / "shown.py"
    script.write_text(
        "\n".join(re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)), encoding="utf-8"
    )
    sink = {"type": "file", "log_file_path": str(events), "append": True}
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": house.source_path(), "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
        "OPENLINEAGE__TRANSPORT": json.dumps(sink),
    }  # fmt: skip
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # On a busy machine the process's own two seconds may not be enough.
    Emitter(settings_from(environment)).drain(30)
    told = [event for event in read_events(events) if event["eventType"] == "COMPLETE"]
    assert [event["job"]["name"] for event in told] == [
        "sales.report", "explore", "churn.split", "churn.train", "churn.predict", "transcripts", "cleaned",
    ]  # fmt: skip
    assert [event["run"]["facets"].get("riverhead_coverage") for event in told] == [None] * 7


def test_every_verb_is_documented() -> None:
    verbs = {name for name, method in vars(Telling).items() if callable(method) and not name.startswith("_")}

    assert set(re.findall(r"`run\.(\w+)\(", TEXT)) >= verbs


def test_every_value_of_a_closed_list_is_documented() -> None:
    values = {*CHANGES, *Derivation.__members__}

    assert set(re.findall(r"`([A-Z_]+)`", TEXT)) >= values


def test_the_first_example_of_facets_runs() -> None:
    text = (house.ROOT / "docs" / "facets.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    shown = f"{code}\nprint(event['inputs'][0]['inputFacets']['inputStatistics']['rowCount'])"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": house.source_path()}
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, env=environment, check=False)

    assert (done.stdout, done.stderr) == ("1000\n", "")
