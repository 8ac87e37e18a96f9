"""Record the plans of `tests/plans/` anew, on every Spark that has an environment there. `make golden` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import environments


def main() -> int:
    """Record version by version; the exit code says whether all could be."""
    home = environments.java_home()
    settings = {**os.environ, **({"JAVA_HOME": str(home)} if home else {})}
    folders = sorted((environments.ROOT / "tests" / "plans").glob("[0-9]*"))
    codes = [
        subprocess.run(
            [
                str(environments.HOME / f"spark-{folder.name}" / "bin" / "python"),
                str(folder.parent / script),
                str(folder),
            ],
            env=settings,
            check=False,
        ).returncode
        for folder in folders
        for script in ("record.py", "record_stores.py")
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
