"""What goes wrong when hostile text is read, as one plain sentence that repeats nothing of it."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlglot.errors import ParseError, SqlglotError, TokenError

if TYPE_CHECKING:
    from collections.abc import Iterator

# What sqlglot raises on hostile text: its own errors, and what Python raises where it did not expect such a tree.
PARSER_FAILURES = (
    SqlglotError,
    RecursionError,
    MemoryError,
    NotImplementedError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    AssertionError,
)
_STRING = re.compile(r"'[^']*'?")
# The parser shows a token as Python would, text and all.
_TOKEN = re.compile(r"<Token .*")
# It names a part of the tree by Python's name for it.
_PART = re.compile(r"Required keyword: '[^']*' missing for <class .*")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Asked for once: a host's time-out that is raised within `getLogger` leaves logging locked for every other thread.
_SQLGLOT = logging.getLogger("sqlglot")


def reason_of(failure: BaseException) -> str:
    """Return one plain sentence for a failure, without the text that caused it."""
    if isinstance(failure, RecursionError):
        return "it is nested too deeply"
    if isinstance(failure, ParseError) and failure.errors:
        error = failure.errors[0]
        return f"{_plain(error.get('description') or 'it cannot be parsed')} (line {error.get('line')})"
    if isinstance(failure, TokenError):
        return "a quote or comment in it has no end"
    return (
        _plain(str(failure))
        if isinstance(failure, SqlglotError)
        else f"it has a shape that was not expected ({type(failure).__name__})"
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep sqlglot's own log lines of this thread away from the host's log: what matters is in the answer."""
    thread = threading.get_ident()

    def is_elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != thread

    _SQLGLOT.addFilter(is_elsewhere)
    try:
        yield
    finally:
        _SQLGLOT.removeFilter(is_elsewhere)


def _plain(message: str) -> str:
    first = _COLOUR.sub("", message).strip().partition("\n")[0]
    said = _PART.sub("Something is missing", _TOKEN.sub("something else", first))
    return _STRING.sub("'…'", said)[:200]
