"""Which plugins Airflow finds: one, or none at all, in an environment that has several."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PLUGINS = {"ours": "riverhead_airflow", "provider": "airflow.providers.openlineage"}
_GROUP = "airflow.plugins"
# Where each major's processes look for plugins.
_FINDERS = {
    "3": ("airflow._shared.module_loading", "airflow.sdk._shared.module_loading"),
    "2": ("airflow.utils.entry_points",),
}


def leave_in_sight(major: str, way: str) -> None:
    """Hide every plugin but the one that is measured, before Airflow looks for any."""
    for name in _FINDERS[major]:
        finder: Any = import_module(name)
        finder._get_grouped_entry_points = _without_others(finder._get_grouped_entry_points, way)  # noqa: SLF001 - there is no other way to hide a plugin


def _without_others(find: Callable[[], Mapping[str, Any]], way: str) -> Callable[[], Mapping[str, Any]]:
    hidden = tuple(package for name, package in _PLUGINS.items() if name != way)

    def found() -> Mapping[str, Any]:
        all_of_them = find()
        seen = [pair for pair in all_of_them[_GROUP] if not pair[0].value.startswith(hidden)]
        return {**dict.fromkeys(all_of_them, ()), **all_of_them, _GROUP: seen}

    return found
