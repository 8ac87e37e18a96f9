"""The base and each extra, installed from the wheel into an environment that holds nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import environments
import house

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.journey

# Which pins an extra is installed with, the rooms that have to work with it, and what must not come along.
EXTRAS = {
    "": ("catalog", ["riverhead", "riverhead_emitter", "riverhead_spark"], {"airflow", "pyspark", "sqlglot"}),
    "sql": ("dev", ["riverhead_sql"], {"airflow", "pyspark", "starlette"}),
    "spark": ("dev", ["riverhead_spark", "riverhead_spark.understand", "riverhead_sql"], {"airflow", "starlette"}),
    "catalog": ("catalog", ["riverhead_catalog", "riverhead_catalog.verbs.serve"], {"airflow", "pyspark"}),
    "kafka": ("dev", ["riverhead_emitter"], {"airflow", "pyspark", "sqlglot"}),
    "official": ("dev", ["riverhead_emitter"], {"airflow", "pyspark", "sqlglot"}),
    "airflow": ("airflow-3.3", ["riverhead_airflow.understand", "riverhead_airflow.plugin"], {"pyspark"}),
}
QUESTION = """
import importlib.metadata, importlib.util, json, sys
before = set(sys.modules)
import riverhead, riverhead_emitter
loaded = sorted({name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)
for room in sys.argv[1].split(","):
    importlib.import_module(room)
print(json.dumps({
    "distributions": sorted({found.metadata["Name"].lower() for found in importlib.metadata.distributions()}),
    "loaded": loaded,
    "found": [name for name in ("airflow", "pyspark", "sqlglot", "starlette") if importlib.util.find_spec(name)],
}))
"""


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(wheel, "", tmp_path_factory.mktemp("base"))


def installed(wheel: Path, extra: str, folder: Path) -> Path:
    """Make an environment with the wheel and one extra; uv's cache is shared, so the second time is quick."""
    python = folder / "bin" / "python"
    environments._uv("venv", "--quiet", "--clear", "--python", str(house.SCRIPTS / "python"), str(folder))
    pins = house.ROOT / "constraints" / f"{EXTRAS[extra][0]}.txt"
    wanted = f"riverhead[{extra}] @ {wheel.as_uri()}" if extra else str(wheel)
    environments._uv("pip", "install", "--quiet", "--python", str(python), "--constraint", str(pins), wanted)
    return python


def said_by(python: Path, home: Path, *words: str) -> tuple[int, str, str]:
    said = house.finished(
        [python.parent / "riverhead", *words],
        cwd=home,
        environment={"HOME": str(home), "RIVERHEAD_SPOOL_DIR": str(home / "spool"), "XDG_STATE_HOME": str(home)},
    )
    return said.returncode, said.stdout, said.stderr


def test_every_extra_is_installed_alone() -> None:
    assert set(EXTRAS) - {""} == set(house.pyproject()["project"]["optional-dependencies"])


@pytest.mark.parametrize("extra", EXTRAS)
def test_extra_brings_what_its_rooms_need_and_no_other_host(wheel: Path, tmp_path: Path, extra: str) -> None:
    _, rooms, unwanted = EXTRAS[extra]
    python = installed(wheel, extra, tmp_path / "environment")
    home = {"HOME": str(tmp_path), "AIRFLOW_HOME": str(tmp_path / "airflow"), "PYTHONWARNINGS": "ignore"}

    asked = house.finished([python, "-c", QUESTION, ",".join(rooms)], cwd=tmp_path, environment=home)

    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout.splitlines()[-1])
    assert set(answer["loaded"]) == {"riverhead", "riverhead_emitter"}
    assert set(answer["found"]) & unwanted == set()


def test_base_holds_no_other_distribution(base: Path, tmp_path: Path) -> None:
    asked = house.finished([base, "-c", QUESTION, "riverhead"], cwd=tmp_path)

    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["distributions"] == ["riverhead"]


def test_command_of_the_base_says_its_version_and_its_verbs(base: Path, tmp_path: Path) -> None:
    code, version, _ = said_by(base, tmp_path, "--version")
    help_code, help_text, _ = said_by(base, tmp_path, "--help")

    assert (code, help_code) == (0, 0)
    assert re.fullmatch(r"riverhead \d+\.\d+\.\S+\n", version)
    assert [
        verb for verb in house.pyproject()["project"]["entry-points"]["riverhead.verbs"] if verb not in help_text
    ] == []


def test_doctor_of_the_base_finds_nothing_wrong(base: Path, tmp_path: Path) -> None:
    code, said, complaint = said_by(base, tmp_path, "doctor")

    assert code == 0, said + complaint
    assert "'.[catalog]' in a checkout" in said or "PROBLEM" not in said


def test_serve_in_the_base_says_what_to_install(base: Path, tmp_path: Path) -> None:
    code, said, complaint = said_by(base, tmp_path, "serve", "--port", "0", "--store", str(tmp_path / "catalog.db"))

    assert code == 1
    assert said == ""
    assert "'.[catalog]' in a checkout" in complaint
    assert len(complaint.strip().splitlines()) == 1


def test_unknown_setting_of_ours_is_refused_with_the_nearest_known_one(base: Path, tmp_path: Path) -> None:
    said = house.finished(
        [base.parent / "riverhead", "drain"], cwd=tmp_path, environment={"RIVERHEAD_SPOOL_DIRR": str(tmp_path)}
    )

    assert said.returncode == 2
    assert "did you mean RIVERHEAD_SPOOL_DIR?" in said.stderr
