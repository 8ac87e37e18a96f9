"""Where records wait: one root per user, and under it one directory per destination."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.loading import loading
from riverhead_emitter.spool.notes import keep_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Where records wait for as long as nobody said where to send them.
WAITING = "waiting"
DESTINATION = "destination.json"
LOOKED = "looked"
# A host's own configuration may name the place, and goes before the variable.
_NAMED = "RIVERHEAD_SPOOL_DIR, or what sets it for this host, has to name"
WHAT_TO_NAME = f"{_NAMED} a writable directory"
_BETWEEN_LOOKS_SECONDS = 10.0
_FILTER = "filter "


def spool_root(values: Mapping[str, str]) -> Path:
    """Return the first root that the settings name: ours, Airflow's home, the XDG state directory, or /tmp."""
    return next(iter(_candidates(values)))


def known_roots(values: Mapping[str, str]) -> list[Path]:
    """Return every root of this user that exists, so that records of differently started hosts are found."""
    return [root for root in possible_roots(values) if os.path.isdir(root)]  # noqa: PTH112 - Path's raises where it may not look


def possible_roots(values: Mapping[str, str]) -> list[Path]:
    """Return every root that a host of this user may have chosen, whether it is there or not."""
    return list(dict.fromkeys([*_candidates(values), _expanded("~/airflow") / "riverhead"]))


def _candidates(values: Mapping[str, str]) -> Iterable[Path]:
    if values.get("RIVERHEAD_SPOOL_DIR"):
        yield _expanded(values["RIVERHEAD_SPOOL_DIR"])
    if values.get("AIRFLOW_HOME"):
        yield _expanded(values["AIRFLOW_HOME"]) / "riverhead"
    if values.get("XDG_STATE_HOME"):
        yield _expanded(values["XDG_STATE_HOME"]) / "riverhead"
    elif values.get("HOME"):
        yield _expanded(values["HOME"]) / ".local" / "state" / "riverhead"
    with loading():
        import tempfile  # a cost that only a user without a home has

    yield Path(tempfile.gettempdir()) / f"riverhead-{_user_id()}"


def directory_for(root: Path, addresses: Iterable[str]) -> Path:
    """Return the directory of records for sinks at these addresses, so that no other configuration sends them."""
    listed = sorted(addresses)
    name = hashlib.sha256("\n".join(listed).encode()).hexdigest()[:16] if listed else WAITING
    return root / str(_user_id()) / name


def destinations_in(root: Path) -> list[Path]:
    """Return the directories of this user under a root, one per destination."""
    try:
        return sorted(path for path in (root / str(_user_id())).iterdir() if path.is_dir())
    except OSError:
        return []


def note_addresses(directory: Path, addresses: Iterable[str]) -> None:
    """Write beside the records where they are to go, for a person who asks; addresses hold no secrets."""
    note, listed = directory / DESTINATION, sorted(addresses)
    if not listed or note.exists():
        return
    # A disk that is full has better uses for its last bytes.
    keep_note(note, {"addresses": listed})


def noted_addresses(directory: Path) -> list[str]:
    """Return where the records of this directory are to go; nothing if that was not noted."""
    try:
        addresses = json.loads((directory / DESTINATION).read_text(encoding="utf-8"))["addresses"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [str(address) for address in addresses] if isinstance(addresses, list) else []


def sinks_among(destination: Iterable[str]) -> tuple[str, ...]:
    """Return the sinks' addresses among a destination's lines; those behind them are its filters'."""
    return tuple(line for line in destination if not line.startswith(_FILTER))


def is_time_to_look(directory: Path) -> bool:
    """True once in ten seconds, for one of all the processes that write here: a look at every segment costs time."""
    note = directory / LOOKED
    with contextlib.suppress(OSError):
        try:
            if 0 <= time.time() - note.stat().st_mtime < _BETWEEN_LOOKS_SECONDS:
                return False
            os.utime(note)
        except FileNotFoundError:
            os.close(os.open(note, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
            return False  # the first segment of a directory makes it no fuller than it may be
    return True


def make_private(directory: Path) -> None:
    """Create a destination's directory for its owner alone; refuse one that somebody else owns or may enter.

    Nobody else may own the root above it either (in /tmp anybody may be first), and the user's directory between
    the two is closed if it stands open.
    """
    user, root = directory.parent, directory.parent.parent
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        user.mkdir(mode=0o700, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        owners = {root.lstat().st_uid, root.stat().st_uid}
        if _is_own_directory(user.lstat()) and user.lstat().st_mode & 0o077:
            user.chmod(0o700)
        places = [user.lstat(), directory.lstat()]
    except OSError as error:
        raise Unavailable(f"cannot write records to {directory} ({error.strerror}); {WHAT_TO_NAME}") from error
    is_private = all(_is_own_directory(place) and not place.st_mode & 0o077 for place in places)
    if not is_private or not owners <= {_user_id(), 0}:
        raise Unavailable(f"{directory} is not private to this user; {_NAMED} a directory that is")


def _is_own_directory(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) and found.st_uid == _user_id()


def _expanded(path: str) -> Path:
    """Return the path without `~` (where its home is known), the same from wherever it is looked at."""
    return Path(os.path.expanduser(path)).absolute()  # noqa: PTH111 - Path.expanduser raises for a user without a home


def _user_id() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
