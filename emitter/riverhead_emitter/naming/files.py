"""Files and folders, wherever they lie: object stores, HDFS, Azure, Databricks, other machines, this one."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming.hosts import LOCALHOST, host_and_port, unescaped, without_user

if TYPE_CHECKING:
    from riverhead_emitter.naming.hosts import Aliases

# Every spelling of a store → the one that is used in names.
_OBJECT_STORES = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs"}
# Here what stands before the @ is the container, not a user.
_WITH_CONTAINER = {"abfs": "abfss", "abfss": "abfss", "wasb": "wasbs", "wasbs": "wasbs"}
_DEFAULT_PORTS = {"hdfs": 8020, "http": 80, "https": 443, "ftp": 21, "sftp": 22}
_SCHEME = re.compile("[a-zA-Z][a-zA-Z0-9+.-]+:")
_DRIVE = re.compile(r"[a-zA-Z]:[\\/]")


def location(uri: str, aliases: Aliases | None = None) -> Dataset:
    """Return the dataset of a file or folder, given as a path or a URI.

    Credentials in a URI never become part of a name. An alias renames a whole namespace (`hdfs://nn1:8020`).
    """
    if not _SCHEME.match(uri):
        return _local(uri)
    scheme, _, rest = uri.partition(":")
    found = _remote(scheme.lower(), rest)
    called = (aliases or {}).get(found.namespace)
    return Dataset(called, found.name) if called else found


def normal_path(path: str) -> str:
    """Return the path without what changes nothing: slashes at its end, doubled ones, `.` and `..`."""
    return re.sub("^//", "/", posixpath.normpath(path or "/"))


def _local(path: str) -> Dataset:
    # A plain path: nothing in it is a fragment, a query or an escape.
    if path.startswith("\\\\"):
        host, _, share = path[2:].replace("\\", "/").partition("/")
        return Dataset(f"file://{host.lower()}", normal_path(f"/{share}"))
    return Dataset("file", (path.rstrip("\\/") or path) if _DRIVE.match(path) else normal_path(path))


def _remote(scheme: str, rest: str) -> Dataset:
    authority, path = _parts(scheme, rest)
    if scheme == "file":
        host = "" if authority.lower() == LOCALHOST else authority.lower()
        path = path[1:] if _DRIVE.match(path[1:]) else path
        return Dataset(f"file://{host}" if host else "file", path)
    if scheme in _OBJECT_STORES:
        return Dataset(f"{_OBJECT_STORES[scheme]}://{authority}", path.strip("/") or "/")
    if scheme in _WITH_CONTAINER:
        return Dataset(f"{_WITH_CONTAINER[scheme]}://{authority.lower()}", path.strip("/") or "/")
    return Dataset(f"{scheme}://{_server(scheme, authority)}", path)


def _parts(scheme: str, rest: str) -> tuple[str, str]:
    if not rest.startswith("//"):
        before, slashes, behind = rest.partition("//")
        return "", normal_path(unescaped(_plain(before + slashes + without_user(behind))))
    place = _container(rest[2:]) if scheme in _WITH_CONTAINER else without_user(rest[2:])
    authority, slash, path = _plain(place).partition("/")
    return authority, normal_path(unescaped(slash + path))


def _plain(text: str) -> str:
    # Signatures and tokens stand in queries.
    return text.partition("#")[0].partition("?")[0]


def _container(rest: str) -> str:
    """Return `container@account/path` without a key that stands where a password would."""
    container, colon, _ = rest.partition(":")
    if colon and "@" in rest and "/" not in container and "@" not in container:
        return f"{container}@{rest.rpartition('@')[2]}"
    return rest


def _server(scheme: str, authority: str) -> str:
    """Return the authority of a server; HDFS's logical name of several has no port, and gets none."""
    if not authority:
        return ""
    host, port = host_and_port(authority)
    if scheme == "hdfs":
        port = port or (_DEFAULT_PORTS["hdfs"] if "." in host or host.startswith("[") or host == LOCALHOST else None)
    elif port == _DEFAULT_PORTS.get(scheme):
        port = None
    return f"{host}:{port}" if port else host
