"""An environment in which nobody has configured anything, for what commands do in the tests' own process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_OF_SETTINGS = ("OPENLINEAGE", "RIVERHEAD_", "AIRFLOW", "XDG_STATE")


def unconfigure(patch: pytest.MonkeyPatch, *, home: Path | str, temporary: Path | str) -> None:
    """Forget every setting and every place that this process was given, and have these instead."""
    for name in list(os.environ):
        if name.startswith(_OF_SETTINGS):
            patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setattr("tempfile.tempdir", str(temporary))
