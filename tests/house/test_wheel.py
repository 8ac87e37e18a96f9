"""What is in the wheel, and what it says of itself."""

from __future__ import annotations

import email
import importlib
import zipfile
from configparser import ConfigParser
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

import house

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

HOST_PACKAGES = {"apache-airflow", "apache-airflow-core", "pyspark", "pyspark-client", "pyspark-connect"}
BUILD_WASTE = {".pyc", ".pyo", ".orig", ".rej", ".swp"}


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def entry_points(wheel: Path) -> list[EntryPoint]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        text = archive.read(name).decode()
    parser = ConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case, as the format wants
    parser.read_string(text)
    return [EntryPoint(key, value, group) for group in parser.sections() for key, value in parser[group].items()]


@pytest.mark.parametrize("package", house.package_folders())
def test_wheel_has_every_file_of_every_room(names: list[str], package: str) -> None:
    folder = house.package_folders()[package]
    files = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in BUILD_WASTE and path in house.committed_files()
    }

    assert files <= set(names)
    assert f"{package}/py.typed" in names


def test_wheel_has_nothing_but_the_rooms_and_its_metadata(names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(house.package_folders())
    assert [name for name in names if "/tests/" in name or name.endswith(tuple(BUILD_WASTE))] == []


def test_wheel_carries_the_taps_java_source_and_the_page(names: list[str]) -> None:
    assert "riverhead_spark/tap/PlanTap.java" in names
    assert any(name.startswith("riverhead_catalog/page/") and name.endswith(".html") for name in names)


def test_base_has_no_requirement(metadata: Message) -> None:
    requirements = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]

    assert [str(requirement) for requirement in requirements if requirement.marker is None] == []
    assert all(requirement.marker and "extra ==" in str(requirement.marker) for requirement in requirements)


def test_no_extra_lists_a_host(metadata: Message) -> None:
    requirements = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]

    assert requirements
    assert [str(requirement) for requirement in requirements if requirement.name.lower() in HOST_PACKAGES] == []


def test_metadata_says_the_oldest_python_and_the_extras(metadata: Message) -> None:
    assert metadata["Requires-Python"] == ">=3.10"
    assert {"airflow", "catalog", "kafka", "official", "spark", "sql"} == set(metadata.get_all("Provides-Extra", []))


def test_wheel_has_the_entry_points_of_pyproject(entry_points: list[EntryPoint]) -> None:
    project = house.pyproject()["project"]
    declared = {("console_scripts", name, value) for name, value in project["scripts"].items()}
    for group, entries in project["entry-points"].items():
        declared |= {(group, name, value) for name, value in entries.items()}

    assert {(entry.group, entry.name, entry.value) for entry in entry_points} == declared
    assert {"airflow.plugins", "riverhead.verbs", "riverhead.interpreters", "riverhead.checks"} <= {
        entry.group for entry in entry_points
    }


def test_every_entry_point_loads(entry_points: list[EntryPoint]) -> None:
    # Airflow's needs Airflow: the journey of the fresh `airflow` environment loads it.
    loaded = {entry.value: entry.load() for entry in entry_points if entry.group != "airflow.plugins"}

    assert all(loaded.values())


def test_every_verb_declares_arguments_and_runs(entry_points: list[EntryPoint]) -> None:
    verbs = [importlib.import_module(entry.module) for entry in entry_points if entry.group == "riverhead.verbs"]

    assert verbs
    assert [
        verb.__name__ for verb in verbs if not (verb.__doc__ and callable(verb.arguments) and callable(verb.run))
    ] == []
