"""Small rewritings of a statement that its dialect's parser does not take, each of what people really write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# A driver's parameters, which it fills in after us: %s and %(name)s.
_PARAMETER = re.compile(r"%s\b|%\(\w+\)s")
# T-SQL's SET total += 1.
_COMPOUND = re.compile(r"(?<![\w.\[\]\"])([\w.\[\]\"]{1,300})\s{0,20}([-+*/%&|^])=(?!=)")
# T-SQL's DELETE FROM t FROM orders AS t.
_DELETE_FROM = re.compile(r"^(\s*DELETE)\s+FROM(\s+\S+\s+FROM\b)", re.IGNORECASE)
# Oracle's :1.
_NUMBERED = re.compile(r"(?<![:\w'])\:(\d+)\b")
# T-SQL's UPDATE TOP (100) t, which says how many rows and not which.
_TOP = re.compile(r"(?<=UPDATE|DELETE|INSERT)\s+TOP\s*\([^()]*\)(?:\s+PERCENT)?", re.IGNORECASE)
# Teradata's UPDATE t FROM s SET …, which others write UPDATE t SET … FROM s.
_UPDATE_FROM = re.compile(
    r"^(\s*UPD(?:ATE)?\s+\S+(?:\s+\w+)??)\s+(FROM\s.+?)(?<=\s)(SET\s.+?)((?<=\s)WHERE\s.*)?$",
    re.IGNORECASE | re.DOTALL,
)
# Teradata's column phrases: amount (TITLE 'Amount'), day (FORMAT 'YYYY-MM-DD'), total (NAMED t).
_PHRASE = re.compile(r"\(\s*(?:TITLE|FORMAT)\s+'[^']*'\s*\)", re.IGNORECASE)
_NAMED = re.compile(r"\(\s*NAMED\s+(\w+)\s*\)", re.IGNORECASE)

# Db2's isolation of one statement.
_ISOLATION = re.compile(r"(?<=\s)WITH\s+(?:UR|CS|RS|RR)\s*$", re.IGNORECASE)

# BigQuery's LOAD DATA INTO t PARTITION BY … FROM FILES (…).
_LOADED = re.compile(r"^(\s*LOAD\s+DATA\s+(?:INTO|OVERWRITE)\s+\S+)\s.*?(FROM\s+FILES)", re.IGNORECASE | re.DOTALL)
# Teradata's LOCKING ROW FOR ACCESS before a query.
_LOCKING = re.compile(r"^\s*(?:LOCKING|LOCK)\s.+?\bFOR\s+\w+(?:\s+NOWAIT)?\s+(?=SEL|INS|WITH)", re.IGNORECASE)
_SNAPSHOT = re.compile(r"^(\s*CREATE\s+(?:OR\s+REPLACE\s+)?)SNAPSHOT\s+(TABLE\b)", re.IGNORECASE)
_MOST_CHARACTERS = 20_000


# Db2's CURRENT DATE, 7 DAYS and OPTIMIZE FOR 10 ROWS.
_CURRENT = re.compile(r"\bCURRENT\s+(DATE|TIMESTAMP|TIME)\b", re.IGNORECASE)
_DURATION = re.compile(r"(?<=[-+])(\s*\d+)\s+(?:YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)S?\b", re.IGNORECASE)
_OPTIMIZE = re.compile(r"\bOPTIMIZE\s+FOR\s+\d+\s+ROWS?\b", re.IGNORECASE)
# Oracle's LOG ERRORS INTO t, and what a MERGE deletes of what it updated.
_LOGGED = re.compile(r"^(\s*(?:INSERT|UPDATE|MERGE)\b.*)\bLOG\s+ERRORS\b.*$", re.IGNORECASE | re.DOTALL)
_DELETED = re.compile(r"^(\s*MERGE\b.*)\bDELETE\s+WHERE\b.*?(?=\bWHEN\s+NOT\b|$)", re.IGNORECASE | re.DOTALL)

# Spark's INSERT OVERWRITE DIRECTORY '…' USING parquet OPTIONS (…).
_DIRECTORY = re.compile(r"(\bDIRECTORY\s+'[^']*')\s+USING\s+\w+(?:\s+OPTIONS\s*\([^()]*\))?", re.IGNORECASE)
_PIVOT_XML = re.compile(r"\bPIVOT\s+XML\b", re.IGNORECASE)
# T-SQL's table hints where the parser takes none: INSERT INTO t WITH (TABLOCK) (a) …
_HINT = re.compile(
    r"\bWITH\s*\(\s*(?:NOLOCK|TABLOCKX?|HOLDLOCK|UPDLOCK|ROWLOCK|PAGLOCK|READPAST|XLOCK|KEEPIDENTITY)\b[^()]*\)",
    re.IGNORECASE,
)
_CURRENT_OF = re.compile(r"\bWHERE\s+CURRENT\s+OF\s+\w+", re.IGNORECASE)
# How urgent, or what to do with rows that cannot go in: INSERT DELAYED INTO, UPDATE OR IGNORE.
_MANNER = re.compile(r"^(\s*(?:INSERT|UPDATE))\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|OR\s+\w+)\b", re.IGNORECASE)
# ClickHouse's LIMIT 3 BY k before a LIMIT of the whole.
_LIMIT_BY = re.compile(r"\bLIMIT\s+\d+(?:\s*(?:,|OFFSET)\s*\d+)?\s+BY\s[\w.,\s]+?(?=\bLIMIT\b)", re.IGNORECASE)
_DUPLICATES = re.compile(r"\bREMOVE\s+DUPLICATES\b", re.IGNORECASE)
# SnowSQL's &variable.
_AMPERSAND = re.compile(r"(?<![&\w])&\{?(\w+)\}?")

_ON_COMMIT = re.compile(r"\bON\s+COMMIT\s+(?:DROP|(?:PRESERVE|DELETE)\s+ROWS)\b", re.IGNORECASE)

_EVOLUTION = re.compile(r"\bMERGE\s+WITH\s+SCHEMA\s+EVOLUTION\b", re.IGNORECASE)
# Spark's GROUP BY window (at, '1 hour'), which its parser takes for the clause.
_TIME_WINDOW = re.compile(r"(?<![\w.`])window(?=\s*\(\s*[\w.]+\s*,\s*['\"])", re.IGNORECASE)

# Spark's USING org.apache.spark.sql.parquet.
_FORMAT_CLASS = re.compile(r"\bUSING\s+(?:\w+\.)+(\w+)(?=\s+OPTIONS\b)", re.IGNORECASE)

_REPAIRS: tuple[Callable[[str], str], ...] = (
    lambda text: _PARAMETER.sub(r" '\g<0>' ", text),
    lambda text: _TOP.sub("", text),
    lambda text: _ISOLATION.sub("", text),
    lambda text: _UPDATE_FROM.sub(r"\1 \3 \2\4", text),
    lambda text: _LOCKING.sub("", text),
    lambda text: _SNAPSHOT.sub(r"\1\2", text),
    lambda text: _LOADED.sub(r"\1 \2", text),
    lambda text: _DURATION.sub(r"\1", _CURRENT.sub(r"CURRENT_\1", _OPTIMIZE.sub("", text))),
    lambda text: _DELETED.sub(r"\1", _LOGGED.sub(r"\1", text)),
    lambda text: _COMPOUND.sub(r"\1 = \1 \2", text),
    lambda text: _DIRECTORY.sub(r"\1", _PIVOT_XML.sub("PIVOT", text)),
    lambda text: _CURRENT_OF.sub("", _HINT.sub(" ", text)),
    lambda text: _MANNER.sub(r"\1", _LIMIT_BY.sub("", text)),
    lambda text: _AMPERSAND.sub(
        r"'&\1'", _DUPLICATES.sub("WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *", text)
    ),
    lambda text: _TIME_WINDOW.sub("`window`", _EVOLUTION.sub("MERGE", text)),
    lambda text: _FORMAT_CLASS.sub(r"USING \1", text),
    lambda text: _ON_COMMIT.sub("", text),
    lambda text: _DELETE_FROM.sub(r"\1\2", text),
    lambda text: _NUMBERED.sub(r":p\1", text),
    lambda text: _NAMED.sub(r" AS \1", _PHRASE.sub("", text)),
)


def repaired(text: str) -> str:
    """Return a statement's text with everything mended that is known to be in the parser's way."""
    for repair in _REPAIRS if len(text) <= _MOST_CHARACTERS else ():
        text = repair(text)
    return text
