"""Riverhead's answer in the neutral form: the one that the shared scorer gets."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "tests" / "scoring"))

from sql_adapter import run

__all__ = ["PACKAGE", "run"]

PACKAGE = "riverhead"
