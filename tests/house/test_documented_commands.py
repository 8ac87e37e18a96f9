"""Every command that a document shows is run by a test or by CI, and a new one fails here until somebody says how.

Commands stand in ```console blocks, on lines that begin with `$ `; a line that ends with a backslash goes on in the
next. What follows, up to the next `$ `, is what the command prints, and is not compared here.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import environments
import house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FENCE = re.compile(r"^ {0,3}```(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^ {0,3}```\s*$", re.MULTILINE | re.DOTALL)
CONTINUED = re.compile(r"\\\n\s*")
SHELLS = {"bash", "sh", "shell", "zsh", "shell-session", "sh-session"}
CI = (house.ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
# Names that hosts and OpenLineage give; ours are taken from the settings' own table.
FOREIGN_SETTINGS = re.compile(r"OPENLINEAGE_\w+|AIRFLOW_\w+|JAVA_HOME|SHOP_DATA|SHOP_SPARK_PYTHON")


@dataclass(frozen=True)
class Command:
    """One command and the document that shows it."""

    document: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.document}: {' '.join(self.words)}"


def documents() -> list[Path]:
    """Return every document that a person may copy a command from."""
    return [path for path in house.committed_files() if path.suffix == ".md" and "changelog" not in path.parts]


def blocks(path: Path) -> Iterator[tuple[str, str]]:
    for found in FENCE.finditer(path.read_text(encoding="utf-8")):
        yield found["language"].lower(), found["body"]


def commands_in(text: str) -> list[tuple[str, ...]]:
    bodies = [found["body"] for found in FENCE.finditer(text) if found["language"].lower() == "console"]
    lines = [line.strip() for body in bodies for line in CONTINUED.sub("", body).splitlines()]
    return [tuple(shlex.split(line[2:], comments=True)) for line in lines if line.startswith("$ ")]


def commands() -> list[Command]:
    return [
        Command(path.relative_to(house.ROOT).as_posix(), words)
        for path in documents()
        for words in commands_in(path.read_text(encoding="utf-8"))
    ]


def test_parser_finds_commands_and_leaves_their_output_alone() -> None:
    text = (
        "x\n```console\n$ make demo\n[ 0.1 s] $ not this\n$ riverhead upstream \\\n    a.b  # why\n```\n"
        "```python\n$ not this either\n```\n"
    )

    assert commands_in(text) == [("make", "demo"), ("riverhead", "upstream", "a.b")]


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(house.ROOT)))
def test_commands_stand_in_console_blocks_only(path: Path) -> None:
    assert [body for language, body in blocks(path) if language in SHELLS] == []
    assert [
        body for language, body in blocks(path) if language != "console" and re.search(r"^\s*\$ ", body, re.MULTILINE)
    ] == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(house.ROOT)))
def test_python_in_a_document_is_python(path: Path) -> None:
    for language, body in blocks(path):
        if language in {"python", "py"}:
            ast.parse(body)


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(house.ROOT)))
def test_links_into_the_project_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_readme_is_finished() -> None:
    assert re.findall(r"@@\w*|TODO|FIXME|XXX", (house.ROOT / "README.md").read_text(encoding="utf-8")) == []


def test_readme_shows_how_to_start() -> None:
    shown = {" ".join(command.words) for command in commands() if command.document == "README.md"}

    assert {"make demo", "make test"} <= shown
    assert any(words.startswith("pip install") for words in shown)


@pytest.mark.parametrize("command", commands(), ids=str)
def test_documented_command_is_verified(command: Command) -> None:
    words = command.words
    if words[0] in {"python", "python3"} and words[1:2] == ("-m",):
        words = words[2:]
    check = VERIFIED_BY.get(words[0])

    assert check, f"nobody says how {words[0]!r} is verified: add it to VERIFIED_BY, or do not show it"
    check(words)


def a_target(words: tuple[str, ...]) -> None:
    """`make` runs in CI as it stands, or at least has the target."""
    shown = " ".join(words)
    if shown == "make help":
        assert house.finished(words).returncode == 0
    elif not any(line == shown or line.startswith(f"{shown} CI=") for line in CI):
        dry = house.finished([words[0], "--dry-run", *words[1:]])
        assert dry.returncode == 0, dry.stderr


def a_verb(words: tuple[str, ...]) -> None:
    """`riverhead VERB …`: what only looks is run here; the rest is parsed here, and run by the demo, which CI runs.

    The session of docs/commands.md is run, and its output compared, by tests/emitter/test_commands_documented.py, and
    what is said of `riverhead sql` by tests/sql_lineage/test_sql_documented.py. `riverhead run` is run by
    tests/journeys/test_spark_attach.py, `riverhead airflow check` by tests/journeys/test_airflow_check.py.
    """
    if words[1] in {"doctor", "--help", "--version"}:
        with tempfile.TemporaryDirectory() as home:
            said = house.finished(
                [sys.executable, "-m", "riverhead", *words[1:]],
                environment={"HOME": home, "RIVERHEAD_SPOOL_DIR": f"{home}/spool"},
            )
        assert said.returncode == 0, said.stdout + said.stderr
        return
    entries = house.pyproject()["project"]["entry-points"]["riverhead.verbs"]
    assert words[1] in entries
    verb = importlib.import_module(entries[words[1]])
    parser = argparse.ArgumentParser(exit_on_error=False)
    verb.arguments(parser)
    parser.parse_args(list(words[2:]))
    if words[1] in {"airflow", "drain", "emit", "run", "spool", "sql"}:
        return
    assert f'"riverhead", "{words[1]}"' in (house.ROOT / "tools" / "demo.py").read_text(encoding="utf-8")


def an_install(words: tuple[str, ...]) -> None:
    """Installs of our extras are done for real by the journey of the fresh environments."""
    extras = set(house.pyproject()["project"]["optional-dependencies"])
    ours = [found for word in words if (found := re.fullmatch(r"(?:riverhead|\.)(?:\[([\w,]+)\])?", word))]

    assert words[1] == "install"
    assert ours, "only installs of riverhead are verified"
    assert {extra for found in ours if found[1] for extra in found[1].split(",")} <= extras


def a_setting(words: tuple[str, ...]) -> None:
    """`export NAME=value` names a setting that somebody reads."""
    known = set(importlib.import_module("riverhead_emitter.settings").OUR_KEYS)

    for word in words[1:]:
        name = word.partition("=")[0]
        assert name in known or FOREIGN_SETTINGS.fullmatch(name)


def a_script(words: tuple[str, ...]) -> None:
    """A script of ours is there; an environment that it is asked for is known."""
    assert (house.ROOT / words[1]).is_file()
    if words[1] == "tools/environments.py":
        assert set(words[2:]) <= {*environments.ENVIRONMENTS, "java"}


def a_composition(words: tuple[str, ...]) -> None:
    """`docker compose` cannot be run where the tests run: its file is checked, and the README says so."""
    services = set(re.findall(r"^  ([a-z][a-z-]*):$", (house.ROOT / "docker-compose.yml").read_text(), re.MULTILINE))

    assert words[1] == "compose"
    assert words[2] in {"up", "down", "run", "logs", "ps"}
    assert [word for word in words[3:] if not word.startswith("-") and word not in services] == []
    assert re.search(r"not (been )?(run|tried|started)", (house.ROOT / "README.md").read_text(encoding="utf-8"))


def an_example(words: tuple[str, ...]) -> None:
    """What the examples' README says is run as it stands there by tests/journeys/test_airflow_examples.py."""
    readme = (house.ROOT / "dags_examples" / "README.md").read_text(encoding="utf-8")

    assert words in commands_in(readme)


def nothing_of_ours(words: tuple[str, ...]) -> None:
    """Git and changes of folder are not ours to verify."""
    assert words


VERIFIED_BY = {
    "make": a_target,
    "riverhead": a_verb,
    "pip": an_install,
    "export": a_setting,
    "python": a_script,
    "python3": a_script,
    "docker": a_composition,
    "airflow": an_example,
    # The file that it is given is run by tests/journeys/test_spark_attach.py.
    "spark-submit": nothing_of_ours,
    "git": nothing_of_ours,
    "cd": nothing_of_ours,
    "mkdir": nothing_of_ours,
}
