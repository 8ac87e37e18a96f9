"""Disks with hardly any room, where root may mount them."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def small_disk(place: Path, size: str, otherwise: str) -> Iterator[Path]:
    """Mount a disk of this size there for a while; skip, and say what is left of the test, where that may not be."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", str(place)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip(f"only root may mount a small disk; {otherwise}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
