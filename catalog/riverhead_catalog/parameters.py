"""Query parameters, each read with its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_catalog.answers import Refusal
from riverhead_catalog.times import microseconds

if TYPE_CHECKING:
    from starlette.requests import Request

_MOST_PER_PAGE = 1_000
_MOST = 2**62
_DEFAULT_PER_PAGE = 100


def page(request: Request) -> tuple[int, int]:
    """Return limit and offset."""
    return min(number(request, "limit", _DEFAULT_PER_PAGE), _MOST_PER_PAGE), number(request, "offset", 0)


def number(request: Request, name: str, default: int) -> int:
    """Return a whole number that is not negative."""
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    try:
        value = int(text)
    except ValueError:
        raise Refusal(400, f"query param {name} must be a whole number") from None
    if not 0 <= value <= _MOST:
        raise Refusal(400, f"query param {name} must be greater than or equal to 0")
    return value


def instant(request: Request, name: str) -> int | None:
    """Return a time, or None where none is given."""
    text = request.query_params.get(name)
    if not text:
        return None
    # A plus sign that nobody encoded arrives as a space.
    value = microseconds(text.replace(" ", "+"))
    if value is None and len(text) == len("2026-11-20"):
        value = microseconds(text + "T00:00:00Z")
    if value is None:
        raise Refusal(400, f"query param {name} must be a time such as 2026-11-20T08:00:00Z")
    return value


def required(request: Request, name: str) -> str:
    """Return a text that must be there."""
    value = request.query_params.get(name)
    if not value:
        raise Refusal(400, f"query param {name} must not be null")
    return value


def choice(request: Request, name: str, choices: tuple[str, ...], default: str) -> str:
    """Return one of several words, in any case."""
    value = request.query_params.get(name, default).upper()
    if value not in choices:
        raise Refusal(400, f"query param {name} must be one of [{', '.join(choices)}]")
    return value


def is_set(request: Request, name: str) -> bool:
    """True if a switch is on."""
    return request.query_params.get(name, "").lower() == "true"
