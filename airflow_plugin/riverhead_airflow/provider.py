"""Living beside the official OpenLineage provider: its listener leaves, so that no task is told twice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

DISTRIBUTION = "apache-airflow-providers-openlineage"
_PACKAGE = "airflow.providers.openlineage."


def is_listening(managers: Iterable[Any]) -> bool:
    """True if the provider's listener is in one of these listener managers."""
    return any(_is_theirs(plugin) for manager in managers for plugin in manager.pm.get_plugins())


def take_out_provider(managers: Iterable[Any]) -> bool:
    """Unregister the provider's listener from these listener managers; True if it was in one."""
    is_found = False
    for manager in managers:
        for plugin in list(manager.pm.get_plugins()):
            if _is_theirs(plugin):
                manager.pm.unregister(plugin)
                is_found = True
    if is_found:
        log.info(
            "riverhead took out the official OpenLineage listener; "
            "[openlineage] disabled=true would also save its start-up time in every task"
        )
    return is_found


def _is_theirs(plugin: object) -> bool:
    return f"{type(plugin).__module__}.".startswith(_PACKAGE)
