"""One file that holds all that a driver needs of Riverhead, for a machine on which nothing of it is installed."""

from __future__ import annotations

import zipfile
from importlib import metadata, resources
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.abc import Traversable
    from pathlib import Path

_PACKAGES = ("riverhead", "riverhead_emitter", "riverhead_sql", "riverhead_spark")
_DISTRIBUTION = "riverhead"
# By which the interpreters of what was observed are found.
_METADATA = ("METADATA", "entry_points.txt")
# The oldest time that a zip can tell: the same code gives the same file.
_TIME = (1980, 1, 1, 0, 0, 0)


def pack(target: Path) -> None:
    """Write the zip; on a Python's path it lets that Python listen to each SparkContext that it makes."""
    held = dict(sorted(_held()))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in held.items():
            packed.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)


def _held() -> Iterator[tuple[str, bytes]]:
    for package in _PACKAGES:
        yield from _files(resources.files(package), package)
    try:
        installed = metadata.distribution(_DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise Unavailable("riverhead is not installed here, only on the path; install it to pack it") from error
    folder = f"{_DISTRIBUTION}-{installed.version}.dist-info"
    for name in _METADATA:
        yield f"{folder}/{name}", (installed.read_text(name) or "").encode()
    # Python looks for it at the root of each part of its path.
    site = resources.files("riverhead_spark.attach") / "site" / "sitecustomize.py"
    yield site.name, site.read_bytes()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for found in folder.iterdir():
        name = f"{path}/{found.name}"
        if found.is_dir() and found.name != "__pycache__":
            yield from _files(found, name)
        elif found.is_file():
            yield name, found.read_bytes()
