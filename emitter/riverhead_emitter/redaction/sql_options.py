"""Secrets among a statement's options, `OPTIONS (password "x")`: no sign stands there between a name and its value.

In any other text a name and a quoted word behind it are two names, so a room asks for this where it knows that it
reads a statement.
"""

from __future__ import annotations

import re
from functools import cache

from riverhead_emitter.redaction.mask import MASK
from riverhead_emitter.redaction.named import KINDS_OF_KEYS


def without_secret_options(sql: str) -> str:
    """Return a statement with the mask in place of each secret among its options."""
    return _option().sub(rf"\g<1>\g<quote>{MASK}\g<quote>", sql) if "options" in sql.lower() else sql


@cache
def _option() -> re.Pattern[str]:
    name = rf"(?:passw|pwd|secret|token|credential|(?:{'|'.join(KINDS_OF_KEYS)})[_.-]?key)"
    value = r"(?P<quote>[\"'])(?:\\.|(?!(?P=quote)).)*(?:(?P=quote)|\Z)"
    return re.compile(rf"({name}[\w.-]{{0,60}}[`\"']?\s{{1,9}}){value}", re.IGNORECASE | re.DOTALL)
