"""What was given to a cursor → the statement as text, without the values that a driver has put into it."""

from __future__ import annotations

import re
from typing import Any

from riverhead_emitter.loading import loading

# Of values in thousands of rows the first row says everything.
_LONGEST_WITH_VALUES = 64 << 10
_ROWS = re.compile(r"\A(\s*(?:insert|replace|upsert)\b.{1,4000}?\bvalues\s*\([^()]*\))\s*,", re.IGNORECASE | re.DOTALL)
_NUMBERS = re.compile(r"(?<![\w.$])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")


def worded(said: Any, cursor: object) -> str | None:
    """Return the text of what a cursor was given; None for what is no statement."""
    if isinstance(said, str):
        return str(said)
    if isinstance(said, (bytes, bytearray)):
        return without_values(bytes(said[:_LONGEST_WITH_VALUES]).decode("utf-8", "replace"))
    if callable(getattr(said, "as_string", None)):
        # Composed by psycopg's own means, with whatever values somebody put in.
        return without_values(said.as_string(cursor))
    text = getattr(said, "text", None)
    return text if isinstance(text, str) else None


def without_values(sql: str) -> str:
    """Return SQL with masks where its values were, and one row where it inserts many."""
    with loading():
        from riverhead_emitter.redaction.sql_literals import expression_without_literals

    plain = _NUMBERS.sub("0", expression_without_literals(sql))
    # psycopg2 sends a hundred of the same at once, and no semicolon is left within a value.
    return ";".join(dict.fromkeys(_one_row(part) for part in plain.split(";")))


def _one_row(sql: str) -> str:
    rows = _ROWS.match(sql)
    return rows[1] if rows else sql
