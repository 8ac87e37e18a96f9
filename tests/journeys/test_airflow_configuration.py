"""What is read of Airflow's configuration without Airflow is what Airflow itself reads of it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import hosts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.journey

ASKED = """
import json, os
from riverhead_airflow.host import home, section
from riverhead_airflow.settings import host_names
print("ANSWER" + json.dumps(host_names(section("riverhead"), section("openlineage"), home(), os.environ)))
"""
OURS = """
import json, os, sys
from riverhead_airflow.airflow_cfg import airflow_configuration
from riverhead_airflow.settings import host_names
said = airflow_configuration(os.environ)
assert said.problems == () and "airflow" not in sys.modules
print("ANSWER" + json.dumps(host_names(said.riverhead, said.openlineage, said.home, os.environ)))
"""
WOKEN = """
import logging
logging.basicConfig()
from riverhead_airflow.observer import observer_here
print("ANSWER" + observer_here()._settings.namespace)
"""
CFG = """
[core]
load_examples = False
[riverhead]
Spool_Dir = ~/spool $HOME
timeout_seconds = 03
spool_max_bytes = 1e9
start_drainer = False
redact_patterns = ["a%%b",
    "c"]
extractors = %(start_drainer)s.One
[openlineage]
transport = {"type": "http", "url": "http://lake:5000/100%%25"}
"""
# Airflow reads neither section whole: a lone % is in one, and a command is named for the other.
HALF_READ = """
[core]
load_examples = False
[riverhead]
timeout_seconds = 3
redact_patterns = ["a%canary"]
[openlineage]
namespace = shop
"""
COMMAND = {"AIRFLOW__OPENLINEAGE__EXTRACTORS_CMD": "echo canary"}
VERSIONS = [
    pytest.param("AIRFLOW_3_3", id="3.3"),
    pytest.param("AIRFLOW_2_11", id="2.11", marks=pytest.mark.matrix),
]


@pytest.mark.parametrize("airflow", VERSIONS)
def test_airflow_cfg_says_the_same_with_and_without_airflow(airflow: str, tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "named.cfg").write_text(CFG)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "OPENLINEAGE"))}
    environment = {
        **kept,
        "HOME": str(tmp_path),
        "AIRFLOW_CONFIG": "$HOME/airflow/named.cfg",
        "AIRFLOW__RIVERHEAD__SPOOL_SYNC": "true",
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "shop",
    }

    theirs = answer_of([str(hosts.interpreter(airflow)), "-c", ASKED], environment)
    ours = answer_of([str(hosts.interpreter(airflow)), "-c", OURS], environment)

    assert ours == theirs


@pytest.mark.parametrize("airflow", VERSIONS)
def test_a_value_that_airflow_cannot_read_takes_no_other_with_it(airflow: str, tmp_path: Path) -> None:
    (tmp_path / "named.cfg").write_text(HALF_READ)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "OPENLINEAGE"))}
    environment = {**kept, **COMMAND, "HOME": str(tmp_path), "AIRFLOW_CONFIG": str(tmp_path / "named.cfg")}

    theirs = answer_of([str(hosts.interpreter(airflow)), "-c", ASKED], environment)
    ours = answer_of([str(hosts.interpreter(airflow)), "-c", OURS], environment)
    woken = subprocess.run(
        [str(hosts.interpreter(airflow)), "-c", WOKEN],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=True,
    ).stdout

    assert ours == theirs
    assert (theirs["RIVERHEAD_TIMEOUT_SECONDS"], theirs["OPENLINEAGE_NAMESPACE"]) == ("3", "shop")
    assert "RIVERHEAD_REDACT_PATTERNS" not in theirs
    assert "ANSWERshop" in woken
    assert "[riverhead] redact_patterns in airflow.cfg cannot be read by Airflow" in woken
    assert "canary" not in woken
    assert "Traceback" not in woken


def answer_of(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("ANSWER")]
    found: dict[str, Any] = json.loads(line.removeprefix("ANSWER"))
    return found
