"""Record the plans of `tests/plans/` anew, on every Spark that has an environment there. `make golden` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent))

import environments


def main() -> int:
    """Record version by version; the exit code says whether all could be."""
    home = environments.java_home()
    settings = {**os.environ, **({"JAVA_HOME": str(home)} if home else {})}
    folders = sorted((environments.ROOT / "tests" / "plans").glob("[0-9]*"))
    return max(
        subprocess.run(
            [_python(folder), *command], env={**settings, "PYSPARK_PYTHON": _python(folder)}, check=False
        ).returncode
        for folder in folders
        for command in _commands(folder)
    )


def _python(folder: Path) -> str:
    return str(environments.HOME / f"spark-{folder.name}" / "bin" / "python")


def _commands(folder: Path) -> Iterator[list[str]]:
    """Yield what records a version's plans: Spark's own, then those of each lake that has plans of it."""
    yield from ([str(folder.parent / script), str(folder)] for script in ("record.py", "record_stores.py"))
    lakes = sorted(lake.name for lake in folder.iterdir() if lake.is_dir())
    jars = environments.jars_of_spark(folder.name) if lakes else None
    if jars is not None:
        for lake in lakes:
            yield [str(folder.parent / "record_lakes.py"), str(folder), str(jars), lake]


if __name__ == "__main__":
    sys.exit(main())
