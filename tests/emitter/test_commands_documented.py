"""docs/commands.md shows what the command really prints: its session is run here, line by line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import endpoint as endpoints
import house

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (house.ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SESSION = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)[0]
EVENTS = """\
{"eventTime": "2026-11-21T12:00:00Z", "producer": "https://example.com/loader", "eventType": "COMPLETE", \
"run": {"runId": "01890a5d-ac96-774b-bcce-b302099a8057"}, "job": {"namespace": "shop", "name": "load_orders"}}
{"eventTime": "2026-11-21T12:00:01Z", "eventType": "COMP
{"eventTime": "2026-11-21T12:00:02Z", "producer": "https://example.com/loader", "eventType": "COMPLETE", \
"run": {"runId": "01890a5d-ac96-774b-bcce-b302099a8058"}, "job": {"namespace": "shop", "name": "load_people"}}
"""
# What differs between two machines, or two runs.
VARYING = {
    r"\b[0-9a-f]{16}\b": "<destination>",
    r"127\.0\.0\.1:\d+": "<backend>",
    r"/\S+/riverhead/\d+/": "<spool>/",
    r"  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ": "  <time>  ",
    r"the oldest for \d+ s": "the oldest for <seconds>",
}


def levelled(text: str) -> list[str]:
    for pattern, word in VARYING.items():
        text = re.sub(pattern, word, text)
    # What nobody configured may have a directory of its own, which is not part of the story.
    return re.sub(r"(?m)^waiting  for nowhere yet\n(  .*\n)*", "", text).splitlines()


def refused_people(_number: int, body: bytes) -> endpoints.Reply:
    return endpoints.Reply(422, body=b"no such namespace") if b"load_people" in body else endpoints.Reply()


@pytest.mark.fault
def test_the_session_of_the_document_is_what_happens(endpoint: endpoints.Endpoint, tmp_path: Path) -> None:
    endpoint.replies = refused_people
    (tmp_path / "events.ndjson").write_text(EVENTS)
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment |= {"OPENLINEAGE_URL": endpoint.url, "PYTHONPATH": house.source_path()}

    name, told = "", []
    for line in SESSION.splitlines():
        if not line.startswith("$ "):
            continue
        words = [re.sub("^[0-9a-f]{16}(?=/)", name, word) for word in line[2:].split()[1:]]
        done = subprocess.run(
            [sys.executable, "-m", "riverhead", *words],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        found = re.search("[0-9a-f]{16}", done.stdout)
        name = found[0] if found else name
        told += [line, *done.stdout.splitlines()]

    assert levelled("\n".join(told) + "\n") == levelled(SESSION)


def test_every_verb_of_the_emitter_is_described() -> None:
    entries = house.pyproject()["project"]["entry-points"]["riverhead.verbs"]
    ours = sorted(name for name, module in entries.items() if module.startswith("riverhead_emitter."))

    assert sorted(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == ours
