"""Statements that only serve a session or a driver, told by their words: they move no data. Pure."""

from __future__ import annotations

import re
from functools import cache

# Longer ones do something else as well.
_LONGEST = 8_000
# What names a place where names are looked up in is kept: what follows means other tables by it.
_TALK = r"""
        begin(?:\s+(?:work|transaction|deferred|immediate|exclusive)\b[^;]*)?
        | start\s+transaction\b[^;]* | commit\b[^;]* | rollback\b[^;]* | end(?:\s+transaction)?
        | savepoint\b[^;]* | release\b[^;]* | discard\b[^;]* | deallocate\b[^;]* | pragma\b[^;]*
        | show\b[^;]* | select\s+1(?:\s+from\s+dual)?
        | select\s+(?:pg_catalog\.)?(?:version|current_schema|current_database)\(\)
        | select\s+@@[^;]*
        | select\s+cast\('test\ [^;]*
        | set\s+(?:(?:session|local|global)\s+)?
            (?:transaction|characteristics|time\s*zone|names|character|autocommit|sql_mode|application_name|client_\w+
              |\w*timeout\w*|statement_\w+|datestyle|standard_conforming_strings|extra_float_digits|@@\w+)\b[^;]*
"""
_CATALOGS = ("pg_catalog", "information_schema", "sqlite_master", "sqlite_schema")
# As older drivers ask PostgreSQL: it looks for plain names there first.
_PLAIN_CATALOGS = r"""
    \b(?:from|join)\s+pg_(?:am|attrdef|attribute|class|collation|constraint|database|description|enum|index|inherits
        |namespace|proc|roles|sequence|tables|tablespace|trigger|type|views)\b
"""
_QUERY = r"\s*(?:select|with)\b"
_NAMES = r"\b(?:from|join)\s+(?!\()([\w.\"`\[\]]+)"
_OF_A_CATALOG = r"[\"`\[]?(?:pg_catalog|information_schema|sqlite_master|sqlite_schema|pg_\w+)\b"
_WRITES = r"\b(?:insert|update|delete|merge|into)\b"


def serves_only_the_session(text: str) -> bool:
    """True for a statement that begins, ends or tunes a session, or asks what there is in the database."""
    if len(text) > _LONGEST:
        return False
    # Nothing may follow the last part of a pattern: spaces could be read in ever more ways.
    bare = text.strip().rstrip("; \t\r\n")
    return _read(_TALK).fullmatch(bare) is not None or _asks_only_catalogs(bare)


def _asks_only_catalogs(text: str) -> bool:
    low = text.lower()
    is_of_one = any(name in low for name in _CATALOGS) or _read(_PLAIN_CATALOGS).search(low)
    if not is_of_one or not _read(_QUERY).match(text) or _read(_WRITES).search(text):
        return False
    return all(_read(_OF_A_CATALOG).match(name) for name in _read(_NAMES).findall(text))


@cache
def _read(pattern: str) -> re.Pattern[str]:
    # At the first statement, and not where none is ever seen.
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)
