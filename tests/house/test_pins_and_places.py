"""Pins are plain, nothing committed knows a machine, and the gate is what everybody runs."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import pytest

import environments
import house

PIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?==[0-9][A-Za-z0-9.+!]*")
# Written so that no pattern finds itself.
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|repo1?\.maven|maven\.org|anaconda\.org|/artifactor[y]/|/simple/?[\"'\s]"
)
# Where this machine keeps the checkout, what lies beside it, and its user's home.
MACHINE = re.compile(
    "|".join(re.escape(f"{place}/") for place in (house.ROOT, house.ROOT.parent / "shared", Path.home()))
)
FRAGMENT = re.compile(r"\d+(\.\d+)?\.(feature|fix|removal)(\.\d+)?\.md")
GATE = ["make check", "make demo CI=1", "make test", "make test-matrix"]
TARGETS = {"demo", "test", "check", "test-matrix", "bench", "golden", "clean"}


def texts() -> dict[str, str]:
    """Return every committed text by name; what is no text has no addresses to find."""
    return {
        path.relative_to(house.ROOT).as_posix(): path.read_text(encoding="utf-8", errors="ignore")
        for path in house.committed_files()
    }


@pytest.mark.parametrize("name", environments.ENVIRONMENTS)
def test_environment_has_a_file_of_plain_pins(name: str) -> None:
    lines = (house.ROOT / "constraints" / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert lines == sorted(set(lines), key=lambda line: line.partition("==")[0])


def test_every_file_of_pins_has_its_environment() -> None:
    assert {path.stem for path in (house.ROOT / "constraints").iterdir()} == set(environments.ENVIRONMENTS)


def test_nothing_committed_names_a_package_registry() -> None:
    assert [name for name, text in texts().items() if REGISTRIES.search(text)] == []


def test_nothing_committed_names_a_folder_of_some_machine() -> None:
    found = {name: match.group() for name, text in texts().items() if (match := MACHINE.search(text))}

    assert found == {}


def test_ci_runs_exactly_the_gate_under_headings() -> None:
    script = house.ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if re.match(r"\s*make\b", line)]

    assert script.stat().st_mode & stat.S_IXUSR
    assert sorted(commands) == GATE
    assert [line for line in commands if lines[lines.index(line) - 1] != f'heading "{line}"'] == []
    assert commands[-1] == "make test", "the test runner's closing line comes last"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed here")
def test_make_help_lists_what_there_is() -> None:
    said = house.finished(["make", "help"])

    assert said.returncode == 0, said.stderr
    assert set(re.findall(r"^\s+make ([a-z-]+)", said.stdout, re.MULTILINE)) >= TARGETS


def test_check_runs_every_tool_of_the_gate() -> None:
    said = house.finished(["make", "--dry-run", "check"]).stdout

    assert [
        tool for tool in ("ruff format --check", "ruff check", "mypy", "lint-imports", "deptry") if tool not in said
    ] == []


def test_every_changelog_fragment_is_one_sentence_for_an_issue() -> None:
    fragments = [path for path in (house.ROOT / "changelog").iterdir() if path.name not in {"README.md", ".gitignore"}]

    assert [path.name for path in fragments if not FRAGMENT.fullmatch(path.name)] == []
    assert [path.name for path in fragments if len(path.read_text(encoding="utf-8").strip().splitlines()) != 1] == []


def test_towncrier_takes_the_fragments() -> None:
    said = house.finished([house.SCRIPTS / "towncrier", "build", "--draft"])

    assert said.returncode == 0, said.stderr
