"""The tap's compiled classes, kept between processes in a folder of the user's.

They are code, so nothing is read that anybody else could have written, and nothing that is not whole. Whatever is in
doubt counts as not kept: the caller compiles. Nothing here fails.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTING = "RIVERHEAD_TAP_CACHE"
_OFF = frozenset({"false", "0", "no", "off", "f"})
_ENDING = ".classes"
_LARGEST_BYTES = 4 << 20
# One of each Spark, Java and release of ours that is in use; older ones leave.
_MOST_KEPT = 12
# Without them (on Windows) there is no telling who wrote a file.
_CAN_CHECK = hasattr(os, "getuid") and hasattr(os, "O_NOFOLLOW") and os.open in os.supports_dir_fd


def cache_folder(values: Mapping[str, str]) -> Path | None:
    """Return the folder that the settings name, or None where nothing is to be kept."""
    said = values.get(SETTING, "").strip()
    if not _CAN_CHECK or said.lower() in _OFF:
        return None
    if said.startswith("/"):
        return Path(said)
    base = values.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        home = values.get("HOME", "")
        base = f"{home}/.cache" if home.startswith("/") else ""
    return Path(base, "riverhead", "tap") if base else None


def key_of(*parts: str) -> str:
    """Return the key of what is compiled from these sources for these versions."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def kept(folder: Path, key: str) -> dict[str, bytes] | None:
    """Return the classes that were kept under this key, or None where there are none to be trusted."""
    try:
        with _opened(folder) as directory:
            fd = os.open(f"{key}{_ENDING}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
            with open(fd, "rb") as file:  # noqa: PTH123 - a descriptor, which no path can be exchanged under
                found = os.fstat(fd)
                if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > _LARGEST_BYTES:
                    return None
                return _classes(file.read(_LARGEST_BYTES), key)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def keep(folder: Path, key: str, classes: Mapping[str, bytes]) -> bool:
    """Keep these classes under this key, whole or not at all; False if that cannot be done."""
    body = json.dumps({name: base64.b64encode(code).decode() for name, code in sorted(classes.items())}).encode()
    name = f"{key}{_ENDING}"
    hidden = f".{name}-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(folder) as directory:
            fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=directory)
            try:
                with open(fd, "wb") as file:  # noqa: PTH123 - a descriptor, which no path can be exchanged under
                    file.write(_digest(key, body) + b"\n" + body)
                os.rename(hidden, name, src_dir_fd=directory, dst_dir_fd=directory)
            except OSError:
                os.unlink(hidden, dir_fd=directory)
                raise
            _leave_newest(directory)
    except (OSError, ValueError):
        return False
    return True


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not _is_private(os.fstat(directory)):
            raise PermissionError("somebody else may write here")
        yield directory
    finally:
        os.close(directory)


def _is_private(found: os.stat_result) -> bool:
    return found.st_uid == os.getuid() and not found.st_mode & 0o077


def _classes(content: bytes, key: str) -> dict[str, bytes] | None:
    digest, _, body = content.partition(b"\n")
    if digest != _digest(key, body):
        return None
    return {str(name): base64.b64decode(code, validate=True) for name, code in json.loads(body).items()} or None


def _digest(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + body).hexdigest().encode()


def _leave_newest(directory: int) -> None:
    """Remove what has not been written for the longest time, and what somebody who was killed left half done."""
    names = [name for name in os.listdir(directory) if _ENDING in name]
    aged = sorted((os.stat(name, dir_fd=directory, follow_symlinks=False).st_mtime, name) for name in names)
    for _, name in aged[:-_MOST_KEPT]:
        os.unlink(name, dir_fd=directory)
