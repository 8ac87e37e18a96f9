"""The file with all that a Spark driver needs to be listened to, packed once for each installation on each machine."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter import version
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.spool.places import make_private

if TYPE_CHECKING:
    from riverhead_emitter.settings import Settings

# A task waits for it where its scheduler is on another machine; what fails is not tried again by every task.
_PACKING_SECONDS = 5.0
_SECONDS_UNTIL_TRIED_AGAIN = 3600.0


def packed(settings: Settings) -> Path:
    """Return the file, made where it is missing; only its owner may have written it, for drivers load it as code."""
    folder = Path(settings.spool_root) / f"spark-{os.geteuid()}" / "packed"
    make_private(folder)
    installed = int(Path(version.__file__).stat().st_mtime)
    file = folder / f"riverhead-{version.VERSION}-{installed}.zip"
    if not file.exists():
        failed = file.with_suffix(".failed")
        if failed.exists() and time.time() - failed.stat().st_mtime < _SECONDS_UNTIL_TRIED_AGAIN:
            raise Unavailable("what listens to Spark jobs could not be packed a while ago, and is tried again later")
        try:
            _pack(file)
        except BaseException:
            failed.touch()
            raise
        failed.unlink(missing_ok=True)
    return file


def _pack(file: Path) -> None:
    # Most tasks submit nothing.
    import subprocess

    # Whoever packs at the same time makes the same file; each puts it in its place whole.
    own = file.with_name(f"{file.stem}-{os.getpid()}.zip")
    command = [sys.executable, "-m", "riverhead", "run", "--zip", str(own)]
    # Where the host stands may lie a json.py of its own.
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=_PACKING_SECONDS)
        own.replace(file)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Unavailable(f"what listens to Spark jobs cannot be packed: {''.join(said)}") from error
    finally:
        own.unlink(missing_ok=True)
