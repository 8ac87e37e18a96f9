"""Small rewritings of a statement that its dialect's parser does not take, each of what people really write."""

from __future__ import annotations

import re
from typing import NamedTuple

_MOST_CHARACTERS = 20_000


class _Repair(NamedTuple):
    """What is in the parser's way, and what stands there instead."""

    pattern: re.Pattern[str]
    instead: str = ""


def _repair(pattern: str, instead: str = "") -> _Repair:
    return _Repair(re.compile(pattern, re.IGNORECASE | re.DOTALL), instead)


# Each must be linear in the text, and is tried on statements that could not be parsed alone. They run in this order.
_REPAIRS = (
    # A driver's parameters, which it fills in after us: %s and %(name)s.
    _repair(r"%s\b|%\(\w+\)s", r" '\g<0>' "),
    # T-SQL's UPDATE TOP (100) t, which says how many rows and not which.
    _repair(r"(?<=UPDATE|DELETE|INSERT)\s+TOP\s*\([^()]*\)(?:\s+PERCENT)?"),
    # Db2's isolation of one statement.
    _repair(r"(?<=\s)WITH\s+(?:UR|CS|RS|RR)\s*$"),
    # Teradata's UPDATE t FROM s SET …, which others write UPDATE t SET … FROM s.
    _repair(r"^(\s*UPD(?:ATE)?\s+\S+(?:\s+\w+)??)\s+(FROM\s.+?)(?<=\s)(SET\s.+?)((?<=\s)WHERE\s.*)?$", r"\1 \3 \2\4"),
    # Teradata's LOCKING ROW FOR ACCESS before a query.
    _repair(r"^\s*(?:LOCKING|LOCK)\s[^\n]+?\bFOR\s+\w+(?:\s+NOWAIT)?\s+(?=SEL|INS|WITH)"),
    # BigQuery's CREATE SNAPSHOT TABLE, and LOAD DATA INTO t PARTITION BY … FROM FILES (…).
    _repair(r"^(\s*CREATE\s+(?:OR\s+REPLACE\s+)?)SNAPSHOT\s+(TABLE\b)", r"\1\2"),
    _repair(r"^(\s*LOAD\s+DATA\s+(?:INTO|OVERWRITE)\s+\S+)\s.*?(FROM\s+FILES)", r"\1 \2"),
    # Db2's OPTIMIZE FOR 10 ROWS, CURRENT DATE and 7 DAYS.
    _repair(r"\bOPTIMIZE\s+FOR\s+\d+\s+ROWS?\b"),
    _repair(r"\bCURRENT\s+(DATE|TIMESTAMP|TIME)\b", r"CURRENT_\1"),
    _repair(r"(?<=[-+])(\s*\d+)\s+(?:YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)S?\b", r"\1"),
    # Oracle's LOG ERRORS INTO t, and what a MERGE deletes of what it updated.
    _repair(r"^(\s*(?:INSERT|UPDATE|MERGE)\b.*)\bLOG\s+ERRORS\b.*$", r"\1"),
    _repair(r"^(\s*MERGE\b.*)\bDELETE\s+WHERE\b.*?(?=\bWHEN\s+NOT\b|$)", r"\1"),
    # T-SQL's SET total += 1.
    _repair(r"(?<![\w.\[\]\"])([\w.\[\]\"]{1,300})\s{0,20}([-+*/%&|^])=(?!=)", r"\1 = \1 \2"),
    # Oracle's PIVOT XML.
    _repair(r"\bPIVOT\s+XML\b", "PIVOT"),
    # Spark's INSERT OVERWRITE DIRECTORY '…' USING parquet OPTIONS (…).
    _repair(r"(\bDIRECTORY\s+'[^']*')\s+USING\s+\w+(?:\s+OPTIONS\s*\([^()]*\))?", r"\1"),
    # T-SQL's table hints where the parser takes none: INSERT INTO t WITH (TABLOCK) (a) …
    _repair(
        r"\bWITH\s*\(\s*(?:NOLOCK|TABLOCKX?|HOLDLOCK|UPDLOCK|ROWLOCK|PAGLOCK|READPAST|XLOCK|KEEPIDENTITY)\b[^()]*\)",
        " ",
    ),
    # T-SQL's OPENROWSET (BULK '…', FORMAT = 'PARQUET') WITH (a INT): a file and its columns.
    _repair(
        r"\bOPENROWSET\s*\(\s*BULK\s+N?('[^']*')(?:[^()]|\([^()]*\)){0,999}\)(?:\s*WITH\s*\((?:[^()]|\([^()]*\)){0,9999}\))?",
        r"read_files(\1)",
    ),
    _repair(r"\bWHERE\s+CURRENT\s+OF\s+\w+"),
    # ClickHouse's LIMIT 3 BY k before a LIMIT of the whole.
    _repair(r"\bLIMIT\s+\d+(?:\s*(?:,|OFFSET)\s*\d+)?\s+BY\s[\w.,\s]+?(?=\bLIMIT\b)"),
    # How urgent, or what to do with rows that cannot go in: INSERT DELAYED INTO, UPDATE OR IGNORE.
    _repair(r"^(\s*(?:INSERT|UPDATE))\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|OR\s+\w+)\b", r"\1"),
    # Redshift's MERGE … REMOVE DUPLICATES.
    _repair(r"\bREMOVE\s+DUPLICATES\b", "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"),
    # SnowSQL's &variable.
    _repair(r"(?<![&\w])&\{?(\w+)\}?", r"'&\1'"),
    # Delta's MERGE WITH SCHEMA EVOLUTION.
    _repair(r"\bMERGE\s+WITH\s+SCHEMA\s+EVOLUTION\b", "MERGE"),
    # Spark's GROUP BY window (at, '1 hour'), which its parser takes for the clause.
    _repair(r"(?<![\w.`])window(?=\s*\(\s*[\w.]+\s*,\s*['\"])", "`window`"),
    # Spark's USING org.apache.spark.sql.parquet.
    _repair(r"\bUSING\s+(?:\w+\.)+(\w+)(?=\s+OPTIONS\b)", r"USING \1"),
    _repair(r"\bON\s+COMMIT\s+(?:DROP|(?:PRESERVE|DELETE)\s+ROWS)\b"),
    # T-SQL's DELETE FROM t FROM orders AS t.
    _repair(r"^(\s*DELETE)\s+FROM(\s+\S+\s+FROM\b)", r"\1\2"),
    # Oracle's :1.
    _repair(r"(?<![:\w'])\:(\d+)\b", r":p\1"),
)


def repaired(text: str) -> str:
    """Return a statement's text with everything mended that is known to be in the parser's way."""
    for repair in _REPAIRS if len(text) <= _MOST_CHARACTERS else ():
        text = repair.pattern.sub(repair.instead, text)
    return text
