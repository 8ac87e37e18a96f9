"""One setting's text → its value; what cannot be read is one sentence that names the key and holds no secret."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

# Patterns that few processes need are compiled by those.
_SIZE = r"([0-9]{1,18})\s*([kmgt]?)(?:i?b)?"
_POWERS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
_LONGEST_SECONDS = 3600.0
_LONGEST_PATTERN = 1000


def truth(key: str, value: Any) -> bool:
    """Return whether a switch is on."""
    match str(value).strip().lower():
        case "true" | "1" | "yes" | "on" | "t":
            return True
        case "false" | "0" | "no" | "off" | "f" | "":
            return False
    raise ConfigurationError(f"{key} must be true or false, not {quoted(value)}")


def seconds(key: str, value: Any) -> float:
    """Return a number of seconds, more than zero and at most an hour."""
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{key} must be a number of seconds, not {quoted(value)}") from error
    if not 0 < found <= _LONGEST_SECONDS:
        raise ConfigurationError(f"{key} must be more than zero and at most {_LONGEST_SECONDS:g}, not {quoted(value)}")
    return found


def size(key: str, value: Any, least: int, most: int) -> int:
    """Return a number of bytes; `64k`, `2M` and `1GiB` are powers of 1024."""
    found = re.fullmatch(_SIZE, str(value).strip(), re.IGNORECASE)
    if found is None:
        raise ConfigurationError(f"{key} must be a number of bytes such as 2097152 or 2M, not {quoted(value)}")
    number = int(found[1]) << _POWERS[found[2].lower()]
    if not least <= number <= most:
        raise ConfigurationError(f"{key} must be from {least} to {most} bytes, not {quoted(value)}")
    return number


def patterns(text: str) -> tuple[str, ...]:
    """Return regular expressions: one as it stands, or several as a JSON list."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        listed = None
    if not (isinstance(listed, list) and all(isinstance(entry, str) for entry in listed)):
        listed = [text]
    return tuple(entry for entry in listed if entry)


def regular(what: str, pattern: str) -> str:
    """Return a regular expression that can be compiled; unrepeated, because it may say what a secret is like."""
    if len(pattern) > _LONGEST_PATTERN:
        raise ConfigurationError(f"{what} is longer than {_LONGEST_PATTERN} characters")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        at = getattr(error, "pos", None)
        said = f"{getattr(error, 'msg', 'too large')}" + (f" at position {at}" if at is not None else "")
        raise ConfigurationError(f"{what} is no regular expression: {said}") from error
    return pattern


def mapping(key: str, value: Any) -> Mapping[str, Any]:
    """Return a JSON object, or what is read as one; nothing is an empty one."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise ConfigurationError(f"{key} must be a JSON object")
    return value


def text_of(value: Any) -> str:
    """Return a value of JSON or YAML as the text that an environment would hold."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return "" if value is None else str(value)
