"""What `riverhead doctor` says of an installation that only `airflow.cfg` configures."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import endpoint as endpoints
from riverhead.command import main
from riverhead_emitter.delivery.breaker import note_down
from riverhead_emitter.delivery.letters import bury
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.event import run_event
from riverhead_emitter.guard import FAILURES
from riverhead_emitter.model import Job, Run, RunState
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.places import directory_for
from unconfigured import unconfigure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

CANARY = "canary5ecret"
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unconfigure(monkeypatch, home=tmp_path / "home", temporary=tmp_path)
    monkeypatch.setenv("AIRFLOW_CONFIG", str(tmp_path / "airflow.cfg"))
    monkeypatch.setattr("riverhead_spark.check.findings", lambda _environment: [])
    monkeypatch.chdir(tmp_path)


def configured(tmp_path: Path, url: str = NOBODY, spool: str = "spool", more: str = "") -> None:
    transport = json.dumps({"type": "http", "url": url})
    (tmp_path / "airflow.cfg").write_text(
        f"[openlineage]\ntransport = {transport}\n[riverhead]\nspool_dir = {tmp_path / spool}\n{more}"
    )


def task(tmp_path: Path, url: str = NOBODY) -> Emitter:
    """Return the emitter that Airflow's tasks have with such a configuration."""
    return Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"), "OPENLINEAGE_URL": url}))


def event(name: str) -> dict[str, Any]:
    return run_event(RunState.COMPLETE, NOON, Run("01890a5d-ac96-774b-bcce-b302099a8057", Job("tests", name)))


def said_by_doctor(capsys: Capture) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = main(["doctor"])
    return code, capsys.readouterr().out.splitlines()


def problems(lines: list[str]) -> list[str]:
    return [line.removeprefix("PROBLEM ") for line in lines if line.startswith("PROBLEM")]


@pytest.fixture
def endpoint() -> Iterator[endpoints.Endpoint]:
    with endpoints.serving() as served:
        yield served


def test_a_backend_that_only_airflows_tasks_have_is_asked_and_what_is_stuck_is_counted(
    tmp_path: Path, capsys: Capture
) -> None:
    configured(tmp_path)
    emitter = task(tmp_path)
    for number in range(5):
        emitter.emit(event(f"{number}"))
    bury(emitter.directory, emitter.settings.sinks[0].address, b"x\n", "HTTP 422 no")
    emitter.close()

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [down, dead] = problems(lines)
    assert down.startswith(f"{NOBODY}/api/v1/lineage cannot be reached (")
    assert dead.startswith(f"1 dead letter in {emitter.directory}")
    [waiting] = [line for line in lines if "5 records (" in line]
    assert f"in {emitter.directory}; no drainer is at work" in waiting


def test_airflows_backend_that_answers_and_a_spool_with_nothing_in_it_are_fine(
    endpoint: endpoints.Endpoint, tmp_path: Path, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url)

    code, lines = said_by_doctor(capsys)

    assert (code, problems(lines)) == (0, [])
    assert f"ok      {endpoint.url}/api/v1/lineage can be reached" in lines


def test_airflows_backend_that_takes_a_connection_and_no_records_is_a_problem(
    endpoint: endpoints.Endpoint, tmp_path: Path, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url)
    emitter = task(tmp_path, endpoint.url)
    emitter.emit(event("one"))
    emitter.close()
    note_down(emitter.directory, "TimeoutError: no answer", 60.0)

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [problem] = problems(lines)
    assert problem.startswith("nothing is taken there, for ")
    assert "no answer; records wait" in problem


def test_a_spool_of_airflows_below_a_file_is_a_problem_of_the_setting_that_stands_there(
    endpoint: endpoints.Endpoint, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "file").write_text("")
    configured(tmp_path, endpoint.url, spool="file/spool")

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [problem] = problems(lines)
    assert problem.startswith(f"cannot write records to {tmp_path}/file/spool/")
    assert "; [riverhead] spool_dir in airflow.cfg, or" in problem
    assert problem.endswith("has to name a writable directory")


