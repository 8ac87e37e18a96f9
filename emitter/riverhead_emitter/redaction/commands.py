"""Secrets that commands take without a name, `curl -u user:x`, `mysql -px`, and names that a query has encoded."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.redaction.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Container

SIGNS = ("-u", "-p", "%")
_VALUE = r"(?:[^\s\"'\\]|\\u[0-9a-f]{4})"
_BEFORE = r"(?:\s|^|\\[nrt]|\"|')"
_UP_TO_AN_OPTION = r"\b[^|;&\"'\\\n]{0,200}?\s"


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
def _password(*, is_json: bool) -> re.Pattern[str]:
    quote = _quote(is_json=is_json)
    attached = rf"\b(?:mysql\w{{0,12}}|mariadb[\w-]{{0,12}}|sshpass){_UP_TO_AN_OPTION}-p\s?(?=[^\s-]){quote}"
    named = rf"\b(?:sqlcmd|bcp){_UP_TO_AN_OPTION}-P\s?{quote}"
    return re.compile(rf"((?:\s|\\[nrt])-p')[^'\"\\]{{1,200}}(?=')|({attached}|{named}){_VALUE}+")


@cache
def _named() -> re.Pattern[str]:
    return re.compile("passw|pwd|secret|token|api.?key|access.?key|signature|credential")


@cache
def _encoded_name() -> re.Pattern[str]:
    return re.compile(rf"([?&;][\w.-]{{0,40}}%[0-9A-Fa-f]{{2}}[\w.%-]{{0,60}}=)((?:(?![&;,]){_VALUE})+)")


def without_arguments(text: str, signs: Container[str], *, is_json: bool) -> str:
    """Return the text with the mask in place of what logs a command in; `signs` are those that are in it."""
    if "-u" in signs:
        text = _login(is_json=is_json).sub(rf"\g<1>{MASK}", text)
    if "-p" in signs:
        text = _password(is_json=is_json).sub(_without_password, text)
    return _encoded_name().sub(_without_value, text) if "%" in signs and "=" in text else text


def _without_password(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}{MASK}"


def _without_value(found: re.Match[str]) -> str:
    with loading:
        from urllib.parse import unquote

    return f"{found[1]}{MASK}" if _named().search(unquote(found[1]).lower()) else found[0]
