"""The official provider's listener leaves, and everybody else's stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from riverhead_airflow.provider import is_listening, take_out_provider


def plugin_of(module: str) -> Any:
    return type("SomeListener", (), {"__module__": module})()


class Manager:
    """A listener manager with as much of pluggy as is asked of it."""

    def __init__(self, *plugins: Any) -> None:
        self.plugins = list(plugins)
        self.pm = SimpleNamespace(get_plugins=lambda: set(self.plugins), unregister=self.plugins.remove)


def test_the_providers_listener_leaves_every_manager() -> None:
    official, other = plugin_of("airflow.providers.openlineage.plugins.listener"), plugin_of("company.listeners")
    managers = [Manager(official, other), Manager(official)]

    assert is_listening(managers)
    assert take_out_provider(managers)
    assert not is_listening(managers)
    assert [manager.plugins for manager in managers] == [[other], []]


def test_without_the_provider_nothing_changes() -> None:
    manager = Manager(plugin_of("airflow.providers.openlineage_like.listener"))

    assert not take_out_provider([manager])
    assert len(manager.plugins) == 1
