"""The tap's one source compiles for the versions of Spark that no other test runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import house
from hosts import interpreter

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

JOB = Path(__file__).parent / "spark_jobs" / "compiling.py"


@pytest.mark.parametrize(("jars", "version"), [("SPARK_JARS_4_1", "4.1.2"), ("SPARK_JARS_4_2", "4.2.0")])
def test_the_tap_compiles_for_this_spark(jars: str, version: str) -> None:
    done = house.finished(
        [interpreter("SPARK_4_0"), JOB, interpreter(jars)], environment={"PYTHONPATH": house.source_path()}, seconds=60
    )

    assert done.stdout == f"{version} riverhead.tap.PlanTap\n", done.stderr
