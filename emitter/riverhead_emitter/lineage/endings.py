"""How a run ended: an exception → its state, and what is told of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from riverhead_emitter.facets.run import error_message
from riverhead_emitter.guard import described
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
        # A tuple, because a code may be a list, which has no hash.
        return RunState.COMPLETE if error.code in (None, 0) else RunState.FAIL
    if isinstance(error, KeyboardInterrupt) or _is_cancelled(error):
        return RunState.ABORT
    return RunState.FAIL


def facets_after(error: BaseException | None, redaction: Redaction = REDACTION) -> dict[str, Facet]:
    """Return what is told of an error: its message and its stack, without secrets and within bounds."""
    if error is None or state_after(error) is RunState.COMPLETE:
        return {}
    import traceback

    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    message = described(error, redaction)[:_LONGEST_MESSAGE]
    return {"errorMessage": error_message(message, "python", _shortened(trace, redaction))}


def _shortened(trace: str, redaction: Redaction) -> str:
    if len(trace) <= _LONGEST_START + _LONGEST_END:
        return redaction.scrubbed(trace)
    return f"{redaction.beginning(trace, _LONGEST_START)}\n  ...\n{redaction.ending(trace, _LONGEST_END)}"


def _is_cancelled(error: BaseException) -> bool:
    # asyncio is imported where it is used, and nowhere else.
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError)
