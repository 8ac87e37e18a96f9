"""A file that says which columns tables have: JSON, CREATE TABLE statements, or rows of an information_schema."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable
from riverhead_sql.lineage import lineage_of
from riverhead_sql.verbs.given_text import text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Columns = Mapping[str, tuple[str, ...]]

_DELIMITERS = ",;\t|"
_FORMS = 'it may be JSON as {"table": ["column"]}, CREATE TABLE statements, or a CSV with table_name and column_name'


class SchemaFile:
    """What somebody wrote down about tables."""

    def __init__(self, name: str) -> None:
        self._name = printable(name, 200)
        self._content = text_in(name)

    @property
    def statements(self) -> str | None:
        """The file's text if it is SQL, whose names mean what its dialect makes of them."""
        is_other = self._content.lstrip()[:1] in {"{", "["} or _header(self._content) is not None
        return None if is_other else self._content

    def columns(self, dialect: str | None, deadline_seconds: float) -> Columns:
        """Return the columns of each table; the end of a name that only one table has means that table, too."""
        if self.statements is not None:
            found = _declared(self.statements, dialect, deadline_seconds)
        elif _header(self._content) is not None:
            found = _listed(self._content)
        else:
            found = self._mapped()
        if not found:
            raise ConfigurationError(f"nothing in {self._name} says which columns a table has; {_FORMS}")
        return {**_by_short_names(found), **found}

    def _mapped(self) -> Columns:
        try:
            tables = json.loads(self._content)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{self._name} is no JSON ({printable(str(error), 120)})") from error
        if not isinstance(tables, dict):
            return {}
        for table, columns in tables.items():
            if not isinstance(columns, (list, dict)) or not all(isinstance(column, str) for column in columns):
                raise ConfigurationError(f"the columns of {printable(table)} in {self._name} are no list of names")
        return {table: tuple(columns) for table, columns in tables.items() if columns}


def _declared(text: str, dialect: str | None, deadline_seconds: float) -> Columns:
    statements = lineage_of(text, dialect=dialect, deadline_seconds=deadline_seconds).statements
    return {
        touched.dataset.name: tuple(field.name for field in touched.fields)
        for statement in statements
        for touched in statement.outputs
        if touched.fields
    }


def _header(content: str) -> tuple[str, list[str]] | None:
    """Return the delimiter and the names of a CSV's columns, or None if it is not one that lists columns."""
    first = content.lstrip().partition("\n")[0].strip()
    delimiter = max(_DELIMITERS, key=first.count)
    names = [name.strip().strip('"').lower() for name in first.split(delimiter)]
    return (delimiter, names) if {"table_name", "column_name"} <= set(names) else None


def _listed(content: str) -> Columns:
    header = _header(content)
    if header is None:
        return {}
    delimiter, names = header
    tables: dict[str, list[tuple[int, str]]] = {}
    lines = content.lstrip().splitlines()[1:]
    for values in csv.reader(lines, delimiter=delimiter):
        row = dict(zip(names, values, strict=False))
        table, column = row.get("table_name"), row.get("column_name")
        if table and column:
            name = ".".join(part for part in (row.get("table_schema"), table) if part)
            tables.setdefault(name, []).append((_place(row.get("ordinal_position")), column))
    return {table: _in_order(columns) for table, columns in tables.items()}


def _in_order(columns: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(column for _, column in sorted(columns, key=lambda placed: placed[0]))


def _place(position: str | None) -> int:
    return int(position) if position and position.strip().isdecimal() else 0


def _by_short_names(columns: Columns) -> Columns:
    endings = [(ending, name) for name in columns if "/" not in name for ending in _endings(name)]
    known = Counter(ending for ending, _ in endings)
    return {ending: columns[name] for ending, name in endings if known[ending] == 1}


def _endings(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[first:]) for first in range(1, len(parts))]
