"""Jars from wherever this machine's Maven gets its artifacts; what stands in the way is said in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PROJECT = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>riverhead</groupId>
  <artifactId>{name}-for-tests</artifactId>
  <version>1</version>
  <dependencies>
{dependencies}
  </dependencies>
</project>
"""
_DEPENDENCY = """    <dependency>
      <groupId>{}</groupId>
      <artifactId>{}</artifactId>
      <version>{}</version>
{exclusions}    </dependency>"""
# By exclusions, because then Maven reads nothing of what is left out, nor of the repositories that are named there.
_ALONE = """      <exclusions>
        <exclusion>
          <groupId>*</groupId>
          <artifactId>*</artifactId>
        </exclusion>
      </exclusions>
"""


def is_brought(folder: Path, artifacts: Sequence[str]) -> bool:
    """True if the jars of exactly these artifacts are there."""
    stamp = folder / "made-from"
    return stamp.exists() and stamp.read_text() == _recipe(artifacts)


def bring(folder: Path, artifacts: Sequence[str], java_home: Path | None, *, is_transitive: bool) -> str:
    """Bring `group:artifact:version` into `folder/jars`; say what prevents that, and nothing if all went well."""
    program = shutil.which("mvn")
    if program is None:
        return "Maven is not installed here"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    exclusions = "" if is_transitive else _ALONE
    dependencies = "\n".join(_DEPENDENCY.format(*name.split(":"), exclusions=exclusions) for name in artifacts)
    (folder / "pom.xml").write_text(_PROJECT.format(name=folder.name, dependencies=dependencies))
    copy = ["dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}", "-DincludeScope=runtime"]
    settings = dict(os.environ)
    if java_home is not None:
        settings["JAVA_HOME"] = str(java_home)
    with (folder / "maven.log").open("wb") as log:
        done = subprocess.run(
            [program, "--quiet", "--batch-mode", "--file", str(folder / "pom.xml"), *copy],
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        return f"Maven failed; what it said is in {folder / 'maven.log'}"
    (folder / "made-from").write_text(_recipe(artifacts))
    return ""


def _recipe(artifacts: Sequence[str]) -> str:
    return "\n".join(artifacts)
