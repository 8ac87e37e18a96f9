"""One writer per store: a lock that the kernel gives back when its holder dies."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path


def lock(store: Path) -> IO[bytes]:
    """Return the held lock of a store; closing it gives it back."""
    try:
        import fcntl
    except ImportError as missing:
        raise Unavailable("`riverhead serve` needs a POSIX system: run it on Linux, macOS or in WSL.") from missing
    held = store.with_name(store.name + ".lock").open("wb")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        held.close()
        raise Unavailable(
            f"Another `riverhead serve` writes to {store}: stop it, or name another store with --store."
        ) from taken
    return held
