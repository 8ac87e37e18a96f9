"""What the documents show of `riverhead sql` is what it prints."""

from __future__ import annotations

import io
import re
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

import house
from riverhead.command import main
from riverhead_emitter.model import Derivation

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = ("README.md", "docs/commands.md", "docs/sql.md")
NIGHTLY = "CREATE TEMPORARY TABLE paid AS SELECT * FROM orders WHERE paid; INSERT INTO daily SELECT id FROM paid"


def sessions() -> list[tuple[tuple[str, ...], str]]:
    """Return each command with what is shown below it."""
    found = []
    for document in DOCUMENTS:
        text = (house.ROOT / document).read_text(encoding="utf-8")
        for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            for command in re.sub(r"\\\n\s*", "", block).split("$ ")[1:]:
                line, _, shown = command.partition("\n")
                if line.startswith("riverhead sql "):
                    found.append((tuple(shlex.split(line)[1:]), shown))
    return found


@pytest.mark.parametrize(("words", "shown"), sessions())
def test_a_documented_command_prints_what_the_document_shows(
    words: tuple[str, ...],
    shown: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"SELECT 1")))
    (tmp_path / "nightly.sql").write_text(NIGHTLY)
    (tmp_path / "columns.json").write_text('{"orders": ["id", "paid"]}')

    assert main(words) == 0
    said = capsys.readouterr().out
    assert said == shown or (not shown and said)


def test_every_document_shows_the_command() -> None:
    assert len(sessions()) >= len(DOCUMENTS) + 2


def test_every_kind_is_explained() -> None:
    text = (house.ROOT / "docs" / "sql.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| [a-z ]+ \| `([A-Z_]+)` \|", text, re.MULTILINE)) == {kind.value for kind in Derivation}
