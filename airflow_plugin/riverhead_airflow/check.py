"""What `riverhead doctor` says of Airflow, without importing it, which takes seconds."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from riverhead_airflow.airflow_cfg import airflow_configuration
from riverhead_airflow.configured import configuration_findings
from riverhead_airflow.provider import DISTRIBUTION
from riverhead_airflow.settings import is_provider_disabled
from riverhead_emitter.checks import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from riverhead_airflow.airflow_cfg import AirflowConfiguration
    from riverhead_emitter.settings.of_hosts import HostSettings

_TESTED = ("2.11.", "3.")


def findings(environment: Mapping[str, str]) -> Iterable[Finding | HostSettings]:
    """Say whether an Airflow is here and one we know, what its configuration says, and whether the provider is off."""
    said = airflow_configuration(environment)
    airflow = _installed("apache-airflow-core") or _installed("apache-airflow")
    if airflow is None:
        yield Finding("note", "Airflow is not installed here; its tasks are observed where it is")
    else:
        yield from _airflow(airflow, said, environment)
    yield from configuration_findings(said, environment)


def _airflow(airflow: str, said: AirflowConfiguration, environment: Mapping[str, str]) -> Iterator[Finding]:
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
    yield from _provider(said, environment)


def _provider(said: AirflowConfiguration, environment: Mapping[str, str]) -> Iterator[Finding]:
    provider = _installed(DISTRIBUTION)
    if provider is None or is_provider_disabled(said.openlineage, environment):
        return
    is_unread = bool(said.problems) or said.openlineage.get("disabled", False) is None
    if is_unread and "AIRFLOW__OPENLINEAGE__DISABLED" not in environment:
        yield Finding(
            "note",
            f"the official OpenLineage provider {provider} is installed; whether it is disabled could not be read",
        )
    else:
        yield Finding(
            "note",
            f"the official OpenLineage provider {provider} is installed and not disabled; its listener is taken out, "
            "but set [openlineage] disabled = true in airflow.cfg (or AIRFLOW__OPENLINEAGE__DISABLED=true) to save its "
            "start-up in every process",
        )


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
