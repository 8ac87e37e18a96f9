"""The official provider's listener leaves, and everybody else's stays."""

from __future__ import annotations

from typing import Any

import pytest
from pluggy import HookimplMarker, HookspecMarker, PluginManager

from riverhead_airflow.listener import Listener
from riverhead_airflow.provider import is_listening, take_out_provider


def plugin_of(module: str) -> Any:
    return type("SomeListener", (), {"__module__": module})()


class Hooks:
    """What listeners are asked."""

    @HookspecMarker("airflow")
    def on_task_instance_running(self, task_instance: object) -> None: ...


class Manager:
    """A listener manager, whose listeners are pluggy's plugins."""

    def __init__(self, *plugins: Any) -> None:
        self.pm = PluginManager("airflow")
        self.pm.add_hookspecs(Hooks)
        for plugin in plugins:
            self.pm.register(plugin)

    @property
    def plugins(self) -> list[Any]:
        return list(self.pm.get_plugins())


class Telling:
    """A listener that notes what it is told, by default as a stranger's."""

    def __init__(self, told: list[str], name: str) -> None:
        self.told, self.name = told, name

    @HookimplMarker("airflow")
    def on_task_instance_running(self, task_instance: object) -> None:
        del task_instance
        self.told.append(self.name)


class Theirs(Telling):
    __module__ = "airflow.providers.openlineage.plugins.listener"


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


@pytest.mark.parametrize("is_registered_first", [True, False])
def test_who_is_taken_out_by_the_first_hook_is_not_even_asked_by_that_one(
    is_registered_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    theirs, another, ours = Theirs(told, "theirs"), Telling(told, "another"), Listener()
    manager = Manager(*([theirs, another, ours] if is_registered_first else [ours, another, theirs]))

    def tell(*_: object) -> None:
        told.append("ours")
        take_out_provider([manager])

    monkeypatch.setattr(ours, "_tell", tell)  # what it does with its first hook
    manager.pm.hook.on_task_instance_running(task_instance=None)
    manager.pm.hook.on_task_instance_running(task_instance=None)

    assert told == ["ours", "another"] * 2
