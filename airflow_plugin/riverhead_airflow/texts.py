"""Text from outside, made fit to keep: without secrets and of a bounded size."""

from __future__ import annotations

import traceback

from riverhead_airflow.snapshot import Failure
from riverhead_emitter.redaction import scrubbed

MOST_SQL = 256 << 10
_MOST_MESSAGE, _MOST_STACK = 4 << 10, 16 << 10
_MOST_WORD = 512
# A secret that the cut goes through would no longer look like one: scrub a little more than is kept.
_MARGIN = 4 << 10


def kept(text: str, most: int) -> str:
    """Return the start of the text, scrubbed."""
    return scrubbed(text[: most + _MARGIN])[:most]


def word(text: str) -> str:
    """Return a name or an id, scrubbed and short."""
    return kept(text, _MOST_WORD)


def statements(sql: object) -> tuple[list[str], bool]:
    """Return an operator's rendered SQL as a list of texts, and whether something had to be cut away."""
    texts = [sql] if isinstance(sql, str) else sql
    if not isinstance(texts, list | tuple):
        return [], False
    room, found, is_cut = MOST_SQL, [], False
    for text in texts:
        if not isinstance(text, str):
            continue
        is_cut = is_cut or len(text) > room
        if room > 0:
            found.append(kept(text, room))
            room -= len(text)
    return found, is_cut


def failure_of(error: object) -> Failure | None:
    """Return what an error says, with the end of its stack: that is where it was raised."""
    if error is None:
        return None
    if not isinstance(error, BaseException):
        return Failure(message=kept(str(error), _MOST_MESSAGE), stack=None)
    stack = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=50))
    return Failure(
        message=kept(f"{type(error).__name__}: {error}", _MOST_MESSAGE),
        stack=scrubbed(stack[-(_MOST_STACK + _MARGIN) :])[-_MOST_STACK:],
    )
