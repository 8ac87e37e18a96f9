"""Jars are brought where Maven is, and their absence is one sentence, never a failed set-up."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import environments
import kafka_runtime
import maven
import spark_jars

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("jars", ["kafka", "spark-jars-3.5", "spark-jars-4.3"])
def test_without_maven_the_set_up_goes_on_and_says_what_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], jars: str
) -> None:
    monkeypatch.setattr(environments, "HOME", tmp_path)
    monkeypatch.setattr(environments, "java_home", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _program: None)

    assert environments.main([jars]) == 0

    assert "will be skipped: Maven is not installed here" in capsys.readouterr().out


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


def test_other_jars_are_brought_when_what_is_asked_for_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: program)
    monkeypatch.setattr(subprocess, "run", lambda *words, **_: subprocess.CompletedProcess(words, 0))

    maven.bring(tmp_path / "jars", ["a:b:1"], None, is_transitive=False)

    assert maven.is_brought(tmp_path / "jars", ["a:b:1"])
    assert not maven.is_brought(tmp_path / "jars", ["a:b:2"])


@pytest.mark.parametrize("version", spark_jars.ARTIFACTS)
def test_the_jars_of_a_spark_are_made_for_its_scala(version: str) -> None:
    scala = "2.12" if version == "3.5" else "2.13"
    named = [artifact.split(":")[1] for artifact in spark_jars.ARTIFACTS[version]]

    assert [name for name in named if "_2." in name and not name.endswith(f"_{scala}")] == []
