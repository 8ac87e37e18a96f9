"""Secrets that commands take without a name, `curl -u user:x`, `mysql -px`, and names that a query has encoded."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.redaction.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Container

_VALUE = r"(?:[^\s\"'\\]|\\u[0-9a-f]{4})"
_BEFORE = r"(?:\s|^|\\[nrt]|\"|')"
# By the sign that is searched for first: programs, or their verbs, and the option or what else their secret follows.
_PROGRAMS = {
    "-p": (
        (r"(?:mysql\w{0,12}|mariadb[\w-]{0,12}|sshpass)", r"-p\s?(?=[^\s-])"),
        (r"(?:sqlcmd|bcp|zip)", r"-P\s?"),
        (r"7z[az]?", "-p"),
        # Of Docker, Azure and whoever else logs in so.
        ("login", r"-p\s"),
        ("openssl", r"-pass\w{0,3}\spass:"),
    ),
    "-u": (("lftp", r"-u\s?[\w.@-]{1,80},"),),
    "redis-cli": (("redis-cli", r"-a\s"),),
    "ldap": (("ldap[a-z]{3,12}", r"-w\s"),),
    "sqlplus": (("sqlplus", r"[\w.$#]{1,60}/(?=[^\s/])"),),
    "configure set": ((r"configure set(?= \S{0,60}(?:key|token)\s)", r"\S{1,80}\s"),),
}
SIGNS = (*_PROGRAMS, "%")


def _quote(*, is_json: bool) -> str:
    # In a record's JSON a bare quote ends the text that the command stands in.
    return r"(?:\\\"|')?" if is_json else r"[\"']?"


@cache
def _login(*, is_json: bool) -> re.Pattern[str]:
    option = rf"{_BEFORE}(?:-u|--user|--proxy-user)"
    user = r"[\w.@-]{1,80}:(?!\d{1,6}(?:[\s\"'\\]|$))"
    listed = r"(?:\",\s?\"|',\s?')"
    return re.compile(rf"({option}(?:{listed}|(?:[\s=]|\\[nrt])?\s{{0,3}}{_quote(is_json=is_json)}){user}){_VALUE}+")


@cache
def _quoted_password() -> re.Pattern[str]:
    return re.compile(r"((?:\s|\\[nrt])-p')[^'\"\\]{1,200}(?=')")


@cache
def _arguments(sign: str, *, is_json: bool) -> tuple[re.Pattern[str], ...]:
    upto, value = r"\b[^|;&\"'\\\n]{0,200}?\s", rf"{_quote(is_json=is_json)}){_VALUE}+"
    return tuple(re.compile(rf"({program}{upto}{option}{value}") for program, option in _PROGRAMS[sign])


@cache
def _named() -> re.Pattern[str]:
    return re.compile("passw|pwd|secret|token|api.?key|access.?key|signature|credential")


@cache
def _encoded_name() -> re.Pattern[str]:
    return re.compile(rf"([?&;][\w.-]{{0,40}}%[0-9A-Fa-f]{{2}}[\w.%-]{{0,60}}=)((?:(?![&;,]){_VALUE})+)")


def without_arguments(text: str, signs: Container[str], *, is_json: bool) -> str:
    """Return the text with the mask in place of what logs a command in; `signs` are those that are in it."""
    patterns = [pattern for sign in _PROGRAMS if sign in signs for pattern in _arguments(sign, is_json=is_json)]
    if "-u" in signs:
        patterns.append(_login(is_json=is_json))
    if "-p" in signs:
        patterns.append(_quoted_password())
    for pattern in patterns:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return _encoded_name().sub(_without_value, text) if "%" in signs and "=" in text else text


def _without_value(found: re.Match[str]) -> str:
    with loading():
        from urllib.parse import unquote

    return f"{found[1]}{MASK}" if _named().search(unquote(found[1]).lower()) else found[0]
