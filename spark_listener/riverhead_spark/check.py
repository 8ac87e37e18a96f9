"""What `riverhead doctor` says about Spark: whether it is here, which one, and whether it finds a Java."""

from __future__ import annotations

import shutil
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FIRST, _LAST = (3, 5), (4, 3)
# It brings the package `pyspark` without py4j and Spark's jars, as Airflow's provider of Spark has it come along.
_CLIENT = "pyspark-client"


def findings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what was found; PySpark itself is never imported."""
    if util.find_spec("pyspark") is None:
        yield Finding(
            "note", "PySpark is not installed here; Spark jobs are observed in the environment that runs them"
        )
        return
    whole, client = _installed("pyspark"), _installed(_CLIENT)
    if whole is None and client is not None:
        yield Finding(
            "note",
            f"PySpark here is only the Spark Connect client {client} ({_CLIENT}), which has no JVM: "
            "riverhead.listen(spark) tells the names, the SQL and the ends of its requests, and no columns; "
            "those are told where the server runs, "
            "or by a driver with the whole `pyspark`",
        )
        return
    yield _version(whole)
    java = _java(environment)
    if java is None:
        yield Finding("problem", "no java was found: set JAVA_HOME, or install a Java runtime, for PySpark to start")
    else:
        yield Finding("ok", f"Java for Spark: {java}")


def _installed(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _version(version: str | None) -> Finding:
    if version is None:
        return Finding("note", "PySpark is on the path without its metadata; its version is seen when it runs")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if _FIRST <= numbers <= _LAST:
        return Finding("ok", f"PySpark {version}: riverhead.listen(spark) observes its queries")
    return Finding("note", f"PySpark {version} is outside 3.5 to 4.3, with which the listener is tested")


def _java(environment: Mapping[str, str]) -> str | None:
    home = environment.get("JAVA_HOME")
    if home:
        java = Path(home) / "bin" / "java"
        return str(java) if java.exists() else None
    return shutil.which("java", path=environment.get("PATH", ""))
