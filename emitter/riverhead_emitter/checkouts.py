"""Which commit of which repository a file belongs to, as `.git` itself says it: no process is started.

What was changed since that commit is not looked for: it would take reading every file.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# A repository of many references packs them into some megabytes; what is larger is not worth a host's time.
_LARGEST_FILE = 8 << 20
_MOST_LINKS = 5
_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_SECTION = re.compile(r'\s*\[remote "(.*)"\]\s*')
_URL = re.compile(r"\s*url\s*=\s*(\S+)\s*")
# What stands before the host in an address may be a token.
_USER = re.compile("(?<=://)[^/@]*@")


class Checkout(NamedTuple):
    """A folder that git keeps, and the commit that was checked out there; `remote` is an address without a user."""

    root: str
    commit: str
    branch: str | None = None
    remote: str | None = None


def checkout_of(path: str) -> Checkout | None:
    """Return the checkout that holds this file, or None where there is none that can be read."""
    try:
        for folder in _folders_above(os.path.abspath(path)):  # noqa: PTH100 - pathlib would be the only reason to load it
            git = _git_folder(folder)
            if git is not None:
                return _checkout(folder, git)
    except (OSError, ValueError):
        return None  # another user's, or no file system's path at all
    return None


def _folders_above(path: str) -> Iterator[str]:
    below, folder = path, os.path.dirname(path)  # noqa: PTH120 - as above
    while folder != below:
        yield folder
        below, folder = folder, os.path.dirname(folder)  # noqa: PTH120 - as above


def _git_folder(folder: str) -> str | None:
    """Return where git keeps what it knows of this folder; a work tree and a submodule name the place in a file."""
    git = f"{folder}/.git"
    if os.path.isdir(git):  # noqa: PTH112 - pathlib would be the only reason to load it
        return git
    prefix, _, place = _read(git).strip().partition("gitdir: ")
    return None if prefix or not place else os.path.join(folder, place)  # noqa: PTH118 - as above


def _checkout(root: str, git: str) -> Checkout | None:
    # A work tree shares its references with the repository that it was made of.
    common = os.path.join(git, _read(f"{git}/commondir").strip())  # noqa: PTH118 - pathlib would be the only reason to load it
    head, branch = _read(f"{git}/HEAD").strip(), None
    for _ in range(_MOST_LINKS):
        name = head.removeprefix("ref: ")
        if name == head:
            break
        branch = name.removeprefix("refs/heads/")
        head = _read(f"{git}/{name}").strip() or _read(f"{common}/{name}").strip() or _packed(common, name)
    return Checkout(root, head, branch, _remote(common)) if _COMMIT.fullmatch(head) else None


def _packed(common: str, name: str) -> str:
    found = re.search(f"^([0-9a-f]+) {re.escape(name)}$", _read(f"{common}/packed-refs"), re.MULTILINE)
    return found[1] if found else ""


def _remote(common: str) -> str | None:
    """Return the address of `origin`, or else of the first remote that there is."""
    remotes: dict[str, str] = {}
    section = None
    for line in _read(f"{common}/config").splitlines():
        if line.lstrip().startswith("["):
            header = _SECTION.fullmatch(line)
            section = header[1] if header else None
        elif section is not None and (url := _URL.fullmatch(line)):
            remotes.setdefault(section, url[1])
    found = remotes.get("origin") or next(iter(remotes.values()), None)
    return None if found is None else _USER.sub("", found)


def _read(path: str) -> str:
    """Return a small file's text; nothing where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            return file.read(_LARGEST_FILE)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""
