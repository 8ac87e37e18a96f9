"""Jobs on a real Spark with real stores beside it: run to their end, and what they told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import house
from hosts import interpreter
from spark_plans import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

JOBS = Path(__file__).parent.parent / "journeys" / "spark_jobs"
_CONF = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.master": "local[2]",
    "spark.openlineage.namespace": "shop",
    "spark.openlineage.transport.type": "file",
    "spark.openlineage.transport.location": "{folder}/events.ndjson",
    "spark.riverhead.spoolDir": "{folder}/spool",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.warehouse.dir": "{folder}/warehouse",
    "spark.ui.enabled": "false",
}


@dataclass(frozen=True)
class Story:
    """What came of a job."""

    folder: Path
    code: int
    said: str
    errors: str
    events: list[dict[str, Any]]

    @property
    def ends(self) -> list[dict[str, Any]]:
        """The last events of all runs but the application's, in their order."""
        return [
            event
            for event in self.events
            if event["eventType"] != "START" and event["job"]["facets"]["jobType"]["jobType"] != "APPLICATION"
        ]

    def named(self, name: str) -> list[dict[str, Any]]:
        """The last events of the runs of a job that is called after this query, in their order."""
        return [event for event in self.ends if event["job"]["name"].split(".")[1] == name]

    def filling(self, output: str) -> list[dict[str, Any]]:
        """The last events of the runs that wrote this folder or table, in their order."""
        return [event for event in self.ends if any(name.endswith(output) for name in names_of(event["outputs"]))]

    def inputs(self, event: dict[str, Any]) -> list[str]:
        """What a run read, each without the job's own folder."""
        return [name.replace(f"file {self.folder}/", "") for name in names_of(event["inputs"])]

    def states(self) -> dict[str, list[str]]:
        """The types of every run's events, by job and run."""
        runs: dict[str, list[str]] = {}
        for event in self.events:
            runs.setdefault(f"{event['job']['name']} {event['run']['runId']}", []).append(event["eventType"])
        return runs


def played(
    spark: str,
    job: str,
    folder: Path,
    *words: str,
    conf: Mapping[str, str] | None = None,
    jars: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
    starter: Sequence[str | Path] = (),
    seconds: float = 300,
) -> Story:
    """Run a job with these settings, and connectors that only `spark.jars` names; `spark` is a version as `4_0`.

    Unless a starter is given, Python itself starts the job.
    """
    python = interpreter(f"SPARK_{spark}")
    settings = {name: value.format(folder=folder) for name, value in {**_CONF, **(conf or {})}.items()}
    if jars:
        settings["spark.jars"] = ",".join(jars_of(spark, *jars))
    defaults = folder / "conf" / "spark-defaults.conf"
    defaults.parent.mkdir(parents=True)
    defaults.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    given = {
        "PYSPARK_PYTHON": str(python),
        "PYTHONPATH": house.source_path(),
        "SPARK_CONF_DIR": str(defaults.parent),
        **(environment or {}),
    }
    command = [*(starter or [python]), JOBS / job, folder, *words]
    done = house.finished(command, cwd=folder, environment=given, seconds=seconds)
    file = folder / "events.ndjson"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return Story(folder, done.returncode, done.stdout, done.stderr, [json.loads(line) for line in lines])


def jars_of(spark: str, *beginnings: str) -> list[str]:
    """Return the jars for this Spark whose names begin so."""
    folder = interpreter(f"SPARK_JARS_{spark}")
    return [str(jar) for jar in sorted(folder.glob("*.jar")) if jar.name.startswith(beginnings)]
