"""Addresses of hosts → OpenLineage namespaces and names, so that both sides of a hand-over agree.

Follows the naming rules of the OpenLineage specification; DuckDB, which they do not list, is named like SQLite's
kin: the database file is the namespace.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from riverhead_emitter.model import Dataset

_OBJECT_STORES = {"s3a": "s3", "s3n": "s3", "s3": "s3", "gs": "gs"}
# Here what stands before the @ is the container, not a user.
_WITH_CONTAINER = {"abfs", "abfss", "wasb", "wasbs"}
_IN_MEMORY = ":memory:"
_SCHEME = re.compile("[a-zA-Z][a-zA-Z0-9+.-]+:")
_DRIVE = re.compile(r"[a-zA-Z]:[\\/]")
# A secret key may hold a slash, which then looks like the end of the host.
_USER_INFO = re.compile(r"//[^/@]*:(?!\d{1,5}(?:/|$)).*@|//[^/]*@")


@dataclass(frozen=True, slots=True)
class Database:
    """A database as SQL sees it: where its datasets live, and what an unqualified name means there."""

    namespace: str
    dialect: str
    catalog: str | None = None
    schema: str | None = None

    def dataset(self, parts: tuple[str, ...]) -> Dataset:
        """Return the dataset of a name of one to three parts, completed from the defaults."""
        defaults = (self.catalog, self.schema)[: max(0, 3 - len(parts))]
        return Dataset(self.namespace, ".".join([*(part for part in defaults if part), *parts]))


def database(kind: str, host: str | None, port: int | None, name: str | None) -> Database | None:
    """Return the database behind a connection, or None for a kind that has no rule yet."""
    match kind:
        case "postgres" | "postgresql":
            return Database(f"postgres://{_host(host)}:{port or 5432}", "postgres", name, "public")
        case "sqlite":
            return Database(f"sqlite://{_path(host)}", "sqlite", None, None)
        case "duckdb":
            return Database(f"duckdb://{_path(host)}", "duckdb", _stem(host), "main")
    return None


def location(uri: str) -> Dataset:
    """Return the dataset of a file or folder, given as a path or a URI.

    Credentials in a URI never become part of a name.
    """
    if not _SCHEME.match(uri):
        # A plain path: nothing in it is a fragment, a query or an escape.
        return Dataset("file", (uri.rstrip("\\/") or uri) if _DRIVE.match(uri) else _path_of(uri))
    scheme = uri.partition(":")[0].lower()
    parts = urlsplit(uri if scheme in _WITH_CONTAINER else _USER_INFO.sub("//", uri))
    path = _path_of(unquote(parts.path))
    if scheme == "file":
        return Dataset("file", path)
    authority = parts.netloc
    if scheme in _OBJECT_STORES:
        return Dataset(f"{_OBJECT_STORES[scheme]}://{authority}", path.strip("/") or "/")
    return Dataset(f"{scheme}://{authority}", path)


def _path_of(path: str) -> str:
    return re.sub("^//", "/", posixpath.normpath(path or "/"))


def _host(host: str | None) -> str:
    name = (host or "").rpartition("@")[2].lower() or "localhost"
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _path(path: str | None) -> str:
    return _path_of(_file(path)) if _file(path) else "/:memory:"


def _stem(path: str | None) -> str:
    return posixpath.splitext(posixpath.basename(_path(path)))[0] if _file(path) else "memory"


def _file(path: str | None) -> str:
    # Behind a question mark come options, and for DuckDB's cloud a token is one of them.
    return (path or "").removeprefix(_IN_MEMORY).partition("?")[0]