def test_a_spool_of_airflows_that_this_user_may_not_even_look_for_is_a_problem(
    endpoint: endpoints.Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url, spool="locked/a/spool")
    (tmp_path / "locked").mkdir()
    looked, may_use = os.stat, os.access

    def stat(path: Any, **options: Any) -> os.stat_result:
        if str(path).startswith(f"{tmp_path}/locked/"):
            raise PermissionError(13, "Permission denied", path)
        return looked(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(os, "access", lambda path, mode: "locked" not in str(path) and may_use(path, mode))

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [problem] = problems(lines)
    assert problem.startswith(f"cannot write records to {tmp_path}/locked/a/spool/")
    assert f"(no access to {tmp_path}/locked)" in problem


def test_a_full_disk_under_airflows_spool_is_a_problem(
    endpoint: endpoints.Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url)
    (tmp_path / "spool").mkdir()
    room = shutil.disk_usage(tmp_path)
    full = {str(tmp_path / "spool"): room._replace(free=4096)}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full.get(str(path), room))

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [problem] = problems(lines)
    assert problem.startswith(f"the disk of {tmp_path}/spool/")


def test_failures_inside_airflows_tasks_are_told_without_what_its_configuration_hides(
    endpoint: endpoints.Endpoint, tmp_path: Path, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url, more=f"redact_patterns = {CANARY}\n")
    log = directory_for(tmp_path / "spool", []).parent / FAILURES
    log.parent.mkdir(parents=True)
    log.write_text(f"1.0 1 loading an extractor: ModuleNotFoundError: no {CANARY}\n")

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [problem] = problems(lines)
    assert "1 failure inside hosts, the last: " in problem
    assert str(log) in problem
    assert CANARY not in str(lines)


def test_what_airflows_tasks_kept_before_a_destination_was_configured_is_a_problem(
    endpoint: endpoints.Endpoint, tmp_path: Path, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url)
    early = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool")}))
    early.emit(event("early"))
    early.close()

    code, lines = said_by_doctor(capsys)

    assert code == 1
    [problem] = problems(lines)
    assert problem.startswith("1 record was kept before anything was configured")


@pytest.mark.parametrize("spool", ["spool", "by another name"])
def test_a_place_that_commands_and_airflows_tasks_share_is_told_once(
    spool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    configured(tmp_path)
    emitter = task(tmp_path)
    emitter.emit(event("one"))
    bury(emitter.directory, emitter.settings.sinks[0].address, b"x\n", "HTTP 422 no")
    emitter.close()
    (emitter.directory.parent / FAILURES).write_text("1.0 1 observing: no\n")
    (tmp_path / "by another name").symlink_to(tmp_path / "spool")
    monkeypatch.setenv("RIVERHEAD_SPOOL_DIR", str(tmp_path / spool))
    monkeypatch.setenv("OPENLINEAGE_URL", NOBODY)

    code, lines = said_by_doctor(capsys)

    assert code == 1
    assert len(problems(lines)) == 3
    assert len([line for line in lines if re.search(r"1 record \(", line)]) == 1


def test_one_backend_behind_two_spools_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    configured(tmp_path)
    monkeypatch.setenv("OPENLINEAGE_URL", NOBODY)

    _, lines = said_by_doctor(capsys)

    assert len([line for line in lines if "cannot be reached" in line]) == 1
    assert len([line for line in lines if " 0 records (" in line]) == 2


def test_a_destination_of_airflows_alone_is_not_contradicted(
    endpoint: endpoints.Endpoint, tmp_path: Path, capsys: Capture
) -> None:
    configured(tmp_path, endpoint.url)

    _, lines = said_by_doctor(capsys)

    assert (
        "ok      configuration found for riverhead's own commands (Airflow's tasks have another, see below): none; "
        "defaults apply"
    ) in lines
    assert "note    no backend configured for riverhead's own commands; Airflow's tasks have one, see below" in lines
    assert "records wait here" not in str(lines)


def test_what_is_wrong_with_a_variable_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "airflow.cfg").write_text("[core]\n")
    monkeypatch.setenv("OPENLINEAGE_URL", "nonsense")

    code, lines = said_by_doctor(capsys)

    assert code == 1
    assert problems(lines) == ["OPENLINEAGE_URL must start with http:// or https://"]


def test_where_neither_commands_nor_airflows_tasks_have_a_destination_it_is_said_that_records_wait(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "airflow.cfg").write_text("[core]\n")

    code, lines = said_by_doctor(capsys)

    assert code == 0
    assert "note    no backend configured: records wait here until `riverhead serve` picks them up" in lines
