"""A server's reply → what it means for an event."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.breaker import LONGEST_WAIT_SECONDS
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from riverhead_emitter.delivery.http.replies import Reply

# 4xx that say "not like this, now" instead of "never"; 407 is a proxy's, which knows nothing of the event.
_PASSING = {401, 403, 407, 408, 425, 429}
# Nothing takes events there: that says something of the address, and nothing of the event.
_ELSEWHERE = {404, 405, 410}
_REDIRECTS, _REFUSALS, _FAILURES = 300, 400, 500
_SECONDS = re.compile("[0-9]{1,9}")


def answer_of(reply: Reply) -> Answer:
    """Return what a reply means: only 2xx is a receipt, only a refusal of this event for good a rejection."""
    if reply.is_success:
        return Delivered()
    said = f"HTTP {reply.status} {reply.body.decode('utf-8', 'replace')}"
    if _REDIRECTS <= reply.status < _REFUSALS:
        there = reply.headers.get("location", "nowhere")
        return NotNow(f"HTTP {reply.status}: events are not taken to where it redirects; correct the URL ({there})")
    if is_for_good(reply.status):
        return Rejected(said)
    if reply.status in _ELSEWHERE:
        said = f"HTTP {reply.status}: nothing takes events at this address; correct the URL or its endpoint ({said})"
    wait = _wait(reply.headers)
    return NotNow(said, wait, is_of_one_record=reply.status >= _FAILURES and wait is None)


def is_for_good(status: int) -> bool:
    """True if a server that says so will never take this event."""
    return _REFUSALS <= status < _FAILURES and status not in _PASSING | _ELSEWHERE


def _wait(headers: dict[str, str]) -> float | None:
    """Return what Retry-After asks for, in seconds or as a time of day, up to a cap."""
    text = headers.get("retry-after", "")
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT_SECONDS)
    then = _seconds_of(text)
    if then is None:
        return None
    # By the server's clock, where it says what that shows.
    now = _seconds_of(headers.get("date", "")) or time.time()
    return min(max(then - now, 0.0), LONGEST_WAIT_SECONDS)


def _seconds_of(date: str) -> float | None:
    if not date.endswith("GMT"):
        return None
    with loading():
        from email.utils import parsedate_to_datetime  # 20 ms of CPU, and few servers say it so

    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
