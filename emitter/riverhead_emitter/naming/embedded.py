"""Databases that are a file. The specification does not list them: the file is the namespace."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from riverhead_emitter.naming.database import Database
from riverhead_emitter.naming.files import normal_path

if TYPE_CHECKING:
    from riverhead_emitter.naming.database import Address

# Of Java's embedded databases a URL's whole place is the namespace; each has a schema of its own to begin with.
_OF_JAVA = {"derby": "APP", "h2": "PUBLIC", "hsqldb": "PUBLIC"}
EMBEDDED = frozenset({"duckdb", "sqlite", *_OF_JAVA})
_IN_MEMORY = ":memory:"


def embedded_database(address: Address) -> Database | None:
    """Return the database of a file, or None for another kind."""
    match address.kind:
        case "sqlite":
            return Database(f"sqlite://{_path(address.host)}", "sqlite", None, None)
        case "duckdb":
            return Database(f"duckdb://{_path(address.host)}", "duckdb", _stem(address.host), address.schema or "main")
    if address.kind in _OF_JAVA:
        place = f"{address.kind}:{_place(address.host or '')}"
        return Database(place, "", None, address.schema or _OF_JAVA[address.kind], levels=2, is_upper=True)
    return None


def _place(url: str) -> str:
    """Return where a Java database lies: `mem:shop`, `tcp://host/shop`, or the path of a file."""
    place = url.partition(";")[0].partition("?")[0]
    kept = place.partition(":")[0].lower()
    if not place.startswith("//") and ("/" in kept or ":" not in place or len(kept) == 1):
        kept, place = "file", f"file:{place}"
    return f"file:{normal_path(place[5:])}" if kept == "file" else place


def _path(path: str | None) -> str:
    return normal_path(_file(path)) if _file(path) else "/:memory:"


def _stem(path: str | None) -> str:
    return posixpath.splitext(posixpath.basename(_path(path)))[0] if _file(path) else "memory"


def _file(path: str | None) -> str:
    # Behind a question mark come options, and for DuckDB's cloud a token is one of them.
    return (path or "").removeprefix(_IN_MEMORY).partition("?")[0]
