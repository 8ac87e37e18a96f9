"""A Spark job whose spool takes nothing: it does what it would have done, and `riverhead doctor` tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import house
from hosts import interpreter
from small_disks import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.fault, pytest.mark.matrix]

JOB = Path(__file__).parent / "spark_jobs" / "plain.py"


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk without a byte left, where root may mount one."""
    with small_disk(tmp_path / "full", "64k", "a spool that is no folder is tried all the same") as place:
        (place / "spool").mkdir(mode=0o700)
        subprocess.run(["dd", "if=/dev/zero", f"of={place}/rest", "bs=4k"], capture_output=True, check=False)
        yield place


def ended(folder: Path, spool: Path) -> tuple[str, str]:
    """What the job wrote, and what the doctor then says."""
    python = interpreter("SPARK_4_3")
    environment = {
        "PYSPARK_PYTHON": str(python),
        "PYSPARK_DRIVER_PYTHON": str(python),
        "OPENLINEAGE__TRANSPORT__TYPE": "file",
        "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(folder / "events.ndjson"),
        "RIVERHEAD_SPOOL_DIR": str(spool),
        "PYTHONPATH": house.source_path(),
    }
    job = house.finished([python, JOB, folder], cwd=folder, environment=environment, seconds=120)
    assert job.returncode == 0, job.stderr
    doctor = [sys.executable, "-m", "riverhead", "doctor"]
    rows = (folder / "rows").read_text(encoding="utf-8")
    return rows, house.finished(doctor, cwd=folder, environment=environment).stdout


def test_a_job_whose_spool_is_on_a_full_disk_does_what_it_would_have_done(tmp_path: Path, full_disk: Path) -> None:
    rows, doctor = ended(tmp_path, full_disk / "spool")

    assert rows == "27"
    assert f"PROBLEM the disk of {full_disk}" in doctor


def test_a_job_whose_spool_is_no_folder_does_what_it_would_have_done(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_text("somebody's notes", encoding="utf-8")

    rows, doctor = ended(tmp_path, spool)

    assert rows == "27"
    assert "PROBLEM" in doctor
    assert spool.read_text(encoding="utf-8") == "somebody's notes"
