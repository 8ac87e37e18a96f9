"""Plain values → JSON bytes, whatever a host hands over: what can be kept is kept."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Set
from typing import Any

from riverhead_emitter.redaction import scrubbed

_HIGH, _LOW = r"\\ud[89ab][0-9a-f]{2}", r"\\ud[c-f][0-9a-f]{2}"
_ESCAPES = re.compile(rf"{_HIGH}{_LOW}|(?P<half>{_HIGH}|{_LOW})|\\.")


def encoded(value: object) -> bytes:
    """Return compact JSON without secrets; what JSON cannot say becomes its text, NaN and infinities become null."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    except (ValueError, TypeError):
        text = json.dumps(_finite(value), separators=(",", ":"), default=_plain)
    if "\\ud" in text:
        text = _ESCAPES.sub(_whole_characters, text)
    return scrubbed(text).encode("ascii")


def _whole_characters(escape: re.Match[str]) -> str:
    """Half a character, as in the name of a file that is not UTF-8, is text to nobody."""
    return "\\ufffd" if escape["half"] else escape[0]


def _plain(value: object) -> object:
    match value:
        case bytes() | bytearray():
            return value.decode("utf-8", "replace")
        case Mapping():
            return {str(key): item for key, item in value.items()}
        case Set():
            return sorted(value, key=str)
    return str(value)


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {str(key): _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
    return value
