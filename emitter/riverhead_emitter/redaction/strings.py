"""The texts of a record's JSON, one by one and unescaped, so that what changes them cannot break it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from riverhead_emitter.redaction.looking import remember

if TYPE_CHECKING:
    from collections.abc import Callable


def with_strings(text: str, step: Callable[[str], str], familiar: set[str] | None = None) -> str:
    """Return the JSON with every text in it after this step, which is asked once for each; names of values stay.

    A step that always says the same brings what it left as it was before.
    """
    asked = _texts_in(text) if familiar is None else _texts_in(text) - familiar
    changed = {escaped: new for escaped in asked if (new := _stepped(escaped, step)) != escaped}
    if familiar is not None:
        remember(familiar, asked.difference(changed))
    return _string().sub(lambda found: _replaced(found, changed), text) if changed else text


def _texts_in(text: str) -> set[str]:
    """Return each text once, still escaped."""
    if '\\"' in text:
        return {escaped for escaped, is_name in _string().findall(text) if not is_name}
    # No quote is part of a text, so every second piece is one. This is several times as fast as the expression.
    pieces = text.split('"')
    behind = pieces[2::2]
    behind_names = {piece for piece in set(behind) if piece.lstrip()[:1] == ":"}
    return {escaped for escaped, after in zip(pieces[1::2], behind, strict=False) if after not in behind_names}


@cache
def _string() -> re.Pattern[str]:
    return re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?', re.DOTALL)


def _stepped(escaped: str, step: Callable[[str], str]) -> str:
    if "\\" not in escaped:
        plain = escaped
    else:
        try:
            plain = str(json.loads(f'"{escaped}"', strict=False))
        except ValueError:
            plain = escaped  # no JSON after all, as in a log line
    changed = step(plain)
    return escaped if changed == plain else json.dumps(changed)[1:-1]


def _replaced(found: re.Match[str], changed: dict[str, str]) -> str:
    return found[0] if found[2] else f'"{changed.get(found[1], found[1])}"'
