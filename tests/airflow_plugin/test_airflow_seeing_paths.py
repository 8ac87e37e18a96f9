"""Paths of object storage that a task opens, in every way in which it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.seeing.paths import Paths
from riverhead_emitter.guard import FailureLog
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.snapshot import SeenAssets

CANARY = "canary-2f7c"


class Anybodys:
    """A class of paths of which Airflow's is one."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __str__(self) -> str:
        return self._uri

    def read_text(self) -> str:
        return "text"


class Path(Anybodys):
    """Stands for Airflow's."""

    def open(self, mode: str = "r") -> str:
        if "missing" in self._uri:
            raise FileNotFoundError(self._uri)
        return mode

    def write_bytes(self, data: bytes) -> int:
        return len(data)


@pytest.fixture
def kind() -> type[Path]:
    """A class of its own, as watching changes it."""
    return type("ObjectStoragePath", (Path,), {})


def seen(kind: type[Path], work: Callable[[type[Path]], Any]) -> SeenAssets:
    paths = Paths(FailureLog(is_strict=True))
    assets: SeenAssets = {"inputs": [], "outputs": []}
    paths.watch(kind)
    paths.begin()
    work(kind)
    paths.add_to(assets, REDACTION)
    return assets


def uris(assets: SeenAssets) -> tuple[list[str], list[str]]:
    return [asset["uri"] for asset in assets["inputs"]], [asset["uri"] for asset in assets["outputs"]]


@pytest.mark.parametrize(
    ("work", "inputs", "outputs"),
    [
        (lambda kind: kind("s3://lake/a").open(), ["s3://lake/a"], []),
        (lambda kind: kind("s3://lake/a").open(mode="wb"), [], ["s3://lake/a"]),
        (lambda kind: kind("s3://lake/a").open("a"), [], ["s3://lake/a"]),
        (lambda kind: kind("s3://lake/a").open("r+"), ["s3://lake/a"], ["s3://lake/a"]),
        (lambda kind: kind("s3://lake/a").read_text(), ["s3://lake/a"], []),
        (lambda kind: kind("s3://lake/a").write_bytes(b"x"), [], ["s3://lake/a"]),
    ],
)
def test_what_is_opened_is_read_or_written(
    kind: type[Path], work: Callable[[type[Path]], Any], inputs: list[str], outputs: list[str]
) -> None:
    assert uris(seen(kind, work)) == (inputs, outputs)


def test_a_path_that_is_opened_often_is_told_once_and_how_often(kind: type[Path]) -> None:
    [asset] = seen(kind, lambda path: [path("s3://lake/a").open() for _ in range(3)])["inputs"]

    assert asset["count"] == 3


def test_what_could_not_be_opened_was_not_read(kind: type[Path]) -> None:
    def work(path: type[Path]) -> None:
        with pytest.raises(FileNotFoundError):
            path("s3://lake/missing").open()

    assert uris(seen(kind, work)) == ([], [])


def test_the_host_gets_what_it_asked_for_and_no_secret_is_kept(kind: type[Path]) -> None:
    got: list[str] = []

    assets = seen(kind, lambda path: got.append(path(f"s3://key:{CANARY}@lake/a").open("rb")))

    assert got == ["rb"]
    assert CANARY not in str(assets)


def test_no_other_class_of_paths_is_watched(kind: type[Path]) -> None:
    before = Anybodys.read_text

    assert uris(seen(kind, lambda _path: Anybodys("s3://lake/a").read_text())) == ([], [])
    assert Anybodys.read_text is before


def test_a_class_is_watched_once_and_each_task_by_itself(kind: type[Path]) -> None:
    paths = Paths(FailureLog(is_strict=True))
    paths.watch(kind)
    once = kind.open
    paths.watch(kind)
    kind("s3://lake/before").open()
    paths.begin()
    assets: SeenAssets = {"inputs": [], "outputs": []}
    paths.add_to(assets, REDACTION)

    assert kind.open is once
    assert uris(assets) == ([], [])
