"""The texts of a record's JSON, one by one and unescaped, so that what changes them cannot break it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def _string() -> re.Pattern[str]:
    return re.compile(r'"(?P<text>(?:[^"\\]|\\.)+)"(?P<key>\s?:)?', re.DOTALL)


def with_strings(text: str, step: Callable[[str], str]) -> str:
    """Return the JSON with every text in it after this step; names of values stay."""
    known: dict[str, str] = {}
    return _string().sub(lambda found: found[0] if found["key"] else _once(found["text"], step, known), text)


def _once(escaped: str, step: Callable[[str], str], known: dict[str, str]) -> str:
    if escaped not in known:
        known[escaped] = _stepped(escaped, step)
    return f'"{known[escaped]}"'


def _stepped(escaped: str, step: Callable[[str], str]) -> str:
    try:
        plain = str(json.loads(f'"{escaped}"', strict=False)) if "\\" in escaped else escaped
    except ValueError:
        plain = escaped  # no JSON after all, as in a log line
    changed = step(plain)
    return escaped if changed == plain else json.dumps(changed)[1:-1]
