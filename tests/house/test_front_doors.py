"""Rooms are complete and named everywhere, and each front door exports what it says, and nothing else."""

from __future__ import annotations

import ast
import importlib
import re

import pytest

import house

PACKAGES = house.package_folders()
LONGEST_FRONT_DOOR = 40
JUNK_DRAWERS = {"utils", "helpers", "common", "base", "manager", "misc"}


def test_rooms_are_the_ones_of_the_design() -> None:
    assert set(PACKAGES) == {
        "riverhead",
        "riverhead_airflow",
        "riverhead_catalog",
        "riverhead_emitter",
        "riverhead_spark",
        "riverhead_sql",
    }


def test_every_room_is_packaged_linted_typed_and_checked() -> None:
    tool = house.pyproject()["tool"]
    folders = {folder.relative_to(house.ROOT).as_posix() for folder in PACKAGES.values()}
    typed = {place.rpartition("$MYPY_CONFIG_FILE_DIR")[2].strip("/") for place in tool["mypy"]["mypy_path"].split(":")}
    parents = {folder.parent.relative_to(house.ROOT).as_posix().strip(".") for folder in PACKAGES.values()}

    assert set(tool["hatch"]["build"]["targets"]["wheel"]["packages"]) == folders
    assert set(tool["importlinter"]["root_packages"]) == set(PACKAGES)
    assert set(tool["deptry"]["known_first_party"]) == set(PACKAGES)
    assert parents <= typed
    assert {folder.partition("/")[0] for folder in folders} <= set(tool["mypy"]["files"])


def test_every_folder_with_packaged_code_has_a_package_of_ours() -> None:
    others = {"tests", "tools", "benchmarks", "dags_examples", "docs", "docker", "changelog", "constraints"}
    tops = {path.relative_to(house.ROOT).parts[0] for path in house.committed_files() if path.suffix == ".py"}

    assert tops - others == {folder.relative_to(house.ROOT).parts[0] for folder in PACKAGES.values()}


@pytest.mark.parametrize("package", PACKAGES)
def test_front_door_is_short_and_documented(package: str) -> None:
    text = (PACKAGES[package] / "__init__.py").read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text)), "a room says what it is for and what it does not do"
    assert len(text.splitlines()) < LONGEST_FRONT_DOOR


@pytest.mark.parametrize("package", PACKAGES)
def test_front_door_exports_what_it_declares(package: str) -> None:
    room = importlib.import_module(package)

    assert isinstance(room.__all__, list)
    assert sorted(set(room.__all__)) == sorted(room.__all__)
    assert [name for name in room.__all__ if getattr(room, name, None) is None] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_front_door_lets_nothing_else_out(package: str) -> None:
    tree = ast.parse((PACKAGES[package] / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        (alias.asname or alias.name)
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("riverhead")
        for alias in statement.names
    }

    assert imported <= set(importlib.import_module(package).__all__)


def test_no_module_is_a_junk_drawer() -> None:
    assert [path for path in house.sources() if path.stem in JUNK_DRAWERS or path.parent.name in JUNK_DRAWERS] == []


def test_only_the_airflow_room_knows_airflows_versions() -> None:
    version_question = re.compile(r"AIRFLOW_V_\d|airflow\.__version__|AIRFLOW_VERSION")
    asking = {path.name for path in house.sources() if version_question.search(path.read_text(encoding="utf-8"))}

    assert asking <= {"airflow2.py", "airflow3.py", "check.py", "host.py"}
