"""What the house's own tests ask about the project: its rooms, its packaging, its files."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(sys.executable).parent


@cache
def pyproject() -> dict[str, Any]:
    """Return `pyproject.toml`."""
    return tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def package_folders() -> dict[str, Path]:
    """Return every package of ours by name, found by looking at the folders and not by asking the configuration."""
    folders = [folder for folder in ROOT.glob("*/riverhead_*") if any(folder.glob("*.py"))]
    return {folder.name: folder for folder in sorted([*folders, ROOT / "riverhead"])}


@cache
def sources() -> tuple[Path, ...]:
    """Return every Python file of our packages."""
    return tuple(sorted(path for folder in package_folders().values() for path in folder.rglob("*.py")))


@cache
def committed_files() -> tuple[Path, ...]:
    """Return every file that is committed, or would be with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file())


def source_path() -> str:
    """Return a PYTHONPATH with our packages' folders and nothing else."""
    return os.pathsep.join(dict.fromkeys(str(folder.parent) for folder in package_folders().values()))


def finished(
    words: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, without the lineage settings of whoever runs the tests, and return what it said."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENLINEAGE", "RIVERHEAD", "PYTHON", "VIRTUAL_ENV", "AIRFLOW"))
    }
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**inherited, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
