"""Opening a store, and the verbs' refusals."""

from __future__ import annotations

import argparse
import os
import socket
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from riverhead_catalog import check
from riverhead_catalog.store.lock import lock
from riverhead_catalog.store.opening import WRITES, open_existing, open_store, path_of
from riverhead_catalog.verbs import serve
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine


def _in_file(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


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
    _in_file(path, "UPDATE meta SET value = '99'")

    with pytest.raises(ConfigurationError, match="schema version 99"):
        open_store(str(path))


@pytest.mark.parametrize("opened", [open_store, open_existing])
def test_a_file_that_is_no_store_is_refused(opened: Callable[[str], Engine], tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello " * 100)

    with pytest.raises(Unavailable, match="cannot be used as a store"):
        opened(str(path))

    assert path.read_text() == "hello " * 100


@pytest.mark.parametrize("opened", [open_store, open_existing])
@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE customers (id INTEGER)",
        "CREATE TABLE meta (id INTEGER)",
        "CREATE VIEW customers AS SELECT 1",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 7",
    ],
)
def test_a_database_of_somebody_else_is_left_byte_for_byte(
    made: str, opened: Callable[[str], Engine], tmp_path: Path
) -> None:
    path = tmp_path / "theirs.db"
    _in_file(path, made)
    before = path.read_bytes()

    with pytest.raises(RiverheadError, match=str(path)):
        opened(str(path))

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_store_whose_making_broke_off_is_made_whole(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    _in_file(path, "PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0

    open_store(str(path)).dispose()

    open_existing(str(path)).dispose()


def test_a_store_that_is_asked_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    open_store(str(path)).dispose()
    before = path.read_bytes()
    engine = open_existing(str(path))

    with pytest.raises(OperationalError, match="readonly"), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM meta")

    engine.dispose()
    assert path.read_bytes() == before


def test_a_store_is_asked_while_it_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    serving = open_store(str(path))

    with serving.connect().execution_options(**{WRITES: True}) as writing, writing.begin():
        writing.exec_driver_sql("INSERT INTO meta VALUES ('x', 'y')")
        asked = open_existing(str(path))
        with asked.begin() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 1
        asked.dispose()
    serving.dispose()


@pytest.mark.parametrize("name", ["a?mode=memory.db", "a#b.db", "a%41.db", "a b&c=d.db"])
def test_every_sign_in_a_path_is_part_of_the_name(name: str, tmp_path: Path) -> None:
    open_store(str(tmp_path / name)).dispose()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_size > 0

    open_existing(str(tmp_path / name)).dispose()


def test_a_store_in_memory_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="memory"):
        open_store(":memory:")


def test_a_second_writer_is_told_about_the_first(tmp_path: Path) -> None:
    with lock(tmp_path / "catalog.db"), pytest.raises(Unavailable, match="Another `riverhead serve`"):
        lock(tmp_path / "catalog.db")


def test_a_store_that_is_not_there_is_not_made_by_a_question(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="There is no store"):
        open_existing(str(tmp_path / "catalog.db"))

    assert not list(tmp_path.iterdir())


def test_a_path_longer_than_any_file_has_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="There is no store"):
        open_existing(str(tmp_path / ("a" * 300)))


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

    with pytest.raises(Unavailable, match=r"pip install '\.\[catalog\]' in a checkout"):
        serve.run(_options())
    assert [finding.level for finding in check.findings({})] == ["note"]


def test_an_extra_that_is_there_is_fine() -> None:
    assert [finding.level for finding in check.findings({})] == ["ok"]


def test_the_store_is_in_the_data_directory_unless_said_otherwise() -> None:
    assert str(serve.default_store({"XDG_DATA_HOME": "/data"})) == "/data/riverhead/catalog.db"
    assert str(serve.default_store({"XDG_DATA_HOME": "relative"})) == os.path.expanduser(  # noqa: PTH111 - as text
        "~/.local/share/riverhead/catalog.db"
    )
