"""The compiled tap's folder: what is in doubt is not there, and nothing fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riverhead_spark.tap.compiled_cache import cache_folder, keep, kept, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = {"riverhead/tap/PlanTap.class": b"\xca\xfe\xba\xbe tap", "riverhead/tap/Json.class": b"\xca\xfe\xba\xbe json"}
KEY = key_of("source", "4.0.1", "2.13.16", "17")


def relinked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def named_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def renamed_to(path: Path, key: str) -> None:
    path.rename(path.with_name(f"{key}{path.suffix}"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one entry."""
    folder = tmp_path / "cache" / "tap"
    assert keep(folder, KEY, CLASSES)
    return folder


def test_what_was_kept_is_read_as_it_was(folder: Path) -> None:
    assert kept(folder, KEY) == CLASSES


def test_the_folder_and_what_is_in_it_are_for_its_owner_alone(folder: Path) -> None:
    assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600]


def test_other_sources_or_another_spark_scala_or_java_have_a_key_of_their_own() -> None:
    parts = ("source", "4.0.1", "2.13.16", "17")

    keys = {key_of(*parts[:at], "other", *parts[at + 1 :]) for at in range(4)}

    assert len({KEY, *keys}) == 5
    assert key_of("ab", "c") != key_of("a", "bc")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.unlink(), id="absent"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-9]), id="cut short"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes().replace(b"yv66", b"yv67")), id="changed"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes().partition(b"\n")[2]), id="without its digest"),
        pytest.param(lambda path: path.chmod(0o640), id="readable by a group"),
        pytest.param(lambda path: path.parent.chmod(0o770), id="in a folder that a group may write to"),
        pytest.param(relinked, id="a link"),
        pytest.param(named_pipe, id="a pipe that nobody writes to"),
        pytest.param(lambda path: renamed_to(path, key_of("another")), id="another key's"),
    ],
)
def test_what_is_in_doubt_is_not_there(spoil: Callable[[Path], object], folder: Path) -> None:
    (entry,) = folder.iterdir()

    spoil(entry)

    assert kept(folder, KEY) is None
    assert kept(folder, key_of("another")) is None


def test_a_folder_behind_a_link_is_neither_read_nor_written(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)

    assert kept(link, KEY) is None
    assert not keep(link, KEY, CLASSES)


def test_what_belongs_to_somebody_else_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)

    assert kept(folder, KEY) is None
    assert not keep(folder, KEY, CLASSES)


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert not keep(tmp_path / "file" / "tap", KEY, CLASSES)
    assert kept(tmp_path / "file" / "tap", KEY) is None


def test_a_write_that_breaks_off_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "rename", fails)

    assert not keep(folder, KEY, {"riverhead/tap/PlanTap.class": b"newer"})
    assert kept(folder, KEY) == CLASSES
    assert len(list(folder.iterdir())) == 1


def test_the_folder_does_not_grow_without_end(folder: Path) -> None:
    for at in range(30):
        assert keep(folder, key_of(str(at)), CLASSES)

    assert len(list(folder.iterdir())) == 12
    assert kept(folder, key_of("29")) == CLASSES


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"HOME": "/home/ada"}, Path("/home/ada/.cache/riverhead/tap")),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "/var/ada"}, Path("/var/ada/riverhead/tap")),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "relative"}, Path("/home/ada/.cache/riverhead/tap")),
        ({"HOME": "/home/ada", "RIVERHEAD_TAP_CACHE": "/opt/tap"}, Path("/opt/tap")),
        ({"HOME": "/home/ada", "RIVERHEAD_TAP_CACHE": "false"}, None),
        ({"HOME": "/home/ada", "RIVERHEAD_TAP_CACHE": "OFF"}, None),
        ({}, None),
    ],
)
def test_the_folder_is_the_users_unless_the_setting_says_otherwise(
    values: dict[str, str], expected: Path | None
) -> None:
    assert cache_folder(values) == expected
