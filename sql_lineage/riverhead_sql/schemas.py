"""Which columns a dataset has, as far as somebody told us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.dialects.dialect import NormalizationStrategy

from riverhead_emitter.naming import location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlglot.dialects.dialect import Dialect

    from riverhead_emitter.model import Dataset
    from riverhead_emitter.naming import Database

_NAME_PART = re.compile(r'"([^"]*)"|`([^`]*)`|\[([^\]]*)\]|([^.]+)')
_UPPER = {NormalizationStrategy.UPPERCASE, NormalizationStrategy.CASE_INSENSITIVE_UPPERCASE}
_INSENSITIVE = {NormalizationStrategy.CASE_INSENSITIVE, NormalizationStrategy.CASE_INSENSITIVE_UPPERCASE}


def known_columns(
    schema: Mapping[str, Sequence[str]], database: Database, dialect: Dialect
) -> dict[Dataset, tuple[str, ...]]:
    """Return the columns by dataset, with names written as the dialect stores them."""
    known = {}
    for name, columns in schema.items():
        if "/" in name:
            known[location(name)] = tuple(columns)
        else:
            parts = tuple(folded("".join(part), dialect) for part in _NAME_PART.findall(name))
            known[database.dataset(parts)] = tuple(folded(column, dialect) for column in columns)
    return known


def folded(name: str, dialect: Dialect) -> str:
    """Return a stored name as the dialect compares it.

    A name in lower case only, in a dialect that stores upper case, was written by hand and not read from a catalog.
    """
    strategy = dialect.normalization_strategy
    if strategy in _UPPER and (strategy in _INSENSITIVE or name.islower()):
        return name.upper()
    return name.lower() if strategy in _INSENSITIVE else name


def folded_name(column: exp.Expr, dialect: Dialect) -> str:
    """Return the name of a column that a statement lists or declares, as the dialect stores it."""
    identifier = column if isinstance(column, exp.Identifier) else column.this
    return (
        dialect.normalize_identifier(identifier.copy()).name if isinstance(identifier, exp.Identifier) else column.name
    )


def keeps_case(dialect: Dialect) -> bool:
    """Return whether a name that is not quoted is kept as it is written, though it is compared in any case."""
    return dialect.normalization_strategy not in {NormalizationStrategy.UPPERCASE, NormalizationStrategy.LOWERCASE}
