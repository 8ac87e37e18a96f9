"""Small rewritings of a statement that its dialect's parser does not take, each of what people really write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# A driver's parameters, which it fills in after us: %s and %(name)s.
_PARAMETER = re.compile(r"%s\b|%\(\w+\)s")
# T-SQL's SET total += 1.
_COMPOUND = re.compile(r"(?<=[\w\]\"])\s*[-+*/%&|^]=(?!=)")
# T-SQL's UPDATE TOP (100) t, which says how many rows and not which.
_TOP = re.compile(r"(?<=UPDATE|DELETE|INSERT)\s+TOP\s*\([^()]*\)(?:\s+PERCENT)?", re.IGNORECASE)
# Teradata's column phrases: amount (TITLE 'Amount'), day (FORMAT 'YYYY-MM-DD'), total (NAMED t).
_PHRASE = re.compile(r"\(\s*(?:TITLE|FORMAT)\s+'[^']*'\s*\)", re.IGNORECASE)
_NAMED = re.compile(r"\(\s*NAMED\s+(\w+)\s*\)", re.IGNORECASE)

# Db2's isolation of one statement.
_ISOLATION = re.compile(r"\s+WITH\s+(?:UR|CS|RS|RR)\s*$", re.IGNORECASE)

_REPAIRS: tuple[Callable[[str], str], ...] = (
    lambda text: _PARAMETER.sub(r" '\g<0>' ", text),
    lambda text: _TOP.sub("", text),
    lambda text: _ISOLATION.sub("", text),
    lambda text: _COMPOUND.sub(" =", text),
    lambda text: _NAMED.sub(r" AS \1", _PHRASE.sub("", text)),
)


def repaired(text: str) -> str:
    """Return a statement's text with everything mended that is known to be in the parser's way."""
    for repair in _REPAIRS:
        text = repair(text)
    return text
