"""What an import pulls in: a host pays for it in every process, so the set of modules is asserted, never the time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import house

if TYPE_CHECKING:
    from pathlib import Path

# -S: site-packages load things of their own at start, which would hide what we load.
QUESTION = "import sys; before = set(sys.modules); {}; print(*sorted(set(sys.modules) - before))"
NETWORK = {"asyncio", "http", "http.client", "ssl", "urllib.request", "smtplib", "concurrent.futures"}
# `importlib.metadata` alone brings email, csv and zipfile: more CPU than all the rest of the hot path.
LATE = {*NETWORK, "importlib.metadata", "email", "zipfile"}
# Half a millisecond per frozen dataclass, and ten for the module itself: what the hot path needs comes from `frozen`.
ONLY_LATER = {
    *("dataclasses", "difflib", "inspect", "subprocess", "yaml"),
    *("riverhead_emitter.filters", "riverhead_emitter.trimming", "riverhead_emitter.understand"),
}
HEAVY = {
    *NETWORK,
    *("argparse", "dataclasses", "email", "importlib.metadata", "inspect", "json", "logging", "multiprocessing"),
    *("pathlib", "socket", "sqlite3", "subprocess", "tempfile", "threading", "unittest", "uuid", "xml", "zipfile"),
}


def modules_after(statement: str) -> set[str]:
    asked = house.finished(
        [sys.executable, "-S", "-c", QUESTION.format(statement)],
        environment={"PYTHONPATH": house.source_path()},
    )
    assert asked.returncode == 0, asked.stderr
    return set(asked.stdout.split())


def foreign(modules: set[str]) -> set[str]:
    return {
        module
        for module in modules
        if module.partition(".")[0] not in sys.stdlib_module_names and not module.startswith("riverhead")
    }


@pytest.mark.parametrize("package", ["riverhead", "riverhead_emitter", "riverhead_spark", "riverhead_airflow"])
def test_front_door_of_a_host_loads_nothing_heavy(package: str) -> None:
    modules = modules_after(f"import {package}")

    assert modules & HEAVY == set()
    assert foreign(modules) == set()


def test_import_of_riverhead_loads_no_room() -> None:
    modules = modules_after("import riverhead")

    assert {module for module in modules if module.startswith("riverhead")} == {"riverhead"}


def test_hot_path_loads_no_network_no_packaging_and_nothing_third_party() -> None:
    modules = modules_after("from riverhead_emitter import Emitter, Observation, guard, settings_from")

    assert modules & LATE == set()
    assert foreign(modules) == set()


def test_one_event_is_kept_without_what_only_a_drainer_or_a_mishap_needs(tmp_path: Path) -> None:
    telling = (
        "from riverhead_emitter import Emitter, settings_from; "
        "from riverhead_emitter.model import Dataset, Job, Lineage, Run, RunState, Touched; "
        f"kept = Emitter(settings_from({{'RIVERHEAD_SPOOL_DIR': {str(tmp_path)!r}, 'OPENLINEAGE_URL': 'http://m'}})).tell("
        "RunState.START, Run('r', Job('n', 'j')), Lineage((Touched(Dataset('n', 'd')),))); assert kept"
    )

    modules = modules_after(telling)

    assert modules & {*LATE, *ONLY_LATER} == set()
    assert {module for module in modules if module.startswith("riverhead_emitter.delivery")} == set()


def test_every_emitter_module_loads_on_windows_which_has_no_fcntl() -> None:
    folder = house.package_folders()["riverhead_emitter"]
    names = [
        ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in house.sources()
        if folder in path.parents
    ]
    # What Python brings is loaded as it is here; then ours is loaded once more, told that this is Windows.
    statement = (
        f"import importlib; names = {names}; [importlib.import_module(name) for name in names]; "
        "[sys.modules.pop(name) for name in names]; sys.platform = 'win32'; sys.modules['fcntl'] = None; "
        "[importlib.import_module(name) for name in names]"
    )

    assert foreign(modules_after(statement)) == set()
