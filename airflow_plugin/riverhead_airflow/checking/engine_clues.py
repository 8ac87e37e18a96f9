"""Engines of SQLAlchemy in a function's code: whoever makes them, what they are asked is seen while the task runs."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MAKERS = frozenset({"create_engine", "engine_from_config", "create_async_engine", "async_engine_from_config"})
_MADE = frozenset({"Engine", "AsyncEngine", "sessionmaker", "async_sessionmaker", "scoped_session"})
# Given a URL they make an engine; given a driver's connection they do not.
_OF_FRAMES = frozenset({"read_sql", "read_sql_query", "read_sql_table", "to_sql"})
ENGINE_CLUES = _MAKERS | _MADE | _OF_FRAMES
_LIBRARIES, _FRAMES = ("sqlalchemy", "sqlmodel"), ("pandas",)
# Imported in a function, they may not be loaded where its file is read.
_DRIVERS = (
    "awswrangler",
    "duckdb",
    "mysql",
    "MySQLdb",
    "oracledb",
    "psycopg",
    "psycopg2",
    "pymysql",
    "pyodbc",
    "sqlite3",
)
_OF_EVERY_DRIVER = "paramstyle"  # PEP 249


def engines_in(names: set[str], meanings: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Yield the names of what makes engines in one function's code, by what it is or by what is imported there."""
    known = dict(meanings)
    yield from (clue for value in known.values() if (clue := _by_value(value)))
    if any(_is_of(name, _LIBRARIES) for name in names):
        yield from (name for name in names & _MAKERS if name not in known)


def frames_in(codes: Sequence[tuple[set[str], Sequence[tuple[str, object]]]]) -> set[str]:
    """Return the names by which pandas asks databases, in all the code of a task; none, where a driver is in it."""
    asked = {name for names, _ in codes for name in names & _OF_FRAMES}
    if not asked:
        return set()
    imported = {name for names, _ in codes for name in names}
    imported |= {value.__name__ for _, found in codes for _, value in found if isinstance(value, types.ModuleType)}
    has_frames = any(_is_of(name, _FRAMES) for name in imported)
    return asked if has_frames and not any(map(_is_driver, imported)) else set()


def _by_value(value: object) -> str:
    if isinstance(value, types.FunctionType):
        return value.__name__ if value.__name__ in _MAKERS and _is_of(value.__module__ or "", _LIBRARIES) else ""
    kind = type(value)
    is_made = kind.__name__ in _MADE and _is_of(kind.__module__, _LIBRARIES)
    return kind.__name__ if is_made and not _is_airflows_own(value) else ""


def _is_airflows_own(value: object) -> bool:
    """What Airflow itself asks of its database is no task's lineage."""
    settings = sys.modules.get("airflow.settings")
    return settings is not None and any(value is own for own in vars(settings).values())


def _is_driver(name: str) -> bool:
    return _is_of(name, _DRIVERS) or hasattr(sys.modules.get(name), _OF_EVERY_DRIVER)


def _is_of(name: str, libraries: Sequence[str]) -> bool:
    return name.partition(".")[0] in libraries
