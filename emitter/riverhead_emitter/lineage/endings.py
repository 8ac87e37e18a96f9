"""How a run ended: an exception → its state, and what is told of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from riverhead_emitter.facets.run import error_message
from riverhead_emitter.guard import causes, described, traced
from riverhead_emitter.loading import loading
from riverhead_emitter.model import RunState
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from riverhead_emitter.facets.facet import Facet
    from riverhead_emitter.redaction import Redaction

# A recursion's trace is long; its beginning and its end say what happened.
_LONGEST_START, _LONGEST_END = 16 << 10, 48 << 10
_LONGEST_MESSAGE = 8 << 10


def state_after(error: BaseException | None) -> RunState:
    """Return how a run ended: stopped from outside is ABORT, an exit that says so and a closed generator are fine."""
    if error is None or isinstance(error, GeneratorExit):
        return RunState.COMPLETE
    if isinstance(error, SystemExit):
        code = vars(SystemExit)["code"].__get__(error)  # past whatever a subclass calls so
        # A tuple, because a code may be a list, which has no hash.
        return RunState.COMPLETE if code in (None, 0) else RunState.FAIL
    if isinstance(error, KeyboardInterrupt) or _is_cancelled(error):
        return RunState.ABORT
    return RunState.FAIL


def facets_after(error: BaseException | None, redaction: Redaction = REDACTION) -> dict[str, Facet]:
    """Return what is told of an error: its message and its stack, without secrets and within bounds."""
    if error is None or state_after(error) is RunState.COMPLETE:
        return {}
    trace = _trace_of(error, redaction)
    message = described(error, redaction)[:_LONGEST_MESSAGE]
    return {"errorMessage": error_message(message, "python", trace)}


def _trace_of(error: BaseException, redaction: Redaction) -> str:
    # Python's own trace repeats each message whole, and formatting a whole file takes a host's time.
    if any(map(_is_long, causes(error))):
        return traced(error, redaction)
    with loading():
        import traceback
    return _shortened("".join(traceback.format_exception(type(error), error, error.__traceback__)), redaction)


def _is_long(error: BaseException) -> bool:
    told = vars(BaseException)["args"].__get__(error)  # past whatever a subclass calls so
    return any(isinstance(part, str) and len(part) > _LONGEST_START for part in told)


def _shortened(trace: str, redaction: Redaction) -> str:
    if len(trace) <= _LONGEST_START + _LONGEST_END:
        return redaction.scrubbed(trace)
    return f"{redaction.beginning(trace, _LONGEST_START)}\n  ...\n{redaction.ending(trace, _LONGEST_END)}"


def _is_cancelled(error: BaseException) -> bool:
    # asyncio is imported where it is used, and nowhere else.
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError)
