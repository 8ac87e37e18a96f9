"""Plain values → JSON bytes, whatever a host hands over: what can be kept is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Set
from typing import Any

from riverhead_emitter.redaction import scrubbed


def encoded(value: object) -> bytes:
    """Return compact JSON without secrets; what JSON cannot say becomes its text, NaN and infinities become null."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    except (ValueError, TypeError):
        text = json.dumps(_finite(value), separators=(",", ":"), default=_plain)
    return scrubbed(text).encode("ascii")


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
