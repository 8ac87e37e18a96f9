"""What a process loads so that those that are forked from it need not; in an interpreter that has loaded nothing."""

from __future__ import annotations

import sys

import house

PROGRAM = """
import sys, types
import sqlalchemy, sqlite3
from riverhead_airflow.ahead import load_ahead
from riverhead_airflow.seeing.watching import watch
from riverhead_emitter import frozen
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION

hooks, paths = types.ModuleType("hooks"), types.ModuleType("paths")
hooks.DbApiHook = type("DbApiHook", (), {"get_connection": classmethod(print), "get_conn": print})
paths.ObjectStoragePath = type("ObjectStoragePath", (), {})
sys.modules.update({"airflow.providers.common.sql.hooks.sql": hooks, "airflow.sdk.io.path": paths})
load_ahead()
before = set(sys.modules)
failures = FailureLog(is_strict=True)
seeing = watch(REDACTION, failures, lambda: None)
seeing.begin()
print(sorted(set(sys.modules) - before), failures.counts, len(frozen._UNUSED))
"""


def test_a_task_whose_scheduler_has_loaded_databases_and_paths_loads_nothing_of_ours_to_watch_them() -> None:
    done = house.finished([sys.executable, "-c", PROGRAM], environment={"PYTHONPATH": house.source_path()})

    assert [done.stdout.strip(), done.stderr] == ["[] {} 0", ""]
