"""Words of a command line → values; what makes no sense is one sentence, before anything is done."""

from __future__ import annotations

from argparse import ArgumentTypeError

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import quoted
from riverhead_emitter.settings import web_address

_YEAR_SECONDS = 366 * 86_400.0
_LARGEST_PID = (1 << 31) - 1
_MOST = 1_000_000_000


def duration(text: str) -> float:
    """Return a number of seconds, more than zero and at most a year."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    # What is no number at all fails every comparison.
    if not 0 < seconds <= _YEAR_SECONDS:
        raise ArgumentTypeError(
            f"a number of seconds, more than zero and at most a year, is needed, not {quoted(text)}"
        )
    return seconds


def process(text: str) -> int:
    """Return the number of a process."""
    return _whole(text, _LARGEST_PID, "the number of a process")


def count(text: str) -> int:
    """Return a number of things, at least one."""
    return _whole(text, _MOST, "a whole number, at least one,")


def address(text: str) -> str:
    """Return an address of http or https."""
    try:
        return web_address("the address", text)
    except ConfigurationError as error:
        raise ArgumentTypeError(str(error)) from error


def _whole(text: str, most: int, what: str) -> int:
    is_plain = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not is_plain or not 1 <= int(text) <= most:
        raise ArgumentTypeError(f"{what} is needed, not {quoted(text)}")
    return int(text)
