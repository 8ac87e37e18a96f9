"""The environment in which DAG files are read: the caller's own, but without a database, a network or a trace left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OFF = (
    "AIRFLOW__CORE__LOAD_EXAMPLES",
    "AIRFLOW__LOGGING__REMOTE_LOGGING",
    "AIRFLOW__METRICS__OTEL_ON",
    "AIRFLOW__METRICS__STATSD_ON",
    "AIRFLOW__METRICS__STATSD_DATADOG_ENABLED",
    "AIRFLOW__SENTRY__SENTRY_ON",
    "AIRFLOW__TRACES__OTEL_ON",
)
# Backends of secrets are asked over the network; what a DAG file needs may be in the environment.
_EMPTY = ("AIRFLOW__SECRETS__BACKEND", "AIRFLOW__WORKERS__SECRETS_BACKEND")
_LOGS = {
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": "logs",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": "logs/files",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_MANAGER_LOG_LOCATION": "logs/manager.log",
    "AIRFLOW__SCHEDULER__CHILD_PROCESS_LOG_DIRECTORY": "logs/files",
}
CONFIGURATION = "airflow.cfg"


def surroundings(environment: Mapping[str, str], folder: Path | None, scratch: Path) -> dict[str, str]:
    """Return what the reading process gets for an environment; `scratch` is a folder that will be removed.

    An installation that has a home or a configuration keeps it. Where there is none, none is written: Airflow takes an
    empty file for its configuration, and the scratch folder for its home.
    """
    changed = dict.fromkeys(_OFF, "False") | dict.fromkeys(_EMPTY, "")
    changed |= {name: str(scratch / place) for name, place in _LOGS.items()}
    changed["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{scratch / 'nothing.db'}"
    # The check has a limit of its own, which ends what Airflow's cannot.
    changed["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] = "0"
    if folder is not None:
        changed["AIRFLOW__CORE__DAGS_FOLDER"] = str(folder if folder.is_dir() else folder.parent)
    home = Path(environment.get("AIRFLOW_HOME") or "~/airflow").expanduser()
    if not home.is_dir():
        changed["AIRFLOW_HOME"] = str(scratch)
    named = environment.get("AIRFLOW_CONFIG")
    if not Path(named or home / CONFIGURATION).expanduser().is_file():
        changed["AIRFLOW_CONFIG"] = str(scratch / CONFIGURATION)
    return {**environment, **changed}
