from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import house

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    built = house.finished(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, house.ROOT], seconds=300
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel
