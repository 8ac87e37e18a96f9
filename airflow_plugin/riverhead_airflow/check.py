"""What `riverhead doctor` says of Airflow, from the installed distributions alone: importing Airflow takes seconds."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from riverhead_airflow.provider import DISTRIBUTION
from riverhead_emitter.checks import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OFF = frozenset({"true", "t", "1"})
_SWITCHES = ("AIRFLOW__OPENLINEAGE__DISABLED", "OPENLINEAGE_DISABLED")
_TESTED = ("2.11.", "3.")


def findings(environment: Mapping[str, str]) -> Iterable[Finding]:
    """Say whether an Airflow is here, whether it is one we know, and whether the official provider is in the way."""
    airflow = _installed("apache-airflow-core") or _installed("apache-airflow")
    if airflow is None:
        yield Finding("note", "Airflow is not installed here; its tasks are observed where it is")
        return
    if airflow.startswith(_TESTED):
        yield Finding("ok", f"Airflow {airflow} loads the riverhead plugin by itself")
    else:
        yield Finding("problem", f"Airflow {airflow} is not supported; 2.11 and 3.x are")
    if airflow.startswith("2."):
        yield Finding(
            "note",
            "Airflow 2 refuses a DAG with end_from_trigger=True where any listener is installed, riverhead's as well; "
            "such a task needs end_from_trigger=False",
        )
    provider = _installed(DISTRIBUTION)
    if provider is not None and not any(environment.get(name, "").lower() in _OFF for name in _SWITCHES):
        yield Finding(
            "note",
            f"the official OpenLineage provider {provider} is installed and not disabled in the environment; its "
            "listener is taken out, but set [openlineage] disabled=true to save its start-up in every process",
        )


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
