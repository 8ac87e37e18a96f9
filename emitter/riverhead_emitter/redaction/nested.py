"""What lies under a secret's name, `"password": {"value": "x"}`, in JSON, within a text, or as Python says it."""

from __future__ import annotations

import re
from functools import cache

# Under a column's name lies its lineage, whatever the column is called.
_LINEAGE = frozenset({"inputFields", "inputs"})
_INNER = r"(?:[^\"\\]|\\[nrtbf/u]|\\\\(?:\\[\"\\]|[^\"\\]))*"
_STRINGS = {
    '"': r'"(?P<text>(?:[^"\\]|\\.)*)"(?P<key>\s?:)?|(?P<stop>(?!))',
    '\\"': rf'\\"(?P<text>{_INNER})\\"(?P<key>\s?:)?|(?P<stop>")',
    "'": r"'(?P<text>(?:[^'\"\\]|\\[^\"])*)'(?P<key>\s?:)?|(?P<stop>\")",
}


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9_.-]{0,60}(?P<quote>\\\"|\"|')\s?:\s?(?=[\[{])")


@cache
def _marks(quote: str) -> re.Pattern[str]:
    return re.compile(rf"{_STRINGS[quote]}|(?P<bracket>[\[\]{{}}])", re.DOTALL)


def nested_secrets(text: str, start: int) -> tuple[list[tuple[int, int]], int] | None:
    """Return where the texts lie that are nested under the name which goes on here, and where that nest ends.

    A nest that does not end was cut off, and all the rest of it is a secret.
    """
    opening = _opening().match(text, start)
    if opening is None:
        return None
    spans: list[tuple[int, int]] = []
    depth, end = 0, len(text)
    for mark in _marks(opening["quote"]).finditer(text, opening.end()):
        if mark["bracket"] is not None:
            depth += 1 if mark["bracket"] in "[{" else -1
            if depth == 0:
                return spans, mark.end()
        elif mark["stop"] is not None:
            end = mark.start()
            break
        elif mark["key"]:
            if depth == 1 and mark["text"] in _LINEAGE:
                return None
        elif mark["text"]:
            spans.append(mark.span("text"))
    return [(opening.end(), end)], end
