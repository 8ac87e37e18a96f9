"""Where the real hosts are: interpreters that the Makefile names in RIVERHEAD_TEST_…"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def interpreter(name: str) -> Path:
    """Return the interpreter of a host's environment, say `AIRFLOW_3_3`; skip where there is none."""
    variable = f"RIVERHEAD_TEST_{name}"
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} is not set: run this with `make test`, which makes that environment")
    return Path(path)
