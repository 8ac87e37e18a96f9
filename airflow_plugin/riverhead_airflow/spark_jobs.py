"""A Spark job that an operator submits is listened to, with no line of it changed: our listener is among its files.

Spark's room is asked by its command, and packs itself; Python loads what is packed there before the job's own code,
in a driver on this machine as well as in one that a cluster starts.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.settings import as_environment
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.settings import Settings

_OPERATOR = "SparkSubmitOperator"
_PYTHON = ".py"
# What it takes to pack, on a machine that has much else to do; it is done once for each release on each machine.
_PACKING_SECONDS = 20.0


def attach(operator: Any, settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Give a Spark job our listener; return what its environment lacks to send where this host sends.

    Nothing of that goes into the job's settings: they stand on its command line, for everybody on the machine.
    """
    if _OPERATOR not in {kind.__name__ for kind in type(operator).__mro__} or not _is_python(operator):
        return {}
    packed = str(_packed(Path(settings.spool_root) / "spark"))
    # Earlier releases of the provider have the underscore.
    name = "py_files" if hasattr(operator, "py_files") else "_py_files"
    files = [file for file in str(getattr(operator, name, None) or "").split(",") if file]
    if packed not in files:
        setattr(operator, name, ",".join([*files, packed]))
    return {name: value for name, value in as_environment(settings).items() if name not in environment}


def _is_python(operator: Any) -> bool:
    application = getattr(operator, "application", None) or getattr(operator, "_application", None)
    return isinstance(application, str) and application.endswith(_PYTHON)


def _packed(folder: Path) -> Path:
    """Return the file that holds all that a driver needs, made anew for each release."""
    packed = folder / f"riverhead-{VERSION}.zip"
    if not packed.exists():
        # Most tasks submit nothing.
        import subprocess

        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whoever packs at the same time makes the same file; each puts it in its place whole.
        own = folder / f"riverhead-{VERSION}-{os.getpid()}.zip"
        command = [sys.executable, "-m", "riverhead", "run", "--zip", str(own)]
        # Where the host stands may lie a json.py of its own.
        environment = {**os.environ, "PYTHONSAFEPATH": "1"}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=_PACKING_SECONDS)
        own.replace(packed)
    return packed
