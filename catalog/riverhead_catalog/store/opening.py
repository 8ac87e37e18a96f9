"""Opening a store, to write or only to read: a SQLite file in WAL mode, checked before anything in it changes."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, insert, inspect, select
from sqlalchemy.exc import DatabaseError

from riverhead_catalog.store.tables import METADATA, SCHEMA_VERSION, meta
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

WRITES = "riverhead_writes"
_PATIENCE_SECONDS = 10


def open_store(address: str) -> Engine:
    """Return the engine of a store that is there or made now, with this release's tables."""
    path = path_of(address)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Lineage tells a lot about a company: the file, and the files SQLite puts beside it, are the owner's alone.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as failure:
        reason = failure.strerror or failure
        raise Unavailable(
            f"The store {path} cannot be written ({reason}): choose a writable place with --store."
        ) from failure
    # Opening to write changes a file (its journal, at least): whose it is must be known before.
    _used(_reading(path), path, _check_or_empty).dispose()
    return _used(_writing(path), path, _check_or_make, is_writing=True)


def open_existing(address: str) -> Engine:
    """Return the engine of a store that is there, which can only be read."""
    path = path_of(address)
    try:
        is_there = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        is_there = False
    if not is_there:
        raise Unavailable(f"There is no store at {path}: start `riverhead serve`, or name another with --store.")
    return _used(_reading(path), path, _check)


def path_of(address: str) -> Path:
    """Return the file that `--store` names."""
    scheme, separator, rest = address.partition("://")
    if address == ":memory:":
        raise ConfigurationError("--store takes a file's path: a store in memory would be gone with the server.")
    if not separator:
        return _at_home(address)
    if scheme == "sqlite":
        if not rest.startswith("//"):
            raise ConfigurationError(
                f"--store {address} would be relative to where this runs: write sqlite:////var/lib/catalog.db (four "
                "slashes) for an absolute path, or a plain path such as ./catalog.db."
            )
        return Path(rest.removeprefix("/"))
    if scheme.startswith("postgres"):
        raise ConfigurationError(
            "This release stores in a SQLite file only: give --store a path (PostgreSQL comes with a later one)."
        )
    raise ConfigurationError(f"--store takes a path; {scheme}:// is not known here.")


def _at_home(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as failure:
        raise ConfigurationError(
            f"--store {path} names the home of nobody known here: write the path without ~."
        ) from failure


def _reading(path: Path) -> Engine:
    address = f"{path.absolute().as_uri()}?mode=ro"

    def connected() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS, check_same_thread=False)

    return _listening(create_engine(_url(path), creator=connected), ())


def _writing(path: Path) -> Engine:
    engine = create_engine(_url(path), connect_args={"timeout": _PATIENCE_SECONDS}, pool_size=8, max_overflow=8)
    return _listening(engine, ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"))


def _url(path: Path) -> URL:
    # As text, a `?`, `#` or `%` in the path would be read as a part of the URL.
    return URL.create("sqlite", database=str(path.absolute()))


def _listening(engine: Engine, pragmas: tuple[str, ...]) -> Engine:
    def connected(connection: Any, _record: object) -> None:
        # The driver would begin transactions on its own terms, late and not around reads; `_begun` does it instead.
        connection.isolation_level = None
        for pragma in (*pragmas, "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begun)
    return engine


def _begun(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _used(engine: Engine, path: Path, check: Callable[[Connection, Path], None], *, is_writing: bool = False) -> Engine:
    """Return the engine whose store passes a check; one that does not is closed."""
    try:
        with engine.connect().execution_options(**{WRITES: is_writing}) as connection, connection.begin():
            check(connection, path)
    except DatabaseError as failure:
        engine.dispose()
        raise Unavailable(
            f"{path} cannot be used as a store ({failure.orig}): choose another with --store."
        ) from failure
    except RiverheadError:
        engine.dispose()
        raise
    return engine


def _check_or_make(connection: Connection, path: Path) -> None:
    if _is_empty(connection):
        METADATA.create_all(connection)
        connection.execute(insert(meta), [{"name": "schema", "value": str(SCHEMA_VERSION)}])
    _check(connection, path)


def _check_or_empty(connection: Connection, path: Path) -> None:
    if not _is_empty(connection):
        _check(connection, path)


def _check(connection: Connection, path: Path) -> None:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        raise Unavailable(f"{path} is no store, as nothing of one is in it: name another with --store.")
    found = connection.scalar(select(meta.c.value).where(meta.c.name == "schema")) if "meta" in tables else None
    if found != str(SCHEMA_VERSION):
        raise ConfigurationError(
            f"The store {path} has schema version {found or 'unknown'} and this release reads {SCHEMA_VERSION}: "
            "use the release that made it, or name a new store with --store."
        )


def _is_empty(connection: Connection) -> bool:
    """Return whether nobody has put anything into the file: it is new, or the making of a store broke off."""
    questions = ("SELECT count(*) FROM sqlite_master", "PRAGMA application_id", "PRAGMA user_version")
    return not any(connection.exec_driver_sql(question).scalar() for question in questions)
