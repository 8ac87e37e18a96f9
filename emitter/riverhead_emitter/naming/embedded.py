"""Databases that are a file. The specification does not list them: the file is the namespace."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from riverhead_emitter.naming.database import Database
from riverhead_emitter.naming.files import normal_path

if TYPE_CHECKING:
    from riverhead_emitter.naming.database import Address

EMBEDDED = frozenset({"duckdb", "sqlite"})
_IN_MEMORY = ":memory:"


def embedded_database(address: Address) -> Database | None:
    """Return the database of a file, or None for another kind."""
    match address.kind:
        case "sqlite":
            return Database(f"sqlite://{_path(address.host)}", "sqlite", None, None)
        case "duckdb":
            return Database(f"duckdb://{_path(address.host)}", "duckdb", _stem(address.host), address.schema or "main")
    return None


def _path(path: str | None) -> str:
    return normal_path(_file(path)) if _file(path) else "/:memory:"


def _stem(path: str | None) -> str:
    return posixpath.splitext(posixpath.basename(_path(path)))[0] if _file(path) else "memory"


def _file(path: str | None) -> str:
    # Behind a question mark come options, and for DuckDB's cloud a token is one of them.
    return (path or "").removeprefix(_IN_MEMORY).partition("?")[0]
