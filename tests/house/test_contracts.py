"""The architecture's contracts hold, and would be seen to break: the linter is tested on a copy with planted faults."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import house

if TYPE_CHECKING:
    from pathlib import Path

CONTRACTS = {contract["id"]: contract for contract in house.pyproject()["tool"]["importlinter"]["contracts"]}
ROOMS = sorted(house.package_folders())
WIDE_TERMINAL = {"COLUMNS": "400", "NO_COLOR": "1"}
# Where the fault is planted, what is planted, and the contract that has to name it.
SIDEWAYS = {
    "airflow to spark": ("riverhead_airflow/plugin.py", "import riverhead_spark", "rooms"),
    "sql to airflow": ("riverhead_sql/__init__.py", "import riverhead_airflow", "rooms"),
    "emitter to sql": ("riverhead_emitter/event.py", "import riverhead_sql", "rooms"),
    "emitter to sqlglot": ("riverhead_emitter/event.py", "import sqlglot", "emitter-stdlib"),
    "front door to sqlalchemy": ("riverhead/command.py", "import sqlalchemy", "emitter-stdlib"),
    "spark to airflow's package": ("riverhead_spark/__init__.py", "import airflow", "spark-host"),
    "airflow to the server": ("riverhead_airflow/plugin.py", "import starlette", "airflow-host"),
    "catalog to the spool": ("riverhead_catalog/__init__.py", "import riverhead_emitter.spool", "catalog-reads"),
}


def contracts_of_rooms() -> dict[str, dict[str, object]]:
    """Return the exhaustive contract of each room."""
    return {
        room: contract
        for contract in CONTRACTS.values()
        for room in contract.get("containers", [])
        if contract["type"] == "layers" and contract.get("exhaustive") is True
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Our packages side by side in a folder that faults may be planted in."""
    for name, folder in house.package_folders().items():
        shutil.copytree(folder, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(house.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> tuple[int, str]:
    """Run the linter there; the folder comes before what is installed."""
    said = house.finished(
        [house.SCRIPTS / "lint-imports", "--no-cache", "--no-logo", "--config", folder / "pyproject.toml"],
        cwd=folder,
        environment={**WIDE_TERMINAL, "PYTHONPATH": str(folder)},
    )
    return said.returncode, said.stdout + said.stderr


def plant(file: Path, statement: str) -> None:
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{statement}\n", encoding="utf-8")


def test_contracts_hold() -> None:
    said = house.finished([house.SCRIPTS / "lint-imports", "--no-cache", "--no-logo"], environment=WIDE_TERMINAL)

    assert said.returncode == 0, said.stdout + said.stderr


def test_copy_without_a_fault_passes(copy: Path) -> None:
    code, said = lint(copy)

    assert code == 0, said


@pytest.mark.parametrize("fault", SIDEWAYS)
def test_linter_names_a_sideways_import(copy: Path, fault: str) -> None:
    file, statement, contract = SIDEWAYS[fault]
    plant(copy / file, statement)

    code, said = lint(copy)

    assert code == 1, said
    assert f"{CONTRACTS[contract]['name']} BROKEN" in said


@pytest.mark.parametrize("room", ROOMS)
def test_room_has_an_exhaustive_contract(room: str) -> None:
    assert room in contracts_of_rooms()


def test_linter_names_a_module_that_no_layer_lists(copy: Path) -> None:
    contracts = contracts_of_rooms()
    for room in contracts:
        copy.joinpath(*room.split("."), "unlisted.py").write_text(
            '"""A module that nobody gave a layer."""\n', encoding="utf-8"
        )

    code, said = lint(copy)

    assert contracts
    assert code == 1, said
    unnamed = [room for room, contract in contracts.items() if f"{contract['name']} BROKEN" not in said]
    assert unnamed == []
    assert [room for room in contracts if f"{room}.unlisted" not in said and "- unlisted" not in said] == []
