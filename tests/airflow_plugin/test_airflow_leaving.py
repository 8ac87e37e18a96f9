"""A task's process where nobody drains: what it leaves behind sends its records, and ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import endpoint as endpoints
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.locks import is_drained_by_another

if TYPE_CHECKING:
    from collections.abc import Callable

TASK = """
import os
from riverhead_airflow import keeper, observer
from riverhead_airflow.texts import Masker
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import settings_from
from test_airflow_observer import PlainHost, task

keeper.IDLE_SECONDS = 1.0
host = PlainHost()
eye = observer.Observer(host, Emitter(settings_from(os.environ)), Masker(host.masked))
work = task(sql="CREATE TABLE sums AS SELECT quantity * price AS amount FROM lines", conn_id="db")
eye.component_starts("task")
eye.task_starts(work)
eye.task_ends(work, "COMPLETE")
eye.component_stops("task")
assert eye.failures.counts == {}, eye.failures.counts
"""


def is_so_within(seconds: float, is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return is_so()


@pytest.mark.fault
def test_a_task_that_nobody_drains_leaves_a_drainer_that_sends_its_columns_and_ends(tmp_path: Path) -> None:
    with endpoints.serving() as endpoint:
        settings = {"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": endpoint.url}
        environment = {
            **os.environ,
            **settings,
            "AIRFLOW_CONN_DB": "duckdb:///data/shop.duckdb",
            "PYTHONPATH": str(Path(__file__).parent),
        }

        subprocess.run([sys.executable, "-c", TASK], env=environment, check=True, timeout=60)
        has_arrived = endpoint.wait_for(2)
        directory = Emitter(settings_from(settings)).directory
        has_ended = is_so_within(20, lambda: not is_drained_by_another(directory))

    assert has_arrived
    assert has_ended
    start, end = endpoint.events()
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    sources = end["outputs"][0]["facets"]["columnLineage"]["fields"]["amount"]["inputFields"]
    assert {source["field"] for source in sources} == {"quantity", "price"}


@pytest.mark.fault
def test_a_task_whose_machine_ends_with_it_has_sent_all_and_left_nothing_behind(tmp_path: Path) -> None:
    with endpoints.serving() as endpoint:
        settings = {
            "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
            "RIVERHEAD_SPOOL_EPHEMERAL": "true",
            "OPENLINEAGE_URL": endpoint.url,
        }
        environment = {**os.environ, **settings, "PYTHONPATH": str(Path(__file__).parent)}

        # As a task's process does: it ends without what Python does at its own end.
        subprocess.run([sys.executable, "-c", f"{TASK}\nos._exit(0)"], env=environment, check=True, timeout=60)
        is_drained = is_drained_by_another(Emitter(settings_from(settings)).directory)

    assert [event["eventType"] for event in endpoint.events()] == ["START", "COMPLETE"]
    assert not is_drained
