"""The sources are Python 3.10, and whoever silences a checker says why."""

from __future__ import annotations

import ast
import re

import pytest

import house

FLOOR = (3, 10)
BARE_NOQA = re.compile(r"#\s*noqa(?!: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* +[-–#] *\S)")
BARE_IGNORE = re.compile(r"#\s*type: ignore(?!\[[a-z, -]+\] +# \S)")
CODE = re.compile(r'"[A-Z]+[0-9]*"')


def python_files() -> list[str]:
    return [str(path.relative_to(house.ROOT)) for path in house.committed_files() if path.suffix == ".py"]


def text_of(name: str) -> str:
    return (house.ROOT / name).read_text(encoding="utf-8")


def test_sources_are_the_syntax_of_the_oldest_python() -> None:
    for path in house.sources():
        ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=FLOOR)


@pytest.mark.parametrize("line", ["x  # noqa", "x  # noqa: S108", "x  # type: ignore", "x  # type: ignore[misc]"])
def test_silence_without_a_reason_is_noticed(line: str) -> None:
    assert BARE_NOQA.search(line) or BARE_IGNORE.search(line)


@pytest.mark.parametrize("line", ["x  # noqa: S108, S101 - an example", "x  # type: ignore[misc]  # no types there"])
def test_silence_with_its_reason_is_accepted(line: str) -> None:
    assert not BARE_NOQA.search(line)
    assert not BARE_IGNORE.search(line)


def test_every_silenced_check_has_its_reason_on_the_line() -> None:
    unexplained = [
        f"{name}:{number}"
        for name in python_files()
        if name != "tests/house/test_python_floor.py"
        for number, line in enumerate(text_of(name).splitlines(), 1)
        if BARE_NOQA.search(line) or BARE_IGNORE.search(line)
    ]

    assert unexplained == []


def test_every_rule_that_is_switched_off_has_its_reason() -> None:
    text = text_of("pyproject.toml")
    ignored = text[text.index("\nignore = [") : text.index("[tool.ruff.lint.pydocstyle]")].splitlines()

    assert any(CODE.search(line) for line in ignored)
    assert [line for line in ignored if CODE.search(line) and "#" not in line] == []
