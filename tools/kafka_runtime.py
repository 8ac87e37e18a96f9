"""A Kafka broker's jars for the tests, brought by Maven from wherever this machine's Maven gets its artifacts."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "4.3.1"
_PROJECT = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>riverhead</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""


def is_made(folder: Path) -> bool:
    """True if the jars of this version are there."""
    stamp = folder / "made-from"
    return stamp.exists() and stamp.read_text() == VERSION


def make(folder: Path, java_home: Path | None) -> str:
    """Bring the jars into `folder`; say what prevents that, and nothing if all went well."""
    program = shutil.which("mvn")
    if program is None:
        return "Maven is not installed here"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "pom.xml").write_text(_PROJECT.format(version=VERSION))
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
    (folder / "made-from").write_text(VERSION)
    return ""
