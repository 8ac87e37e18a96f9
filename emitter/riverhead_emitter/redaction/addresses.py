"""Credentials in addresses: a URL's user info (percent-encoded, too), Oracle's and Go's own ways, secret webhooks."""

from __future__ import annotations

import re
from functools import cache

from riverhead_emitter.redaction.mask import MASK

_END = r"\s\"'<>\\"
# In a record's JSON, what is no ASCII.
_FOREIGN = r"\\u[0-9a-f]{4}"
# Here what stands before the @ is the container, unless there is a password behind it.
_WITH_CONTAINER = ("abfs", "abfss", "wasb", "wasbs")
_LONGEST_SCHEME = 8


@cache
def _user_info() -> re.Pattern[str]:
    # The second way is a password with a slash in it that nobody escaped: behind the colon stands no port, no drive's
    # folder and no place to fill in.
    return re.compile(
        rf"://((?:[^{_END}/]|{_FOREIGN}){{1,300}}"
        rf"|(?:[^{_END}/@:,\[?#]|{_FOREIGN}){{0,100}}:(?!\d{{1,5}}(?:[/,?#;]|$))(?![/?#,{{$])(?:[^{_END}?#]|{_FOREIGN}){{1,300}})@"
    )


@cache
def _encoded_user_info() -> re.Pattern[str]:
    return re.compile(rf"(%3A%2F%2F)((?:[^{_END}%/&]|%(?!2F|40|3F|26)[0-9A-F]{{2}}){{1,300}})%40", re.IGNORECASE)


@cache
def _without_scheme() -> re.Pattern[str]:
    """Oracle's `thin:user/password@host`, and Go's `user:password@tcp(host)`."""
    return re.compile(
        r"(?P<oracle>(?i:jdbc:oracle):[a-z0-9]{1,8}:)[^\s/@\"'\\]{1,100}/[^\s@\"'\\]{1,200}@"
        r"|(?P<go>(?<![\w.-])[\w.-]{1,60}:)[^\s@\"'\\:/]{1,200}@(?=(?:tcp|udp|unix)\()"
    )


def without_user_info(text: str) -> str:
    """Return the text with the mask in place of who logs in and how."""
    if "@" in text:
        if "://" in text:
            text = _user_info().sub(_without_user, text)
        if ":" in text and ("oracle:" in text.lower() or "@tcp(" in text or "@unix(" in text or "@udp(" in text):
            text = _without_scheme().sub(_without_login, text)
    return _encoded_user_info().sub(rf"\g<1>{MASK}%40", text) if "%" in text and "%40" in text else text


def _without_login(found: re.Match[str]) -> str:
    return f"{found['oracle'] or found['go']}{MASK}@"


def _without_user(found: re.Match[str]) -> str:
    # Serialised, a line's end before the scheme looks like a letter of it.
    scheme = found.string[max(0, found.start() - _LONGEST_SCHEME) : found.start()].lower()
    is_container = scheme.endswith(_WITH_CONTAINER) and ":" not in found[1] and "/" not in found[1]
    return found[0] if is_container else f"://{MASK}@"
