from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.guard import FAILURES, FailureLog, failures_here, guard
from riverhead_emitter.spool.places import directory_for

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary5ecret"


class Mute(Exception):  # noqa: N818 - a host names it as it likes
    """An exception that fails when it is asked for its text."""

    def __str__(self) -> str:
        raise ValueError("no text")


def fail(failures: FailureLog, error: BaseException) -> None:
    with guard("testing", failures):
        raise error


def test_a_failure_is_counted_each_time_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog()
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            fail(failures, ValueError("no"))

    assert failures.counts == {"testing": 3}
    (record,) = caplog.records
    assert "testing failed; the pipeline is not affected" in record.getMessage()
    assert "ValueError: no" in record.getMessage()


def test_nothing_is_said_when_nothing_fails(caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog()
    with guard("testing", failures):
        pass

    assert (failures.counts, caplog.records) == ({}, [])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_what_is_no_exception_passes_through(error: BaseException) -> None:
    with pytest.raises(type(error)):
        fail(FailureLog(), error)


def test_strict_failures_are_raised() -> None:
    with pytest.raises(ValueError, match="no"):
        fail(FailureLog(is_strict=True), ValueError("no"))


def test_an_exception_without_a_text_is_swallowed_too(tmp_path: Path) -> None:
    failures = FailureLog(tmp_path / "failures.log")
    fail(failures, Mute())

    assert "Mute: (it has no text)" in (tmp_path / "failures.log").read_text()


def test_secrets_reach_neither_the_log_nor_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog(tmp_path / "failures.log")
    fail(failures, ValueError(f"no route to postgres://user:{CANARY}@db, password='{CANARY}'"))

    assert "postgres://***@db" in (tmp_path / "failures.log").read_text()
    assert CANARY not in (tmp_path / "failures.log").read_text() + caplog.text


def test_a_failure_is_one_line_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "failures.log"
    fail(FailureLog(path), ValueError("two\nlines " + "x" * 10_000))

    assert len(path.read_text().splitlines()) == 1
    assert path.stat().st_size < 600
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_file_of_failures_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "failures.log"
    path.write_text("x" * 300_000)
    fail(FailureLog(path), ValueError("no"))

    assert path.stat().st_size < 1_000


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "bashrc").write_text("")
    (tmp_path / "failures.log").symlink_to(tmp_path / "bashrc")
    fail(FailureLog(tmp_path / "failures.log"), ValueError("no"))

    assert (tmp_path / "bashrc").read_text() == ""


def test_a_file_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    failures = FailureLog(tmp_path / "none" / "failures.log")
    fail(failures, ValueError("no"))

    assert failures.counts == {"testing": 1}


def test_a_hosts_first_guard_has_a_place_where_doctor_looks(tmp_path: Path) -> None:
    failures = failures_here({"RIVERHEAD_SPOOL_DIR": str(tmp_path / "new" / "spool")})

    with guard("reading settings", failures):
        raise ValueError("before there were settings")

    (path,) = (tmp_path / "new" / "spool").rglob(FAILURES)
    assert "before there were settings" in path.read_text()
    assert path == directory_for(tmp_path / "new" / "spool", []).parent / FAILURES


def test_without_any_place_failures_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.gettempdir", none)
    failures = failures_here({})

    with guard("reading settings", failures):
        raise ValueError

    assert failures.counts == {"reading settings": 1}
