"""`riverhead run` starts somebody's program and is not noticed: its words, files, signals and exit code are its own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import house
from riverhead_spark.attach.environment import SITE

if TYPE_CHECKING:
    from pathlib import Path

# The verb by itself, so that no installed entry point is needed.
VERB = """
import argparse, sys
from riverhead_spark.verbs import run
parser = argparse.ArgumentParser()
run.arguments(parser)
sys.exit(run.run(parser.parse_args()))
"""
ENVIRONMENT = {"PYTHONPATH": house.source_path()}


def verb(*words: str) -> list[str]:
    return [sys.executable, "-c", VERB, *words]


def test_words_and_the_surroundings_reach_the_program() -> None:
    asked = "import os, sys; print(sys.argv[1:], os.environ['PYTHONPATH'].split(os.pathsep)[0])"

    done = house.finished(verb("--", sys.executable, "-c", asked, "--show", "-x", "a b"), environment=ENVIRONMENT)

    assert done.stdout.strip() == f"['--show', '-x', 'a b'] {SITE}"


@pytest.mark.parametrize(("ending", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM)])
def test_the_exit_code_is_the_programs(ending: str, code: int) -> None:
    assert house.finished(verb("--", "sh", "-c", ending), environment=ENVIRONMENT).returncode == code


def test_the_standard_input_is_the_programs() -> None:
    environment = {**os.environ, **ENVIRONMENT}

    done = subprocess.run(verb("cat"), input=b"rows\n", env=environment, capture_output=True, timeout=60, check=True)

    assert done.stdout == b"rows\n"


def test_a_pipe_that_ends_early_ends_the_program_as_in_a_shell() -> None:
    line = f"{shlex.join(verb('yes'))} | head -1; echo done"

    done = house.finished(["sh", "-c", line], environment=ENVIRONMENT)

    assert [done.stdout, done.stderr] == ["y\ndone\n", ""]


def test_nothing_to_run_and_what_is_not_there_are_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")

    absent, not_allowed, nothing = (
        house.finished(verb("--", *words), environment=ENVIRONMENT)
        for words in (["/no/such"], [str(tmp_path / "text")], [])
    )

    assert [absent.returncode, absent.stderr] == [127, "riverhead: cannot run /no/such (No such file or directory)\n"]
    assert [not_allowed.returncode, "Permission denied" in not_allowed.stderr] == [126, True]
    assert "say what to run, as in `riverhead run -- python job.py`" in nothing.stderr


@pytest.mark.parametrize(
    ("key", "meant"), [("RIVERHEAD_SPOLL_DIR", "RIVERHEAD_SPOOL_DIR"), ("OPENLINEAGE_URLL", "OPENLINEAGE_URL")]
)
def test_an_unknown_setting_is_named_and_the_program_runs(key: str, meant: str) -> None:
    done = house.finished(verb("echo", "ran"), environment={**ENVIRONMENT, key: "x"})

    assert [done.returncode, done.stdout] == [0, "ran\n"]
    assert done.stderr == f"riverhead: unknown setting {key}; did you mean {meant}?\n"


def test_a_python_that_will_not_be_listened_to_is_named_and_runs() -> None:
    done = house.finished(verb("--", sys.executable, "-I", "-c", "print('ran')"), environment=ENVIRONMENT)

    assert done.stdout == "ran\n"
    assert "-I ignores PYTHONPATH, so this job is not listened to" in done.stderr


def test_a_zip_is_the_same_every_time_and_listens_from_a_path_by_itself(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        packed = house.finished(verb("--zip", str(tmp_path / name)), environment=ENVIRONMENT)
        assert packed.returncode == 0, packed.stderr
    asked = (
        "import importlib.metadata, sys, riverhead_spark\n"
        "entries = importlib.metadata.entry_points(group='riverhead.interpreters')\n"
        "print(type(sys.meta_path[0]).__module__, riverhead_spark.__file__)\n"
        "print(sorted(entry.name for entry in entries if 'spark' in entry.name and entry.load()))"
    )
    zipped = tmp_path / "one.zip"

    # `site` is what looks for our module, and also finds what is installed: so the zip has to come first.
    done = house.finished([sys.executable, "-c", asked], cwd=tmp_path, environment={"PYTHONPATH": str(zipped)})

    assert zipped.read_bytes() == (tmp_path / "two.zip").read_bytes()
    first, interpreters = done.stdout.splitlines()
    assert first == f"sitecustomize {zipped}/riverhead_spark/__init__.py"
    assert "spark.execution" in interpreters


def test_a_zip_and_a_program_at_once_make_no_sense(tmp_path: Path) -> None:
    done = house.finished(verb("--zip", str(tmp_path / "one.zip"), "--", "true"), environment=ENVIRONMENT)

    assert "--zip runs nothing" in done.stderr
