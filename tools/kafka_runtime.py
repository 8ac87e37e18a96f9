"""A Kafka broker's jars for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import maven

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "4.3.1"
_ARTIFACTS = (f"org.apache.kafka:kafka_2.13:{VERSION}",)


def is_made(folder: Path) -> bool:
    """True if the jars of this version are there."""
    return maven.is_brought(folder, _ARTIFACTS)


def make(folder: Path, java_home: Path | None) -> str:
    """Bring the jars into `folder`; say what prevents that, and nothing if all went well."""
    return maven.bring(folder, _ARTIFACTS, java_home, is_transitive=True)
