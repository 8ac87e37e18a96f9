"""Events to one URL, on a few kept connections, so that the server's time and ours pass side by side.

A second connection is opened only once the first ones have proved themselves, and no run has two events under way.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.http.answers import answer_of
from riverhead_emitter.delivery.http.lanes import Lane, Route
from riverhead_emitter.delivery.http.places import place_of, redirected
from riverhead_emitter.delivery.http.requests import (
    compressed,
    headers_of,
    request_head,
    secrets_of,
    with_body,
)
from riverhead_emitter.delivery.http.trust import context_for, default_context
from riverhead_emitter.delivery.reasons import told
from riverhead_emitter.delivery.sender import Answer, Delivered, NotNow, Rejected
from riverhead_emitter.delivery.turns import side_by_side
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from riverhead_emitter.delivery.http.replies import Reply
    from riverhead_emitter.delivery.http.tokens import Tokens
    from riverhead_emitter.delivery.sender import Parcel
    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import HttpSink, TokenEndpoint

_MOST_LANES = 4
_DELIVERED_PER_LANE = 8
# For a reply that may have come while an older one was waited for.
_LEAST_SECONDS = 0.05
_UNAUTHORISED = 401
_SAME_REQUEST_ELSEWHERE = {307, 308}


class _UnderWay:
    """An event on its lane."""

    __slots__ = ("body", "deadline", "failure", "lane", "run_id")

    def __init__(self, run_id: str, lane: Lane, body: bytes, deadline: float) -> None:
        self.run_id, self.lane, self.body, self.deadline = run_id, lane, body, deadline
        self.failure: NotNow | None = None


class HttpSender:
    """Sends events to one URL."""

    def __init__(self, sink: HttpSink, redaction: Redaction = REDACTION) -> None:
        self.address = sink.address
        self._redaction = redaction
        self._sink = sink
        self._place = place_of(sink.full_url, "OPENLINEAGE_URL")
        self._proxy = place_of(sink.proxy, "the proxy") if sink.proxy else None
        if self._proxy and self._proxy.origin.is_secure:
            raise ConfigurationError("the proxy must be spoken to over http://; https:// goes through its tunnel")
        self._route = Route(self._place.origin, self._proxy, self._trust)
        self._context: ssl.SSLContext | None = None
        self._headers = headers_of(sink, self._place)
        self._secrets = secrets_of(sink)
        self._tokens = self._tokens_of(sink.token) if sink.token else None
        self._idle: list[Lane] = []
        self._delivered = 0
        self._timed_out: set[str] = set()
        self._head, self._head_is_for = b"", ("", "")

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Post each event; up to four of different runs are under way together."""
        return side_by_side(
            parcels, self._width, lambda parcel: self._begun(parcel, seconds), self._finished, self._abandon
        )

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()

    def reach(self, seconds: float) -> None:
        """Connect, as for sending, and send nothing; OSError, Unavailable or ConfigurationError if that fails."""
        lane = Lane(self._route)
        try:
            lane.open(time.monotonic() + seconds)
        finally:
            lane.close()

    def _width(self) -> int:
        return min(_MOST_LANES, 1 + self._delivered // _DELIVERED_PER_LANE)

    def _begun(self, parcel: Parcel, seconds: float) -> _UnderWay:
        lane = self._idle.pop() if self._idle else Lane(self._route)
        body = compressed(parcel.event) if self._sink.is_compressed else parcel.event
        one = _UnderWay(parcel.run_id, lane, body, time.monotonic() + seconds)
        try:
            lane.post(self._request(self._place.path, one), one.deadline)
        except (OSError, Unavailable, ConfigurationError) as error:
            one.failure = self._failed(one, error)
        return one

    def _finished(self, one: _UnderWay) -> Answer:
        answer = one.failure or self._answered(one)
        self._idle.append(one.lane)
        if isinstance(answer, NotNow):
            self._delivered = 0
        elif isinstance(answer, Delivered):
            self._delivered += 1
        return answer

    def _abandon(self, one: _UnderWay) -> None:
        # Its answer would be taken for the next one's.
        one.lane.close()

    def _answered(self, one: _UnderWay) -> Answer:
        one.deadline = max(one.deadline, time.monotonic() + _LEAST_SECONDS)
        try:
            reply = self._reply(one)
        except (OSError, Unavailable, ConfigurationError) as error:
            return self._failed(one, error, is_of_one_record=self._is_of_one(one.run_id, error))
        self._timed_out.discard(one.run_id)
        answer = answer_of(reply)
        if isinstance(answer, Delivered):
            return answer
        reason = self._told(answer.reason)
        if isinstance(answer, Rejected):
            return Rejected(reason)
        return NotNow(reason, answer.after_seconds, answer.is_of_one_record)

    def _reply(self, one: _UnderWay) -> Reply:
        """Return the server's word, after one more try with a fresh token, or elsewhere on the same server."""
        lane = one.lane
        reply = lane.reply(one.deadline)
        path = self._place.path
        if reply.status == _UNAUTHORISED and self._tokens:
            self._tokens.forget()
        elif reply.status in _SAME_REQUEST_ELSEWHERE:
            there = redirected(self._place, reply.headers.get("location", ""))
            if there is None:
                return reply
            path = there.path
        else:
            return reply
        lane.post(self._request(path, one), one.deadline)
        return lane.reply(one.deadline)

    def _request(self, path: str, one: _UnderWay) -> bytes:
        bearer = self._tokens.bearer(one.deadline) if self._tokens else ""
        if (path, bearer) != self._head_is_for or not self._head:
            target, extra = self._route.target(path)
            headers = {**self._headers, **({"Authorization": f"Bearer {bearer}"} if bearer else {}), **extra}
            self._head = request_head(target, self._place.origin.authority, headers)
            self._head_is_for = (path, bearer)
        return with_body(self._head, one.body)

    def _is_of_one(self, run_id: str, error: Exception) -> bool:
        """True if a server that was sent an event may have failed at just that: it hung up, or took too long again."""
        if not isinstance(error, TimeoutError):
            return isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError)
        is_again = run_id in self._timed_out
        self._timed_out.add(run_id)
        return is_again

    def _failed(self, one: _UnderWay, error: Exception, *, is_of_one_record: bool = False) -> NotNow:
        one.lane.close()
        # Certificates may have been renewed since they were read.
        self._context = None
        return NotNow(self._told(f"{type(error).__name__}: {error}"), is_of_one_record=is_of_one_record)

    def _told(self, text: str) -> str:
        # A server may repeat the key that it does not like, and reasons go into logs and dead letters.
        bearer = self._head_is_for[1]
        return told(text, [*self._secrets, bearer] if bearer else self._secrets, self._redaction)

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = context_for(self._sink)
        return self._context

    def _tokens_of(self, endpoint: TokenEndpoint) -> Tokens:
        with loading():
            from riverhead_emitter.delivery.http.tokens import Tokens

        return Tokens(endpoint, lambda origin: Route(origin, self._proxy, lambda: default_context(self._sink.ca_file)))
