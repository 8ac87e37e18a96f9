from __future__ import annotations

import functools
import importlib
import logging
import multiprocessing
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.guard import FAILURES, FailureLog, described, failures_here, guard
from riverhead_emitter.redaction import REDACTION, Redaction
from riverhead_emitter.spool.places import directory_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

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


def test_what_somebody_can_correct_is_said_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        fail(FailureLog(), Unavailable("the directory has to be writable"))

    (record,) = caplog.records
    assert record.getMessage() == (
        "lineage: testing failed; the pipeline is not affected: Unavailable: the directory has to be writable"
    )


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


def test_what_a_terminal_would_obey_is_not_passed_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog(tmp_path / "failures.log")
    fail(failures, ValueError("a\x1b]0;owned\x07b\u202ec\x9bd\udc80e\r\nf"))

    said = [*(tmp_path / "failures.log").read_text().splitlines(), *caplog.records[0].getMessage().splitlines()]
    assert all(line.isprintable() for line in said)


def test_an_exception_as_large_as_a_file_is_described_in_a_line() -> None:
    assert len(described(ValueError("x" * 10_000_000))) < 3_000
    assert len(described(type("N" * 10_000, (ValueError,), {})("x"))) < 3_000


def test_a_secret_at_the_place_of_the_cut_is_gone() -> None:
    for before in range(1_940, 2_010):
        assert "canary" not in described(ValueError("x" * before + f" password='{CANARY * 20}'"))


def test_a_long_chain_of_causes_is_told_in_part(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("the first")
    for number in range(100):
        later = ValueError(f"number {number}")
        later.__cause__ = error
        error = later
    fail(FailureLog(), error)

    assert "number 99" in caplog.text
    assert "number 98" in caplog.text
    assert caplog.text.count("which came from") == 3


def test_a_cause_is_told_without_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("later")
    error.__cause__ = ValueError(f"password='{CANARY}'")
    fail(FailureLog(), error)

    assert "password='***'" in caplog.text
    assert CANARY not in caplog.text


def test_a_host_has_its_own_secrets_hidden(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    redaction = Redaction(patterns=("hide-me",)).with_masker(lambda text: text.replace("known", "***"))
    failures = FailureLog(tmp_path / "failures.log", redaction=redaction)
    fail(failures, ValueError("hide-me, known"))

    assert (tmp_path / "failures.log").read_text().endswith("ValueError: ***, ***\n")
    assert "ValueError: ***, ***" in caplog.text


def test_where_a_hosts_masker_fails_nothing_is_shown() -> None:
    def fails(text: str) -> str:
        raise RuntimeError(text)

    assert described(ValueError(CANARY), REDACTION.with_masker(fails)) == (
        "ValueError: (it could not be searched for secrets)"
    )


def test_kinds_of_failures_are_bounded() -> None:
    failures = FailureLog()
    for number in range(1_000):
        with guard(f"doing {number}", failures):
            raise ValueError

    assert len(failures.counts) <= 201
    assert sum(failures.counts.values()) == 1_000


def _fill(path: Path, number: int) -> None:
    failures = FailureLog(path)
    for _ in range(number):
        failures.record("filling", ValueError("x" * 400))


def test_processes_that_fill_the_file_at_once_set_it_aside_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "failures.log"
    path.write_text("x" * (250 << 10))
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_fill, args=(path, 60)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(20)

    # 240 lines of half a kilobyte: the file is set aside once, and the second, begun empty, stays.
    lines = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines() if "filling" in line]
    assert len(lines) == 240
    assert {file.name for file in tmp_path.iterdir()} == {"failures.log", "failures.old"}


def test_a_child_counts_although_a_thread_of_its_parent_was_counting() -> None:
    module = importlib.import_module("riverhead_emitter.guard")
    with module._counting:
        child = os.fork()
        if child == 0:
            os._exit(0 if module._counting.acquire(blocking=False) else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class TooLong(Exception):  # noqa: N818 - a host names it as it likes
    """A host's own time-out, which its signal handler raises."""


def raise_too_long(*_: object) -> None:
    raise TooLong


class Alarm:
    """A handler that is no function."""

    def __call__(self, *_: object) -> None:
        raise TooLong


@pytest.mark.parametrize(
    "handler", [raise_too_long, Alarm(), functools.partial(raise_too_long, 1)], ids=["function", "object", "partial"]
)
def test_a_time_out_that_the_host_raises_from_a_signal_reaches_the_host(handler: Callable[..., None]) -> None:
    failures = FailureLog()
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(TooLong), guard("testing", failures):
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert failures.counts == {}


def test_an_exception_of_that_kind_that_no_signal_raised_is_swallowed() -> None:
    failures = FailureLog()
    before = signal.signal(signal.SIGUSR1, raise_too_long)
    try:
        fail(failures, TooLong())
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert failures.counts == {"testing": 1}


def test_a_host_whose_logging_raises_never_meets_it_here() -> None:
    class Strict(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError(f"nobody warns here: {record.getMessage()}")

    failures, strict = FailureLog(), Strict()
    logging.getLogger().addHandler(strict)
    try:
        fail(failures, ValueError("no"))
    finally:
        logging.getLogger().removeHandler(strict)

    assert failures.counts == {"testing": 1}


def test_a_time_out_of_a_handler_that_takes_itself_away_reaches_the_host() -> None:
    def once(*_: object) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        raise TooLong

    before = signal.signal(signal.SIGUSR1, once)
    try:
        with pytest.raises(TooLong), guard("testing", FailureLog()):
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_shares_its_code_with_a_handler_is_none() -> None:
    def retried(function: Callable[..., None]) -> Callable[..., None]:
        def again(*given: object) -> None:
            function(*given)

        return again

    failures = FailureLog()
    before = signal.signal(signal.SIGUSR1, retried(raise_too_long))
    try:
        with guard("testing", failures):
            retried(raise_too_long)()
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert failures.counts == {"testing": 1}


def test_an_error_of_a_function_that_was_given_its_callers_frame_is_swallowed() -> None:
    def look_at(_frame: FrameType | None, _more: int) -> None:
        raise TooLong

    failures = FailureLog()
    with guard("testing", failures):
        look_at(sys._getframe(), 1)

    assert failures.counts == {"testing": 1}
