"""SQL without its literals, for those who ask: every quoted value and every comment becomes a mask.

A text is SQL from the first word on that begins a statement. Names stay, and so do the places of data in a store
(`'s3://bucket/folder'`), for they are datasets; without them COPY has no lineage. What is in double quotes is a name,
or, where the text quotes names by backticks or the quotes follow a comparison, a value.
"""

from __future__ import annotations

import re
from functools import cache

from riverhead_emitter.redaction.mask import MASK

_VERBS = (
    r"select|insert|update|delete|merge|with|create|alter|copy|replace|call|execute|exec|set|grant|declare|begin|do|use"
    r"|unload|export|load|attach|explain|from|values|truncate|drop|refresh|analyze|show|describe|comment"
)


@cache
def _beginning() -> re.Pattern[str]:
    # At the text's start any statement; further on only what hardly anybody says in prose.
    return re.compile(
        # A comment can end in one place only, or many of them would be read in ever more ways.
        rf"\A(?:[\s(;]|--[^\n]*\n|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)*(?:{_VERBS})\b"
        r"|\b(?:select\b|insert\s+(?:into|overwrite)\b|delete\s+from\b|merge\s+into\b|update\s+\S{1,200}\s+set\b"
        r"|copy\s+(?:into\b|\S{1,200}\s+from\b)|(?:create|alter)\s+(?:or\s+replace\s+)?(?:user|role|table|view|secret)\b"
        r"|values\s*\()",
        re.IGNORECASE | re.DOTALL,
    )


@cache
def _parts(*, escapes: bool, triples: bool) -> re.Pattern[str]:
    # One pass, each part taken whole; what is not closed goes to the end of the text.
    tripled = r"'''.*?(?:'''|\Z)|" if triples else ""
    tripled_double = r'"""(?:.*?)(?:"""|\Z)|' if triples else ""
    plain = r"(?:[^'\\]|\\.|'')*" if escapes else r"(?:[^']|'')*"
    plain_double = r'(?:[^"\\]|\\.|"")*' if escapes else r'(?:[^"]|"")*'
    return re.compile(
        r"(?P<line>--|(?:(?<=\n)|\A)\s*#)[^\n]*"
        r"|/\*.*?(?:\*/|\Z)"
        r"|\$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|\Z)"
        r"|(?<![\w$])[Ee]'(?:[^'\\]|\\.|'')*(?:'|\\?\Z)"
        rf"|(?:(?<![\w$])(?:[NnBbXxRr]|[Uu]&))?(?:{tripled}'(?P<single>{plain})(?:(?P<closed>')|\\?\Z))"
        rf"|{tripled_double}(?P<double>\"{plain_double}(?:(?P<closed_double>\")|\\?\Z))"
        r"|`[^`]*`?",
        re.DOTALL,
    )


_PLACE = re.compile(r"(?:s3[an]?|gs|abfss?|wasbs?|adl|hdfs|viewfs|file|dbfs|oss|cosn?|obs|gcs|azure|r2)://[^\s?;'\"]+")
_COMPARED = re.compile(r"(?:[=<>~]|\b(?:like|ilike|rlike|regexp|values\s*\(|in\s*\())\s*\Z", re.IGNORECASE)
_LONGEST_BEFORE = 40


def without_literals(text: str) -> str:
    """Return the text, and the mask in place of each literal and comment if it is SQL."""
    if not any(sign in text for sign in ("'", '"', "$", "--", "/*")):
        return text
    beginning = _beginning().search(text)
    if beginning is None:
        return text
    start = beginning.start()
    return text[:start] + _without_literals(text[start:])


def expression_without_literals(text: str, *, is_double_a_name: bool = True) -> str:
    """Return SQL as it stands, or a part of it, and the mask in place of each literal; of Spark's no name is in `"`."""
    return _without_literals(text, is_double_a_name=is_double_a_name) if "'" in text or '"' in text else text


def _without_literals(sql: str, *, is_double_a_name: bool = True) -> str:
    triples = "`" in sql
    doubles = triples or not is_double_a_name
    with_escapes, is_closed = _read(sql, escapes=True, triples=triples, doubles=doubles)
    if "\\'" not in sql and '\\"' not in sql:
        return with_escapes
    # A backslash before a quote: half of the dialects go on with the literal, half end it. Only one way comes to an end
    # with every quote closed, or else nobody can tell what is a literal from there on.
    without, is_closed_without = _read(sql, escapes=False, triples=triples, doubles=doubles)
    if with_escapes == without or is_closed != is_closed_without:
        return with_escapes if is_closed else without
    at = min(place for place in (sql.find("\\'"), sql.find('\\"')) if place >= 0)
    return _read(sql[:at], escapes=True, triples=triples, doubles=doubles)[0]


def _read(sql: str, *, escapes: bool, triples: bool, doubles: bool) -> tuple[str, bool]:
    kept: list[str] = []
    end, is_closed = 0, True
    for found in _parts(escapes=escapes, triples=triples).finditer(sql):
        kept += [sql[end : found.start()], _masked(found, doubles)]
        end = found.end()
        is_open = (found["single"] is not None and not found["closed"]) or (
            found["double"] and not found["closed_double"]
        )
        is_closed = is_closed and not is_open
    return "".join([*kept, sql[end:]]), is_closed


def _masked(found: re.Match[str], is_double_a_value: bool) -> str:
    part = found[0]
    if part.startswith("`"):
        return part
    if found["line"] is not None:
        return f"-- {MASK}"
    if part.startswith("/*"):
        return f"/*{MASK}*/"
    if part.startswith('"'):
        return f'"{MASK}"' if is_double_a_value or _is_value(found) else part
    if found["single"] is not None and _PLACE.fullmatch(found["single"]):
        return part
    return f"'{MASK}'"


def _is_value(found: re.Match[str]) -> bool:
    after = found.string[found.end() : found.end() + 1]
    before = found.string[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
    return after != "." and _COMPARED.search(before) is not None
