"""Opening a store, and the verbs' refusals."""

from __future__ import annotations

import argparse
import os
import socket
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from riverhead_catalog import check
from riverhead_catalog.store.lock import lock
from riverhead_catalog.store.opening import open_existing, open_store, path_of
from riverhead_catalog.verbs import serve
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable

if TYPE_CHECKING:
    from pathlib import Path


def _options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    serve.arguments(parser)
    return parser.parse_args(words)


def test_a_store_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    open_store(str(tmp_path / "new" / "catalog.db")).dispose()

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "catalog.db").stat().st_mode) == 0o600


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    open_store(str(path)).dispose()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '99'")
    connection.commit()
    connection.close()

    with pytest.raises(ConfigurationError, match="schema version 99"):
        open_store(str(path))


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello " * 100)

    with pytest.raises(Unavailable, match="cannot be used as a store"):
        open_store(str(path))


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE customers (id INTEGER)")
    connection.commit()
    connection.close()

    with pytest.raises(ConfigurationError, match="schema version unknown"):
        open_store(str(path))


def test_a_second_writer_is_told_about_the_first(tmp_path: Path) -> None:
    with lock(tmp_path / "catalog.db"), pytest.raises(Unavailable, match="Another `riverhead serve`"):
        lock(tmp_path / "catalog.db")


def test_a_store_that_is_not_there_is_not_made_by_a_question(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="There is no store"):
        open_existing(str(tmp_path / "catalog.db"))

    assert not list(tmp_path.iterdir())


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable, match="choose a writable place with --store"):
        open_store(str(tmp_path / "file" / "catalog.db"))


def test_postgresql_is_refused_with_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="PostgreSQL comes with a later one"):
        serve.run(_options("--port", "0", "--store", "postgresql://localhost/x"))


@pytest.mark.parametrize("address", ["sqlite:///var/lib/x.db", "sqlite:///x.db", "sqlite://x.db", "sqlite://"])
def test_a_relative_sqlite_address_is_refused_with_both_right_spellings(address: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        path_of(address)

    assert str(refused.value).startswith(f"--store {address} ")
    assert "four slashes" in str(refused.value)
    assert "a plain path" in str(refused.value)


@pytest.mark.parametrize(
    ("address", "path"),
    [("sqlite:////var/lib/x.db", "/var/lib/x.db"), ("/var/lib/x.db", "/var/lib/x.db"), ("x.db", "x.db")],
)
def test_an_absolute_sqlite_address_and_a_plain_path_name_the_file(address: str, path: str) -> None:
    assert str(path_of(address)) == path


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Unavailable, match="choose another with --port"):
            serve.run(_options("--port", str(port), "--store", str(tmp_path / "c.db")))

    assert not (tmp_path / "c.db").exists()


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("--host", "::"), ("--port", "70000")])  # noqa: S104 - refused
def test_listening_beyond_this_machine_is_refused_without_tokens(words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(RiverheadError):
        serve.run(_options(*words, "--store", str(tmp_path / "c.db")))


def test_beyond_this_machine_is_a_decision_that_can_be_made() -> None:
    serve.listen("0.0.0.0", 0, is_open=True).close()  # noqa: S104 - what the test is about


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "NEEDED", ("riverhead_nothing",))

    with pytest.raises(Unavailable, match=r"pip install 'riverhead\[catalog\]'"):
        serve.run(_options())
    assert [finding.level for finding in check.findings({})] == ["note"]


def test_an_extra_that_is_there_is_fine() -> None:
    assert [finding.level for finding in check.findings({})] == ["ok"]


def test_the_store_is_in_the_data_directory_unless_said_otherwise() -> None:
    assert str(serve.default_store({"XDG_DATA_HOME": "/data"})) == "/data/riverhead/catalog.db"
    assert str(serve.default_store({"XDG_DATA_HOME": "relative"})) == os.path.expanduser(  # noqa: PTH111 - as text
        "~/.local/share/riverhead/catalog.db"
    )
