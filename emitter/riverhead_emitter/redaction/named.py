"""Values of what is named like a secret: where the names are, and what is taken out behind each."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from riverhead_emitter.redaction.looking import all_of, lowered
from riverhead_emitter.redaction.mask import MASK
from riverhead_emitter.redaction.written import nested_secrets, plainly_quoted, quoted, unquoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

# By the word that is searched for first; the names themselves are looked for only where it is.
_NAMES = {
    "pass": ("password", "passwd", "passphrase", "passcode", "_pass=", "_pass:", '_pass"', "_pass'", "_pass\\"),
    "pw": ("pwd",),
    "secret": ("secret",),
    "token": ("token",),
    "sig": ("signature", "sig="),
    "credential": ("credential",),
    "authorization": ("authorization",),
    "cookie": ("cookie",),
    "identified": ("identified",),
}
_KEY = "key"
KINDS_OF_KEYS = (
    *("api", "access", "account", "private", "encryption", "fernet", "signing", "master", "storage"),
    *("functions", "subscription", "ssh"),
)
# Likewise, but these are secrets only as whole names in front of a sign: as parts of names they are anything.
_WHOLE_NAMES = {
    "pass": ("pass", "userpass", "user_pass"),
    "pw": ("pw",),
    "sas": ("sas",),
    "jwt": ("jwt",),
    "psk": ("psk",),
    _KEY: tuple(f"{kind}{sign}key" for kind in ("app", "client", "consumer") for sign in "_-"),
}
# These only in the query of an address: elsewhere they are columns.
_OF_ADDRESSES = ("?key=", "&key=", "?code=", "&code=", "?ticket=", "&ticket=")
SIGNS = tuple(dict.fromkeys((*_NAMES, *_WHOLE_NAMES, *_OF_ADDRESSES)))
# Counts of what a model reads, and what only sounds alike.
_NO_SECRETS = ("tokeniz", "tokenis", "secretar")
_LONGEST_BEFORE = 160
# Nobody names so many secrets in one record, and to look at each closely costs a host its time. From there on all goes.
_MOST_CLOSE_LOOKS = 300
_LONGEST_SIGN, _LONGEST_LOOK = 12, 2_000
# JSON wherever it stands, also within a text that is itself in JSON.
_NO_NUMBER = "null"


def without_named_secrets(text: str, low: str, signs: Container[str], *, is_json: bool) -> str:
    """Return the text without the values of what is named like a secret.

    `low` is the text in lower case, `signs` are those that are in it.
    """
    kept: list[str] = []
    end = looked_at = looks = 0
    for start in sorted(_starts(low, signs)):
        if start < looked_at or not _may_have_a_value(text, low, start):
            continue
        bare = _bare().match(text, start)
        if bare:
            if bare["secret"]:
                kept += [text[end : bare.start("secret")], _NO_NUMBER]
                end = bare.end("secret")
            continue
        looks += 1
        if looks <= _MOST_CLOSE_LOOKS:
            spans, looked_at = _secrets_at(text, low, start, is_json=is_json)
        else:
            spans, looked_at = _all_behind(text, start, is_json=is_json)
        for first, last in spans:
            kept += [text[end:first], MASK]
            end = last
    return "".join([*kept, text[end:]]) if kept else text


def _starts(low: str, signs: Container[str]) -> Iterator[int]:
    for word, names in _NAMES.items():
        if word in signs:
            yield from all_of(names, low)
    if _KEY in signs:
        yield from (found.start() for found in _keys().finditer(low))
    for word, names in _WHOLE_NAMES.items():
        if word in signs:
            yield from (start for start in all_of(names, low) if _whole_name().match(low, start))
    yield from (start + 1 for start in all_of((name for name in _OF_ADDRESSES if name in signs), low))


@cache
def _keys() -> re.Pattern[str]:
    # `key` comes first, because what begins with plain letters is searched for quickly.
    before = "|".join(f"(?<={kind}key)|(?<={kind}[_.-]key)" for kind in KINDS_OF_KEYS)
    return re.compile(f"key(?:{before}|(?=file_(?:json|dict)))")


@cache
def _whole_name() -> re.Pattern[str]:
    # Not a number behind the sign: what passes is counted.
    sign = r"(?:\\?\"|['`\]])?\s{0,3}(?:=>?|:)(?![:=]|\s?\d{1,6}\b)"
    name = f"(?:{'|'.join(name for names in _WHOLE_NAMES.values() for name in names)})"
    begins = r"(?:(?<![\w.-])|(?<=\\[nrt]))"
    return re.compile(rf"{begins}{name}(?={sign}|\"\s?,\s?\"value\")|(?<=--){name}(?=[\s'\"\\=])")


@cache
def _name_and_what_follows() -> re.Pattern[str]:
    # Not the end of a list or an object and not its next member, as behind the name of a column in a schema.
    goes_on = r"(?!\s?[}\]]|\s?,\s?\"(?!(?:value|default)\")[^\"\\]{0,60}\"\s?:)"
    return re.compile(rf"[A-Za-z0-9_.-]{{0,60}}(?:[\s'`\\\]=:%$]|\"{goes_on})")


@cache
def _bare() -> re.Pattern[str]:
    # A model's tokens are counted, and columns of any name have figures: only what is just called so is a secret.
    called = r"(?:pass(?:word|wd|phrase|code)|pwd|secret)\\?\"\s?:\s?(?P<secret>\d{4,})(?![\d.eE])"
    value = r"-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,9})?|true|false|null"
    return re.compile(rf"(?i:{called})|[A-Za-z0-9_.-]{{0,60}}\\?\"\s?:\s?(?:{value})(?![\w.+-])")


def _may_have_a_value(text: str, low: str, start: int) -> bool:
    return _name_and_what_follows().match(text, start) is not None and not low.startswith(_NO_SECRETS, start)


def _secrets_at(text: str, low: str, start: int, *, is_json: bool) -> tuple[list[tuple[int, int]], int]:
    """Return where the values of the name that is here begin and end, and up to where nothing else is hidden."""
    for pattern in quoted() if is_json else (*quoted(), *plainly_quoted()):
        match = pattern.match(text, start)
        if match:
            return [match.span("secret")], match.end("secret")
    nested = nested_secrets(text, start)
    if nested is not None:
        return nested
    before = text[max(0, start - _LONGEST_BEFORE) : start]
    for sign, is_told, value in unquoted():
        # The value last, because it may be as long as the text.
        behind = sign.match(text, start)
        match = value.match(text, behind.end()) if behind and is_told(before) else None
        if match and not (low.startswith("tokens", start) and match[0].isdecimal()):
            return [match.span()], match.end()
    return [], start


@cache
def _next() -> re.Pattern[str]:
    return re.compile(rf'[A-Za-z0-9_.-]{{0,60}}((?:[^"\\]|\\.){{0,{_LONGEST_SIGN}}})', re.DOTALL)


@cache
def _rest() -> re.Pattern[str]:
    return re.compile(r'[A-Za-z0-9_.-]{0,60}(?P<secret>[^"\\]*(?:\\.[^"\\]*)*)', re.DOTALL)


def _all_behind(text: str, start: int, *, is_json: bool) -> tuple[list[tuple[int, int]], int]:
    """Return the same for less: all that stands behind the name in its text; where that is nothing, as ever."""
    if not is_json:
        return [(start, len(text))], len(text)
    behind = _next().match(text, start)
    if behind and any(letter.isalnum() for letter in behind[1]):
        found = _rest().match(text, start)
        return ([found.span("secret")], found.end()) if found else ([], start)
    # Only as far as one look may go, or many looks would take a host's time.
    first = max(0, start - _LONGEST_BEFORE)
    window = text[first : start + _LONGEST_LOOK]
    spans, looked_at = _secrets_at(window, lowered(window), start - first, is_json=is_json)
    if spans and spans[-1][1] == len(window):
        spans[-1] = (spans[-1][0], _rest().match(text, first + spans[-1][0]).end() - first)  # type: ignore[union-attr]  # it may be empty
        looked_at = spans[-1][1]
    return [(begin + first, end + first) for begin, end in spans], looked_at + first
