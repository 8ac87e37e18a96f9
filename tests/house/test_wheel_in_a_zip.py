"""The wheel is a zip: on a Python path it works as it is, without being installed, as a Spark driver gets it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import house

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = """
import importlib.metadata, importlib.resources, json, sys
import riverhead, riverhead_spark, riverhead_emitter
verbs = importlib.metadata.entry_points(group="riverhead.verbs")
checks = importlib.metadata.entry_points(group="riverhead.checks")
interpreters = importlib.metadata.entry_points(group="riverhead.interpreters")
java = importlib.resources.files("riverhead_spark.tap") / "PlanTap.java"
print(json.dumps({
    "homes": [riverhead.__file__, riverhead_spark.__file__, riverhead_emitter.__file__],
    "version": riverhead.__version__,
    "installed": importlib.metadata.version("riverhead"),
    "java": java.read_text(encoding="utf-8"),
    "verbs": sorted(entry.name for entry in verbs if entry.load().__doc__),
    "checks": sorted(entry.name for entry in checks if callable(entry.load())),
    "interpreters": sorted(entry.name for entry in interpreters),
}))
"""


def test_wheel_on_the_path_answers_without_being_installed(wheel: Path, tmp_path: Path) -> None:
    # -S: no site-packages, so nothing third-party can help.
    asked = house.finished([sys.executable, "-S", "-c", QUESTION], cwd=tmp_path, environment={"PYTHONPATH": str(wheel)})

    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    entries = house.pyproject()["project"]["entry-points"]
    assert all(str(home).startswith(str(wheel)) for home in answer["homes"])
    assert answer["version"] == answer["installed"]
    assert "PlanTap" in answer["java"]
    assert answer["verbs"] == sorted(entries["riverhead.verbs"])
    assert answer["checks"] == sorted(entries["riverhead.checks"])
    assert answer["interpreters"] == sorted(entries["riverhead.interpreters"])


def test_command_works_from_the_zip(wheel: Path, tmp_path: Path) -> None:
    settings = {"PYTHONPATH": str(wheel), "HOME": str(tmp_path), "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool")}

    said = house.finished([sys.executable, "-S", "-m", "riverhead", "doctor"], cwd=tmp_path, environment=settings)

    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.startswith("ok ")
