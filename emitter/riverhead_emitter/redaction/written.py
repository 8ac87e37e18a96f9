"""How a secret is written behind its name.

Values go when they are quoted; unquoted ones where a URL, a command line, a header, YAML or an assignment says so, and
not where SQL compares columns, because `a.token = b.token` is a join, and lineage. Of what is nested under a name,
`"password": {"value": "x"}`, in JSON, within a text, or as Python says it, all texts go.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = r"[A-Za-z0-9_.-]{0,60}"
_SPACE = r"(?:\s|\\[nrt])"
_SIGN = rf"(?:{_SPACE}{{0,3}}(?:=>|=|:){_SPACE}{{0,3}}|{_SPACE}{{1,3}}(?i:to){_SPACE}{{1,3}})"
_BEHIND_A_NAME = rf"(?:(?:'|\\?\"|[`\]])?{_SIGN}|{_SPACE}{{1,3}})"
# What stands between two literals of SQL, as in `'token=' || id || 'x'`, is no secret.
_GLUE = r"(?:[\s|,)+;]|\\[nrt])(?:[^'\"]*(?:[\s|,(+=<>.]|\\[nrt]))?"
_IDENTIFIED = rf"(?i:identified{_SPACE}{{1,4}}(?:with{_SPACE}{{1,4}}\w{{1,40}}{_SPACE}{{1,4}})?by{_SPACE}{{1,4}})"
_UNQUOTED = r"(?:[^\s\"'&;,\\]|\\u[0-9a-f]{4})"
_WITHIN_A_TEXT = r"(?:[^\"\\]|\\[nrtbf/u]|\\\\(?:\\[\"\\]|[^\"\\]))"
_A_COLUMN = r"[A-Za-z_]\w{0,60}(?:\.\w{1,60}){1,2}(?!\w|[.+/=-])"
_A_WORD = r"[A-Za-z_][\w.]*(?:[\s,;)\\]|$)"
_SPACED_SIGN = r"[ \t]{1,9}=[ \t]{1,9}"
_A_TYPE = (
    r"(?i:string|text|u?int\d{0,2}|integer|bigint|smallint|tinyint|long|float|double|decimal|numeric|bool|boolean|date"
    r"|timestamp|binary|bytes|varchar|char|uuid|json|array|map|struct|object|null|none|true|false|required|optional)\b"
)
# Under a column's name lies its lineage, whatever the column is called.
_LONGEST_BEFORE_LINEAGE = 2_000
_LINEAGE = frozenset({"inputFields", "inputs"})
_STRINGS = {
    '"': r'"(?P<text>(?:[^"\\]|\\.)*)"(?P<key>\s?:)?|(?P<stop>(?!))',
    '\\"': rf'\\"(?P<text>{_WITHIN_A_TEXT}*)\\"(?P<key>\s?:)?|(?P<stop>")',
    "'": r"'(?P<text>(?:[^'\"\\]|\\[^\"])*)'(?P<key>\s?:)?|(?P<stop>\")",
}


@cache
def quoted() -> tuple[re.Pattern[str], ...]:
    """Return what finds quoted values; each begins where a name does."""
    # Signs are asked for, because `kind = 'password' AND x = 'y'` and `"token", "name"` are SQL; behind `PASSWORD`
    # alone SQL has a secret, too. What is in double quotes with a dot behind it is a table: `"token" = "t"."token"`.
    patterns = (
        rf'{_NAME}"\s?:\s?"(?P<secret>(?:[^"\\]|\\.)+)',
        rf'{_NAME}"\s?,\s?"(?:value|default)"\s?:\s?"(?P<secret>(?:[^"\\]|\\.)+)',
        rf"{_NAME}{_BEHIND_A_NAME}(?:[EeNnBbRr]|[Uu]&)?'(?!{_GLUE}')(?P<secret>(?:[^'\"\\]|\\.|'')+)(?=')",
        rf'{_NAME}{_BEHIND_A_NAME}\$(?P<tag>\w{{0,20}})\$(?P<secret>(?:[^"\\$]|\\u|\\[nrt]){{1,300}})(?=\$(?P=tag)\$)',
        rf'{_NAME}(?:\\")?{_SIGN}\\"(?P<secret>{_WITHIN_A_TEXT}+)(?!\\"\s{{0,3}}\.)(?=\\")',
        r"[A-Za-z]{1,40}\W{1,8}(?:[Bb]earer|[Bb]asic)\s{1,3}(?P<secret>[^\s\"'\\]+)",
        r"(?i:authorization|cookie)(?:\\\"|')?:(?!:)[ \t]{0,3}(?:\\\"|')?(?P<secret>(?:[^\"'\\\r\n]|\\u)+)",
        rf"{_IDENTIFIED}'(?P<secret>(?:[^'\"\\]|\\.|'')+)(?=')",
        rf'{_IDENTIFIED}(?:\\")?(?P<secret>[^\s\'"\\;,]+)',
    )
    return tuple(re.compile(pattern) for pattern in patterns)


@cache
def plainly_quoted() -> tuple[re.Pattern[str], ...]:
    """Return what finds values in or with plain double quotes, which in JSON may close one text and open the next."""
    patterns = (
        rf'{_NAME}"?{_SIGN}"(?P<secret>(?:[^"\\]|\\.)+)(?!"\s{{0,3}}\.)(?=")',
        rf"{_NAME}{_BEHIND_A_NAME}(?:[EeNnBbRr]|[Uu]&)?'(?!{_GLUE}')(?P<secret>(?:[^'\\]|\\.|'')+)(?=')",
        rf'{_IDENTIFIED}"(?P<secret>[^"]+)(?=")',
    )
    return tuple(re.compile(pattern) for pattern in patterns)


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
            if depth == 1 and mark["text"] in _LINEAGE and mark.start() - start < _LONGEST_BEFORE_LINEAGE:
                return None
        elif mark["text"]:
            spans.append(mark.span("text"))
    return [(opening.end(), end)], end


@cache
def unquoted() -> tuple[tuple[re.Pattern[str], Callable[[str], bool], re.Pattern[str]], ...]:
    """Return what finds values that nothing quotes: the sign, a question about the text before the name, the value."""
    value, rest_of_line = rf"{_UNQUOTED}+", r"(?:[^\"\\\r\n]|\\u)+"
    ways = (
        (r"(?:[=\s]|%3[Dd])", _is_in_address, rf"\{{[^}}\"'\\]{{1,200}}\}}|(?:(?!%26){_UNQUOTED})+"),
        ("',\\s?'", _is_an_argument, r"[^\"'\\]+(?=')"),
        ('",\\s?"', _is_an_argument, r'(?:[^"\\]|\\.)+(?=")(?!"\s?:)'),
        (r":[ \t]{1,3}", _is_a_line, rf"(?!{_A_TYPE}){rest_of_line}"),
        (r":[ \t]{1,3}", _is_anything, rf"(?!{_A_TYPE}|{_A_COLUMN}|[(\[{{<$]){value}"),
        (":", _is_a_header, value),
        # In a file of settings. SQL writes columns on such lines, too, so what could be a column is taken for one.
        (_SPACED_SIGN, _is_a_line, rf"(?!{_A_WORD}|[\"'(\[{{<$])(?:[^\"\\\r\n;]|\\u[0-9a-f]{{4}})+"),
        (_SPACED_SIGN, _is_of_aws, rf"(?!{_A_COLUMN}){value}"),
        # A driver's message, an assignment before a command, or part of a literal: `ATTACH 'host=h password=x'`. It
        # stays where the value is a column with its table, a call, or LIKE's pattern, and where SQL compares columns.
        (
            "=",
            _is_assigned,
            rf"(?!{_A_COLUMN})(?:[^\s\"'&;,\\()%]|\\u[0-9a-f]{{4}})(?:(?![()]){_UNQUOTED})*(?!\()(?=[\s\"'&;,\\)]|$)",
        ),
    )
    return tuple((re.compile(_NAME + sign), question, re.compile(secret)) for sign, question, secret in ways)


@cache
def _before(question: str) -> re.Pattern[str]:
    return re.compile(question)


_BEFORE_ADDRESS = r"(?:[?&;]|%3[Ff]|%26|--(?:conf\s)?|-D|\bexport\s)[A-Za-z0-9_.-]{0,40}$"
_BEFORE_ARGUMENT = r"['\"]--?[A-Za-z0-9_.-]{0,40}$"
_BEFORE_LINE = r"(?:^|[\r\n\"]|\\n)[ \t]*(?:- )?[A-Za-z0-9_.-]{0,40}$"
_BEFORE_HEADER = r"(?i)(?:^|[^\w-]|\\[nrt])x-[a-z0-9-]{0,40}$"
_COMPARED = (
    rf"(?:/|(?:^|[^\w])\(|(?:\b|\\[nrt])(?i:where|and|or|on|set|when|having|not|then|else|select|by){_SPACE}{{1,9}}"
    rf"|(?:\b|\\[nrt])(?i:set){_SPACE}[^;'\"]{{0,80}},{_SPACE}{{0,9}})[A-Za-z0-9_.-]{{0,40}}$"
)


def _is_in_address(before: str) -> bool:
    return _before(_BEFORE_ADDRESS).search(before) is not None


def _is_an_argument(before: str) -> bool:
    return _before(_BEFORE_ARGUMENT).search(before) is not None


def _is_a_line(before: str) -> bool:
    return _before(_BEFORE_LINE).search(before) is not None


def _is_a_header(before: str) -> bool:
    return _before(_BEFORE_HEADER).search(before) is not None


def _is_assigned(before: str) -> bool:
    return _before(_COMPARED).search(before) is None


def _is_of_aws(before: str) -> bool:
    return before.lower().endswith(("access_", "access.", "access-", "access"))


def _is_anything(before: str) -> bool:  # noqa: ARG001 - it is asked like the others
    return True
