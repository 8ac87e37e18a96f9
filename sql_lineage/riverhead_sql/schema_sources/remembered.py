"""What was seen before, in a file that the processes of one user share."""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_sql.schema_sources.source import SchemaSource, Table

log = logging.getLogger(__name__)

_DAY_SECONDS = 86_400.0
_MOST_BYTES = 16_000_000
# Another process holds the file for one short write, on a slow disk for a little longer; a memory is worth no more.
_WAIT_SECONDS = 1.0
_TABLES = """
CREATE TABLE IF NOT EXISTS seen_columns (
    namespace TEXT NOT NULL, name TEXT NOT NULL, columns TEXT NOT NULL, size INTEGER NOT NULL, seen REAL NOT NULL,
    PRIMARY KEY (namespace, name)
);
CREATE INDEX IF NOT EXISTS seen_columns_by_age ON seen_columns (seen, size);
"""
_READ = "SELECT columns, seen FROM seen_columns WHERE namespace = ? AND name = ?"
_WRITE = "INSERT OR REPLACE INTO seen_columns (namespace, name, columns, size, seen) VALUES (?, ?, ?, ?, ?)"
_FORGET = (
    "DELETE FROM seen_columns WHERE rowid IN (SELECT rowid FROM (SELECT rowid, "
    "sum(size) OVER (ORDER BY seen DESC, rowid DESC) AS newer FROM seen_columns) WHERE newer > ?)"
)


class RememberedSchema:
    """Answers from a file, asks `behind` for the rest, and writes that down; a broken file costs only the memory.

    Args:
        path: a SQLite file, made where there is none, readable by its owner only.
        behind: whom to ask for what is not known, or was seen too long ago; what it does not answer stays as it was.
        fresh_seconds: how long an answer is good enough not to be asked for again.
        most_bytes: how large the file may grow; past that, half of it is forgotten, the oldest first.
        wait_seconds: how long another process's write is waited for.
        clock: the time in seconds, as the processes that share the file agree on it.
    """

    def __init__(
        self,
        path: str | Path,
        behind: SchemaSource | None = None,
        *,
        fresh_seconds: float = _DAY_SECONDS,
        most_bytes: int = _MOST_BYTES,
        wait_seconds: float = _WAIT_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = Path(path)
        self._behind = behind
        self._fresh_seconds = fresh_seconds
        self._most_bytes = most_bytes
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._has_failed = False

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        """Return the columns of those tables that were seen before or are known behind."""
        seen = self._read([table.dataset for table in tables])
        found = {dataset: columns for dataset, (columns, _) in seen.items()}
        if self._behind is None:
            return found
        asked = [table for table in tables if not self._is_fresh(seen.get(table.dataset))]
        answers = self._behind.columns_of(asked) if asked else {}
        self._write(answers)
        return {**found, **answers}

    def learn(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Write down the columns of a dataset that was just made."""
        self._write({dataset: tuple(columns)})

    def _is_fresh(self, entry: tuple[tuple[str, ...], float] | None) -> bool:
        # What was seen in the future was seen by a clock that is wrong.
        return entry is not None and 0 <= self._clock() - entry[1] < self._fresh_seconds

    def _read(self, datasets: Iterable[Dataset]) -> dict[Dataset, tuple[tuple[str, ...], float]]:
        found = {}
        with self._excused(), closing(_opened(self._path, self._wait_seconds)) as file:
            for dataset in datasets:
                row = file.execute(_READ, (dataset.namespace, dataset.name)).fetchone()
                if row is not None:
                    found[dataset] = (_columns(row[0]), float(row[1]))
        return found

    def _write(self, answers: Mapping[Dataset, tuple[str, ...]]) -> None:
        if not answers:
            return
        with self._excused(), closing(_opened(self._path, self._wait_seconds)) as file:
            rows = [_row(dataset, columns, self._clock()) for dataset, columns in answers.items()]
            with file:
                file.executemany(_WRITE, [row for row in rows if row[3] < self._most_bytes // 8])
            if _used_bytes(file) > self._most_bytes:
                with file:
                    file.execute(_FORGET, (self._most_bytes // 2,))

    @contextmanager
    def _excused(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, lineage goes on without a memory
            log.log(
                logging.DEBUG if self._has_failed else logging.WARNING,
                "columns seen before are not remembered: %s cannot be used (%s)",
                self._path,
                error,
            )
            self._has_failed = True


def _opened(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """Open the file for one moment, so that neither a thread nor a forked process ever inherits it."""
    # Some builds of Python come without it.
    import sqlite3

    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    file = sqlite3.connect(path, timeout=wait_seconds)
    file.executescript(_TABLES)
    return file


def _row(dataset: Dataset, columns: Sequence[str], now: float) -> tuple[str, str, str, int, float]:
    text = json.dumps(columns, ensure_ascii=False)
    return dataset.namespace, dataset.name, text, len(text), now


def _columns(text: str) -> tuple[str, ...]:
    columns = json.loads(text)
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise ValueError("an entry is no list of columns")
    return tuple(columns)


def _used_bytes(file: sqlite3.Connection) -> int:
    pages, free, size = (
        file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
