"""Opening a store: a SQLite file in WAL mode, its version checked, and one writer at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, inspect, select
from sqlalchemy.exc import DatabaseError

from riverhead_catalog.store.tables import METADATA, SCHEMA_VERSION, meta
from riverhead_emitter.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

WRITES = "riverhead_writes"


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
    return _checked(_engine(str(path)), path)


def open_existing(address: str) -> Engine:
    """Return the engine of a store that is read only."""
    path = path_of(address)
    if not path.is_file():
        raise Unavailable(f"There is no store at {path}: start `riverhead serve`, or name another with --store.")
    return _checked(_engine(str(path)), path)


def path_of(address: str) -> Path:
    """Return the file that `--store` names."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return Path(address).expanduser()
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


def _engine(path: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10}, pool_size=8, max_overflow=8)
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)
    return engine


def _connected(connection: Any, _record: object) -> None:
    # The driver would begin transactions on its own terms, late and not around reads; `_begun` does it instead.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _checked(engine: Engine, path: Path) -> Engine:
    try:
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            _make_or_check(connection, path)
    except DatabaseError as failure:
        engine.dispose()
        raise Unavailable(
            f"{path} cannot be used as a store ({failure.orig}): choose another with --store."
        ) from failure
    except ConfigurationError:
        engine.dispose()
        raise
    return engine


def _make_or_check(connection: Connection, path: Path) -> None:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        METADATA.create_all(connection)
        connection.execute(insert(meta), [{"name": "schema", "value": str(SCHEMA_VERSION)}])
        return
    found = connection.scalar(select(meta.c.value).where(meta.c.name == "schema")) if "meta" in tables else None
    if found != str(SCHEMA_VERSION):
        raise ConfigurationError(
            f"The store {path} has schema version {found or 'unknown'} and this release reads {SCHEMA_VERSION}: "
            "use the release that made it, or name a new store with --store."
        )
