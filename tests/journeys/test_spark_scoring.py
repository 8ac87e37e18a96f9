"""The hook by which the shared runner of cases scores the Spark listener."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import house
from hosts import interpreter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.journey

JOB = house.ROOT / "tests" / "journeys" / "spark_jobs" / "scored.py"
ONE = "'START', 'COMPLETE'"


def test_every_event_is_in_the_file_as_soon_as_the_bus_is_empty(tmp_path: Path) -> None:
    python = interpreter("SPARK_4_3")
    path = os.pathsep.join([str(house.ROOT / "tests" / "scoring"), house.source_path()])

    done = house.finished(
        [python, JOB, tmp_path],
        cwd=tmp_path,
        environment={"PYTHONPATH": path, "PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python)},
        seconds=180,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"[{ONE}]", f"[{ONE}, {ONE}]", f"[{ONE}, {ONE}, {ONE}]"]
