"""A broker is brought where Maven is, and its absence is one sentence, never a failed set-up."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import environments
import kafka_runtime

if TYPE_CHECKING:
    from pathlib import Path


def test_without_maven_the_set_up_goes_on_and_says_what_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environments, "HOME", tmp_path)
    monkeypatch.setattr(environments, "java_home", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _program: None)

    assert environments.main(["kafka"]) == 0

    assert "its tests will be skipped: Maven is not installed here" in capsys.readouterr().out


@pytest.mark.parametrize("status", [0, 1])
def test_jars_are_there_only_when_maven_brought_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: program)
    monkeypatch.setattr(subprocess, "run", lambda *words, **_: subprocess.CompletedProcess(words, status))

    problem = kafka_runtime.make(tmp_path / "kafka", None)

    assert bool(problem) == bool(status)
    assert kafka_runtime.is_made(tmp_path / "kafka") == (not status)
    assert kafka_runtime.VERSION in (tmp_path / "kafka" / "pom.xml").read_text()
