"""Secrets out before a record exists.

Rooms leave secrets out where they read them; this is the net below: one scan of the serialised JSON, which stays
JSON. Values that are named like a secret go when they are quoted; unquoted ones only where a URL, a command line or
a JDBC address says so, because `a.token = b.token` is a join, and lineage.
"""

from __future__ import annotations

import re

MASK = "***"

_KEYWORDS = ("password", "passwd", "pwd", "secret", "token", "apikey", "api_key", "api-key", "access_key", "access-key",
             "access.key", "accesskey", "signature", "credential", "authorization")  # fmt: skip
_USER_INFO = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,20}://)[^\s/\"'<>\\]{1,300}@")
_NAME = r"[A-Za-z0-9_.-]{0,30}"
_SIGN = r"\s{0,3}(?:=>|=|:)\s{0,3}"
# What stands between two literals of SQL, as in `'token=' || id || 'x'`, is no secret.
_GLUE = r"(?:[\s|,)+;]|\\[nrt])(?:[^'\"]*(?:[\s|,(+=<>.]|\\[nrt]))?"
# Each begins where a keyword does; group 1 stays, group 2 is the secret. Signs are asked for, because
# `kind = 'password' AND x = 'y'` and `"token", "name"` are SQL; behind `PASSWORD` alone SQL has a secret, too. What is
# in double quotes with a dot behind it is a table: `"token" = "t"."token"`.
_QUOTED = (
    re.compile(rf'({_NAME}"\s?:\s?")((?:[^"\\]|\\.)+)'),
    re.compile(rf"({_NAME}(?:'?{_SIGN}|\s{{1,3}})')(?!{_GLUE}')((?:[^'\"\\]|\\.|'')+)(?=')"),
    re.compile(rf'({_NAME}(?:\\")?{_SIGN}\\")([^"\\]+)(?!\\"\s{{0,3}}\.)(?=\\")'),
    re.compile(r"([A-Za-z]+\W{1,8}(?:[Bb]earer|[Bb]asic)\s{1,3})([^\s\"'\\]+)"),
)
_IN_ADDRESS = re.compile(rf"({_NAME}[=\s])([^\s\"'&;,\\]+)")
_BEFORE_ADDRESS = re.compile(r"(?:[?&;]|--(?:conf\s)?|-D|\bexport\s)[A-Za-z0-9_.-]{0,40}$")
_LONGEST_BEFORE = 50
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def scrubbed(text: str) -> str:
    """Return the text without credentials in URLs and without the values of what is named like a secret."""
    if "://" in text and "@" in text:
        text = _USER_INFO.sub(rf"\g<1>{MASK}@", text)
    # Keywords are found by plain searches: a regular expression over a megabyte of SQL would cost the host 0.5 s.
    lowered = text.lower() if text.isascii() else text.translate(_ASCII_LOWER)
    starts = sorted(start for keyword in _KEYWORDS if keyword in lowered for start in _all_of(keyword, lowered))
    return _masked(text, starts) if starts else text


def _masked(text: str, starts: list[int]) -> str:
    kept, end = [], 0
    for start in starts:
        secret = _secret_at(text, start) if start >= end else None
        if secret is not None:
            kept += [text[end : secret[0]], MASK]
            end = secret[1]
    return "".join([*kept, text[end:]])


def _secret_at(text: str, start: int) -> tuple[int, int] | None:
    """Return where the value of the name that contains this keyword begins and ends."""
    for pattern in _QUOTED:
        match = pattern.match(text, start)
        if match:
            return match.span(2)
    if _BEFORE_ADDRESS.search(text[max(0, start - _LONGEST_BEFORE) : start]):
        match = _IN_ADDRESS.match(text, start)
        if match:
            return match.span(2)
    return None


def _all_of(keyword: str, text: str) -> list[int]:
    starts, start = [], text.find(keyword)
    while start >= 0:
        starts.append(start)
        start = text.find(keyword, start + 1)
    return starts
