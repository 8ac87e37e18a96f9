"""What an application is and how it is set, as its conf says it; told are only names that are known to be harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

# In the official agent's names.
_DETAILS = {
    "master": "spark.master",
    "appName": "spark.app.name",
    "applicationId": "spark.app.id",
    "deployMode": "spark.submit.deployMode",
    "driverHost": "spark.driver.host",
}
# What an application was sized and switched by: it explains how fast it ran and what it wrote, and holds no address.
_SETTINGS = frozenset(
    f"spark.{name}"
    for name in (
        "default.parallelism",
        "driver.cores",
        "driver.memory",
        "dynamicAllocation.enabled",
        "dynamicAllocation.maxExecutors",
        "dynamicAllocation.minExecutors",
        "executor.cores",
        "executor.instances",
        "executor.memory",
        "executor.memoryOverhead",
        "jars.packages",
        "kubernetes.namespace",
        "python.worker.memory",
        "serializer",
        "speculation",
        "sql.adaptive.enabled",
        "sql.ansi.enabled",
        "sql.autoBroadcastJoinThreshold",
        "sql.catalogImplementation",
        "sql.execution.arrow.pyspark.enabled",
        "sql.extensions",
        "sql.session.timeZone",
        "sql.shuffle.partitions",
        "sql.sources.partitionOverwriteMode",
        "yarn.queue",
    )
)
_LONGEST = 2000


class Details(NamedTuple):
    """Who the application is, and how it is set."""

    identity: dict[str, str]
    settings: dict[str, str]


def details_of(context: Any, asked_for: Collection[str] = ()) -> Details:
    """Return the application's details, and its settings of which we know, or which somebody asked for."""
    # One call for all of it, where asking for each name would be dozens. Spark has masked its secrets in it.
    conf = _parsed(context._jsc.sc().conf().toDebugString())  # noqa: SLF001 - PySpark has no public way to its JVM
    identity = {name: conf[key] for name, key in _DETAILS.items() if key in conf}
    identity["userName"] = context.sparkUser()
    if context.uiWebUrl:
        identity["uiWebUrl"] = context.uiWebUrl
    return Details(identity, {name: conf[name] for name in sorted(conf) if name in _SETTINGS or name in asked_for})


def _parsed(text: str) -> dict[str, str]:
    """Read `name=value` lines; what a value of several lines goes on with is left out."""
    pairs = (line.partition("=") for line in text.splitlines() if line.startswith("spark."))
    return {name: value[:_LONGEST] for name, equals, value in pairs if equals}
