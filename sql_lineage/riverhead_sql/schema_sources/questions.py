"""Tables → the questions that a dictionary is asked about them, and its rows → their columns. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from riverhead_sql.schema_sources.parameters import marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riverhead_sql.schema_sources.dictionaries import Dictionary
    from riverhead_sql.schema_sources.source import Table

# What may become part of an identifier. Any other name is not asked for.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
# SQL Server takes 2,100 values in one question, and an old SQLite 999.
MOST_TABLES = 100


class Name(NamedTuple):
    """A table's full name, as its database compares names."""

    catalog: str | None
    schema: str
    name: str


class Question(NamedTuple):
    """One look-up: its SQL, the values beside it, and the names that it is about."""

    sql: str
    values: tuple[str, ...]
    names: tuple[Name, ...]


def needs_path(table: Table, dictionary: Dictionary) -> bool:
    """Return whether a name lacks what only its database can complete."""
    return bool(dictionary.path) and (table.schema is None or (table.catalog is None and _has_catalogs(dictionary)))


def names_of(table: Table, path: Sequence[tuple[str | None, str | None]], dictionary: Dictionary) -> list[Name]:
    """Return the names that a table may have, in the order in which its database looks for them."""
    current = path[0][0] if path else None
    places = path if table.schema is None else [(current, table.schema)]
    return [
        _compared(Name(table.catalog or catalog, schema, table.name), dictionary)
        for catalog, schema in places
        if schema and _are_plain(table.catalog or catalog, schema, dictionary)
    ]


def questions(names: Iterable[Name], dictionary: Dictionary, style: str) -> Iterator[Question]:
    """Yield as few questions as the names take: those in one place go together, and rows do not say the catalog."""
    together: dict[tuple[str | None, ...], list[Name]] = {}
    for name in names:
        catalog = name.catalog if _has_catalogs(dictionary) else None
        together.setdefault((catalog, *_parts(name, dictionary.place)), []).append(name)
    opening, closing = dictionary.quotes[0], dictionary.quotes[-1]
    for (_, *place), group in together.items():
        where = "".join(f"{opening}{part}{closing}." for part in place if part)
        for start in range(0, len(group), MOST_TABLES):
            yield _question(group[start : start + MOST_TABLES], where, dictionary, style)


def columns_by_name(
    question: Question, rows: Iterable[Sequence[str | None]], dictionary: Dictionary
) -> dict[Name, tuple[str, ...]]:
    """Return the columns of each name of a question; none of one that is not there, or twice in other cases."""
    stored: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        schema, name, column = (part or "" for part in row)
        stored.setdefault((schema, name), []).append(_folded(column, dictionary))
    alike: dict[tuple[str, str], list[list[str]]] = {}
    for (schema, name), columns in stored.items():
        alike.setdefault((_folded(schema, dictionary), _folded(name, dictionary)), []).append(columns)
    found = {}
    for asked in question.names:
        candidates = alike.get((_folded(asked.schema, dictionary), asked.name), [])
        found[asked] = tuple(candidates[0]) if len(candidates) == 1 else ()
    return found


def _question(names: Sequence[Name], where: str, dictionary: Dictionary, style: str) -> Question:
    values = [part or "" for name in names for part in _parts(name, dictionary.compared)]
    conditions = dictionary.between.join([dictionary.condition] * len(names)).format(*marks(len(values), style))
    return Question(dictionary.question.format(place=where, tables=conditions), tuple(values), tuple(names))


def _has_catalogs(dictionary: Dictionary) -> bool:
    return "catalog" in dictionary.compared + dictionary.place


def _are_plain(catalog: str | None, schema: str, dictionary: Dictionary) -> bool:
    parts = _parts(Name(catalog, schema, ""), dictionary.place)
    return all(_PLAIN.fullmatch(part) for part in parts if part)


def _compared(name: Name, dictionary: Dictionary) -> Name:
    """Fold what the database compares; what is part of an identifier stays as it is written."""
    return name._replace(**{part: _folded(getattr(name, part) or "", dictionary) for part in dictionary.compared})


def _parts(name: Name, parts: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(getattr(name, part) for part in parts)


def _folded(name: str, dictionary: Dictionary) -> str:
    return name.lower() if dictionary.ignores_case else name
