"""What hooks told Airflow's own collector: assets by their URIs, and statements that nobody else saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_airflow.seeing.sources import class_path
from riverhead_airflow.seeing.statements import EXTRAS
from riverhead_airflow.texts import kept, word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_airflow.seeing.witness import Witness
    from riverhead_airflow.snapshot import SeenAsset, SeenAssets
    from riverhead_emitter.redaction import Redaction

# As the common SQL provider calls the statements of hooks.
_SQL_JOB = "sql_job"
_MOST_ASSETS = 500
_LONGEST_URI, _LONGEST_EXTRA, _MOST_EXTRAS = 4 << 10, 1 << 10, 20


class Told(NamedTuple):
    """What the collector holds, by the words of its newest version."""

    inputs: list[Any]
    outputs: list[Any]
    extra: list[Any]

    def counts(self) -> tuple[int, int, int]:
        """Return how much that is."""
        return len(self.inputs), len(self.outputs), len(self.extra)

    def since(self, counts: tuple[int, int, int] | None) -> Told:
        """Return what came after it held so much: it is the process's and not the task's, and only grows."""
        inputs, outputs, extra = counts or (0, 0, 0)
        return Told(self.inputs[inputs:], self.outputs[outputs:], self.extra[extra:])


def told_to(collector: Any | None) -> Told:
    """Return what hooks told a collector of any version; nothing, where it collects nothing."""
    if collector is None or type(collector).__name__ == "NoOpCollector":
        return Told([], [], [])
    name = "collected_assets" if hasattr(type(collector), "collected_assets") else "collected_datasets"
    lineage = getattr(collector, name)
    return Told(list(lineage.inputs), list(lineage.outputs), list(getattr(lineage, "extra", ())))


def assets_of(told: Told, redaction: Redaction) -> SeenAssets:
    """Return the assets among it."""
    return {"inputs": _facts(told.inputs, redaction), "outputs": _facts(told.outputs, redaction)}


def hear_jobs(told: Told, witness: Witness) -> None:
    """Add what hooks said of their statements: to those that were seen, or else as statements of their own."""
    for entry in told.extra:
        value = entry.value
        if entry.key == _SQL_JOB and isinstance(value, dict) and isinstance(value.get("sql"), str):
            _hear(value, entry.context, int(entry.count), witness)


def _hear(job: dict[str, Any], hook: Any, count: int, witness: Witness) -> None:
    statements = witness.statements
    if statements is None:
        return
    source = witness.source_of(hook)
    statement = statements.found(source.conn_id, job["sql"])
    if statement is None:
        statement = statements.told(source, "execute", job["sql"], None)
        if statement is None:
            return
        statement.count = statement.done = count
    rows, job_id = job.get("row_count"), job.get("job_id")
    if isinstance(rows, int) and (statement.rows is None or statement.rows < rows):
        statement.rows = rows
    statement.job_id = statement.job_id or (str(job_id) if job_id else None)
    statement.extras.update({name: str(job[name]) for name in EXTRAS if job.get(name)})


def _facts(entries: Iterable[Any], redaction: Redaction) -> list[SeenAsset]:
    return [_fact(entry, redaction) for entry in list(entries)[:_MOST_ASSETS]]


def _fact(entry: Any, redaction: Redaction) -> SeenAsset:
    # Airflow 2 calls an asset a dataset.
    asset = entry.asset if hasattr(entry, "asset") else entry.dataset
    name = getattr(asset, "name", None)
    extra = getattr(asset, "extra", None)
    return {
        "uri": kept(str(asset.uri), _LONGEST_URI, redaction),
        "name": kept(str(name), _LONGEST_URI, redaction) if name else None,
        "count": int(entry.count),
        "hook": word(class_path(entry.context)) if entry.context is not None else None,
        "extra": _extra(extra, redaction) if isinstance(extra, dict) else {},
    }


def _extra(extra: dict[Any, Any], redaction: Redaction) -> dict[str, str]:
    """With its name a value can be told to be a secret, alone it cannot."""
    found = {}
    for key in list(extra)[:_MOST_EXTRAS]:
        name, text = word(str(key)), str(extra[key])
        shown = kept(f"{name}={text}", _LONGEST_EXTRA + len(name) + 1, redaction)
        found[name] = shown[len(name) + 1 :] if shown.startswith(f"{name}=") else shown
    return found
