"""Tables that a statement names, found by the words before them: enough to ask for their columns. Pure."""

from __future__ import annotations

import re
from functools import cache

MOST_NAMES = 200
_LONGEST = 256 << 10
_PART = r"(?:\"[^\"\n]{1,128}\"|`[^`\n]{1,128}`|\[[^\]\n]{1,128}\]|[^\W\d][\w$]{0,127})"
# What stands there without being a table.
_OTHER = frozenset({"select", "lateral", "unnest", "values", "only", "if", "set", "table", "dual", "stdin", "stdout"})


def tables_in(sql: str) -> list[str]:
    """Return the names of tables as a statement writes them, each once; some may be of something else."""
    found = dict.fromkeys(name[1] for name in _names().finditer(sql[:_LONGEST]))
    return [name for name in found if name.lower() not in _OTHER][:MOST_NAMES]


def search_path_in(sql: str) -> list[str] | None:
    """Return the schemas in which PostgreSQL looks for plain names behind a statement; None if it does not say."""
    found = [said["schemas"] for said in _path().finditer(sql[:_LONGEST])]
    if not found:
        return None
    names = [part.strip(" '\"\n") for part in found[-1].split(",")]
    return [name for name in names if name and name != "$user" and name.lower() != "default"]


def parts_of(name: str) -> list[tuple[str, bool]]:
    """Return the parts of a name, and whether each of them is in quotes."""
    return [(part[1:-1], True) if part[0] in '"`[' else (part, False) for part in re.findall(_PART, name)]


@cache
def _path() -> re.Pattern[str]:
    return re.compile(
        r"\bset\s{1,20}(?:local\s{1,20}|session\s{1,20})?search_path\s{0,20}(?:=|\bto\b)(?P<schemas>[^;]{1,1000})",
        re.IGNORECASE,
    )


@cache
def _names() -> re.Pattern[str]:
    # Of a list behind FROM only the first; a name with an opening bracket behind it is a function's, but for INTO.
    return re.compile(
        rf"\b(?:from|join|into|update|using|table|copy)\s{{1,20}}({_PART}(?:\s?\.\s?{_PART}){{0,3}})", re.IGNORECASE
    )
