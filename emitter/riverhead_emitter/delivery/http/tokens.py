"""Bearer tokens from a token endpoint: fetched when the first event leaves, kept until they are about to expire."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from riverhead_emitter.delivery.http.lanes import Lane
from riverhead_emitter.delivery.http.places import basic_credential, place_of
from riverhead_emitter.delivery.http.requests import request_head, with_body
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_emitter.delivery.http.lanes import Route
    from riverhead_emitter.delivery.http.places import Origin
    from riverhead_emitter.settings import TokenEndpoint

# What may stand in a header; a token is a server's text like any other.
_LONGEST_TOKEN = 1 << 15
_PARTS_OF_A_JWT = 3


class Tokens:
    """The token of one sink."""

    def __init__(self, endpoint: TokenEndpoint, route_to: Callable[[Origin], Route]) -> None:
        place = place_of(endpoint.url, "the token endpoint")
        route = route_to(place.origin)
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": f"riverhead/{VERSION}",
            "Connection": "close",
        }
        if endpoint.basic:
            user, secret = (quote_plus(part).encode() for part in endpoint.basic)
            headers["Authorization"] = basic_credential(user, secret)
        target, extra = route.target(place.path)
        head = request_head(target, place.origin.authority, {**headers, **extra})
        self._request = with_body(head, urlencode(endpoint.form).encode())
        self._endpoint, self._route = endpoint, route
        self._token, self._ends_at = "", 0.0

    def bearer(self, deadline: float) -> str:
        """Return a token, a fresh one if need be; Unavailable or OSError if none can be had."""
        if not self._token or time.time() >= self._ends_at:
            self._token, self._ends_at = self._fetched(deadline)
        return self._token

    def forget(self) -> None:
        """Drop the token, which the server did not like."""
        self._token = ""

    def _fetched(self, deadline: float) -> tuple[str, float]:
        lane = Lane(self._route)
        try:
            lane.post(self._request, deadline)
            reply = lane.reply(deadline, is_read_whole=True)
        finally:
            lane.close()
        if not reply.is_success:
            raise Unavailable(f"the token endpoint answers HTTP {reply.status}")
        said = _object(reply.body)
        found = (_field(said, name) for name in self._endpoint.token_fields)
        token: str = next((value for value in found if isinstance(value, str) and _is_fit(value)), "")
        if not token:
            raise Unavailable("the token endpoint's answer holds no token")
        return token, self._end_of(token, _number(_field(said, self._endpoint.expires_in_field)))

    def _end_of(self, token: str, expires_in: float | None) -> float:
        now = time.time()
        end = _expiry_in(token) if expires_in is None else now + expires_in
        # One that says nothing of its end is used until the server refuses it.
        return float("inf") if end is None else max(end - self._endpoint.refresh_seconds, now + 1.0)


def _object(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Unavailable("the token endpoint's answer is no JSON object")
    return said


def _field(said: dict[str, Any], name: str) -> Any:
    if name in said:
        return said[name]
    plain = name.lower().replace("_", "")
    return next((value for key, value in said.items() if key.lower().replace("_", "") == plain), None)


def _is_fit(token: str) -> bool:
    return token.isascii() and token.isprintable() and 0 < len(token) <= _LONGEST_TOKEN


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < float("inf") else None


def _expiry_in(token: str) -> float | None:
    """Return when a JWT says that it ends."""
    parts = token.split(".")
    if len(parts) != _PARTS_OF_A_JWT:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return _number(claims.get("exp")) if isinstance(claims, dict) else None
