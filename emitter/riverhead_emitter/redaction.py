"""Secrets out before a record exists.

Rooms leave secrets out where they read them; this is the net below: one scan of the serialised JSON, which stays
JSON. Values that are named like a secret go when they are quoted; unquoted ones where a URL, a command line or an
assignment says so, and not where SQL compares columns, because `a.token = b.token` is a join, and lineage.
"""

from __future__ import annotations

import re

MASK = "***"

_KEYWORDS = ("password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "access_key",
             "access-key", "access.key", "accesskey", "account_key", "account.key", "accountkey", "private_key",
             "private-key", "private.key", "privatekey", "signature", "sig=", "credential", "authorization",
             "identified")  # fmt: skip
_USER_INFO = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,20}://)([^\s/\"'<>\\]{1,300})@")
# Here what stands before the @ is the container, unless there is a password behind it.
_WITH_CONTAINER = ("abfs://", "abfss://", "wasb://", "wasbs://")
_ORACLE = re.compile(r"((?i:jdbc:oracle):[a-z0-9]{1,8}:)[^\s/@\"'\\]{1,100}/[^\s@\"'\\]{1,200}@")
_NAME = r"[A-Za-z0-9_.-]{0,60}"
_SPACE = r"(?:\s|\\[nrt])"
_SIGN = rf"(?:{_SPACE}{{0,3}}(?:=>|=|:){_SPACE}{{0,3}}|{_SPACE}{{1,3}}(?i:to){_SPACE}{{1,3}})"
# What stands between two literals of SQL, as in `'token=' || id || 'x'`, is no secret.
_GLUE = r"(?:[\s|,)+;]|\\[nrt])(?:[^'\"]*(?:[\s|,(+=<>.]|\\[nrt]))?"
_IDENTIFIED = rf"(?i:identified{_SPACE}{{1,4}}(?:with{_SPACE}{{1,4}}\w{{1,40}}{_SPACE}{{1,4}})?by{_SPACE}{{1,4}})"
# Each begins where a keyword does; group 1 stays, group 2 is the secret. Signs are asked for, because
# `kind = 'password' AND x = 'y'` and `"token", "name"` are SQL; behind `PASSWORD` alone SQL has a secret, too. What is
# in double quotes with a dot behind it is a table: `"token" = "t"."token"`.
_QUOTED = (
    re.compile(rf'({_NAME}"\s?:\s?")((?:[^"\\]|\\.)+)'),
    re.compile(rf"({_NAME}(?:'?{_SIGN}|{_SPACE}{{1,3}})[Ee]?')(?!{_GLUE}')((?:[^'\"\\]|\\.|'')+)(?=')"),
    re.compile(rf'({_NAME}(?:\\")?{_SIGN}\\")([^"\\]+)(?!\\"\s{{0,3}}\.)(?=\\")'),
    re.compile(r"([A-Za-z]{1,40}\W{1,8}(?:[Bb]earer|[Bb]asic)\s{1,3})([^\s\"'\\]+)"),
    re.compile(rf"({_IDENTIFIED}')((?:[^'\"\\]|\\.|'')+)(?=')"),
    re.compile(rf'({_IDENTIFIED}(?:\\")?)([^\s\'"\\;,]+)'),
)
_IN_ADDRESS = re.compile(rf"({_NAME}[=\s])([^\s\"'&;,\\]+)")
_BEFORE_ADDRESS = re.compile(r"(?:[?&;]|--(?:conf\s)?|-D|\bexport\s)[A-Za-z0-9_.-]{0,40}$")
# `name=value` that nothing quotes, as in a driver's message, an assignment before a command, or within a literal:
# `ATTACH 'host=h password=x'`. It stays where the value is a column with its table, a call, or LIKE's pattern, and
# where SQL compares columns or a folder is named so.
_PLAIN = re.compile(
    rf"({_NAME}=)(?![A-Za-z_]\w{{0,60}}(?:\.\w{{1,60}}){{1,2}}(?!\w|[.+/=-]))([^\s\"'&;,\\()%][^\s\"'&;,\\()]*)(?!\()(?=[\s\"'&;,\\)]|$)"
)
_COMPARED = re.compile(
    rf"(?:/|(?:^|[^\w])\(|(?:\b|\\[nrt])(?i:where|and|or|on|set|when|having|not|then|else|select|by){_SPACE}{{1,9}}"
    rf"|(?:\b|\\[nrt])(?i:set){_SPACE}[^;'\"]{{0,80}},{_SPACE}{{0,9}})[A-Za-z0-9_.-]{{0,40}}$"
)
_LONGEST_BEFORE = 160
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def scrubbed(text: str) -> str:
    """Return the text without credentials in URLs and without the values of what is named like a secret."""
    if "@" in text:
        text = _ORACLE.sub(rf"\g<1>{MASK}@", _USER_INFO.sub(_without_user, text) if "://" in text else text)
    # Keywords are found by plain searches: a regular expression over a megabyte of SQL would cost the host 0.5 s.
    lowered = text.lower() if text.isascii() else text.translate(_ASCII_LOWER)
    starts = sorted(start for keyword in _KEYWORDS if keyword in lowered for start in _all_of(keyword, lowered))
    return _masked(text, starts) if starts else text


def _without_user(found: re.Match[str]) -> str:
    # Serialised, a line's end before the scheme looks like a letter of it.
    is_container = found[1].lower().endswith(_WITH_CONTAINER) and ":" not in found[2]
    return found[0] if is_container else f"{found[1]}{MASK}@"


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
    for pattern, is_told in ((_IN_ADDRESS, _is_in_address), (_PLAIN, _is_assigned)):
        match = pattern.match(text, start)
        if match and is_told(text[max(0, start - _LONGEST_BEFORE) : start]):
            return match.span(2)
    return None


def _is_in_address(before: str) -> bool:
    return _BEFORE_ADDRESS.search(before) is not None


def _is_assigned(before: str) -> bool:
    return _COMPARED.search(before) is None


def _all_of(keyword: str, text: str) -> list[int]:
    starts, start = [], text.find(keyword)
    while start >= 0:
        starts.append(start)
        start = text.find(keyword, start + 1)
    return starts
