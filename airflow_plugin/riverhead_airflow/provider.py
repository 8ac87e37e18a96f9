"""Living beside the official OpenLineage provider: its listener leaves, so that no task is told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

DISTRIBUTION = "apache-airflow-providers-openlineage"
_PACKAGE = "airflow.providers.openlineage."


def is_listening(managers: Iterable[Any]) -> bool:
    """True if the provider's listener is in one of these listener managers."""
    return any(_is_theirs(plugin) for manager in managers for plugin in manager.pm.get_plugins())


def take_out_provider(managers: Iterable[Any]) -> bool:
    """Silence the provider's listener and unregister it from these listener managers; True if it was in one."""
    is_found = False
    for manager in managers:
        for plugin in list(manager.pm.get_plugins()):
            if _is_theirs(plugin):
                # A call that is under way has its own list of whom it asks.
                _silence(manager.pm, plugin)
                manager.pm.unregister(plugin)
                is_found = True
    return is_found


def _silence(hooks: Any, plugin: object) -> None:
    for caller in hooks.get_hookcallers(plugin) or ():
        for implementation in caller.get_hookimpls():
            if implementation.plugin is plugin:
                implementation.function = _say_nothing


def _say_nothing(*_arguments: object) -> None:
    """Be called in place of the provider's listener."""


def _is_theirs(plugin: object) -> bool:
    return f"{type(plugin).__module__}.".startswith(_PACKAGE)
