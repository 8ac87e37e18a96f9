"""The databases in which an Airflow of the demo or of a journey may keep what it knows."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Metadata(Protocol):
    """The database in which an Airflow keeps what it knows."""

    @property
    def url(self) -> str:
        """Its address, as SQLAlchemy wants it."""

    @property
    def is_there(self) -> bool:
        """True if nobody has taken it away since it was prepared."""

    @property
    def takes_many(self) -> bool:
        """True if several tasks may write at once."""

    def ask(self, query: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the rows of a query, in which a question mark stands for each value."""


@dataclass(frozen=True, slots=True)
class SqliteMetadata:
    """A file in Airflow's home; there is no server to wait for."""

    path: Path
    takes_many: bool = False

    @property
    def url(self) -> str:
        """Its address, as SQLAlchemy wants it."""
        return f"sqlite:///{self.path}"

    @property
    def is_there(self) -> bool:
        """True if the file is there."""
        return self.path.exists()

    def ask(self, query: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the rows of a query, in which a question mark stands for each value."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()
