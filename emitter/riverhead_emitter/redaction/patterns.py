"""What a user calls a secret: regular expressions of their own, compiled once and held to a bounded text."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.redaction.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

# So much of one text at a time is shown to a user's pattern: one that backtracks costs the more, the longer the text.
_LONGEST_PIECE = 16 << 10
_LONGEST_WORD = 1_000
_MOST_PATTERNS = 64
_LONGEST_PATTERN = 1_000


@lru_cache(maxsize=16)
def compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns ready for use; one that cannot be used is a ConfigurationError that says which.

    By its number: its text may say what a secret is like, or even be one.
    """
    if len(patterns) > _MOST_PATTERNS:
        raise ConfigurationError(f"at most {_MOST_PATTERNS} patterns can be redacted, not {len(patterns)}")
    return tuple(_compiled(number, pattern) for number, pattern in enumerate(patterns, 1))


def _compiled(number: int, pattern: str) -> re.Pattern[str]:
    which = f"pattern {number} of those to redact"
    if len(pattern) > _LONGEST_PATTERN:
        raise ConfigurationError(f"{which} is longer than {_LONGEST_PATTERN} characters")
    try:
        ready = re.compile(pattern)
    except re.error as error:
        at = "" if error.pos is None else f" at position {error.pos}"
        raise ConfigurationError(f"{which} is no regular expression: {error.msg}{at}") from error
    except (RecursionError, OverflowError) as error:
        raise ConfigurationError(f"{which} is too large for a regular expression") from error
    if ready.match("") is not None:
        raise ConfigurationError(f"{which} is satisfied by no character at all, and would be found everywhere")
    return ready


def without_matches(patterns: tuple[str, ...], text: str) -> str:
    """Return the text with the mask in place of what the patterns find; a group named `secret` narrows it to itself."""
    for pattern in compiled(patterns):
        text = "".join(pattern.sub(_masked, piece) for piece in _pieces(text))
    return text


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _LONGEST_PIECE:
        end = start + _LONGEST_PIECE
        # Between two words, if there are words.
        space = _last_space(text, end)
        yield text[start : space or end]
        start = space or end
    yield text[start:]


@cache
def _space_behind() -> re.Pattern[str]:
    return re.compile(r"\s()\S*\Z")


def _last_space(text: str, end: int) -> int:
    found = _space_behind().search(text[end - _LONGEST_WORD : end])
    return end - _LONGEST_WORD + found.start(1) if found else 0


def _masked(found: re.Match[str]) -> str:
    if "secret" not in found.re.groupindex or found["secret"] is None:
        return MASK
    start, end = found.span("secret")
    return found.string[found.start() : start] + MASK + found.string[end : found.end()]
