"""Where a line of code stands: in a file, or in a commit of a repository that people can open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_emitter.facets.job import source_code_location
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from riverhead_emitter.checkouts import Checkout
    from riverhead_emitter.facets.facet import Facet

_PLAIN = re.compile("[A-Za-z0-9/._-]*")
# `git@host:owner/name.git`, as ssh takes it, and addresses with a scheme.
_REMOTE = re.compile(r"(?:\w+://(?:[^/@]*@)?|[\w.-]+@)(?P<host>[\w.-]+)(?::\d+)?[:/](?P<path>[^\s?#]+?)(?:\.git)?/?")
# How these show a file at a commit, and a line of it; a host is known by the word in its name.
_SHOWN = {
    "github": ("https://{host}/{repository}/blob/{commit}/{path}", "#L"),
    "gitlab": ("https://{host}/{repository}/-/blob/{commit}/{path}", "#L"),
    "bitbucket": ("https://{host}/{repository}/src/{commit}/{path}", "#lines-"),
}


def code_place(path: str, line: int | None = None, checkout: Checkout | None = None) -> Facet:
    """Return the `sourceCodeLocation` facet of a file or a line of it; inside `checkout`, that of its commit."""
    inside = None if checkout is None else _inside(path, checkout.root)
    if checkout is None or inside is None:
        return source_code_location("file", _in_file(path, line), path=path)
    return source_code_location(
        "git",
        _shown(checkout, inside, line) or _in_file(path, line),
        repository_url=checkout.remote,
        path=inside,
        version=checkout.commit,
        branch=checkout.branch,
    )


def _inside(path: str, root: str) -> str | None:
    folder = root.rstrip("/") + "/"
    return path[len(folder) :] if path.startswith(folder) else None


def _in_file(path: str, line: int | None) -> str:
    return f"file://{_escaped(path)}" + ("" if line is None else f"#L{line}")


def _shown(checkout: Checkout, path: str, line: int | None) -> str | None:
    """Return the page of a file at a host that is known to have one."""
    remote = _REMOTE.fullmatch(checkout.remote or "")
    for word, (page, anchor) in _SHOWN.items():
        if remote and word in remote["host"]:
            place = {"host": remote["host"], "repository": _escaped(remote["path"]), "path": _escaped(path)}
            return page.format(**place, commit=checkout.commit) + ("" if line is None else f"{anchor}{line}")
    return None


def _escaped(path: str) -> str:
    if _PLAIN.fullmatch(path):
        return path
    with loading():
        from urllib.parse import quote  # costs a fresh process two milliseconds, and is hardly ever needed

    return quote(path, errors="replace")
