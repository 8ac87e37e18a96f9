"""Times as whole microseconds since 1970 in UTC: they compare, sort and store alike everywhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TIME = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,12}))?)?"
    r"\s?(?P<zone>[Zz]|[+-]\d\d(:?\d\d)?)?(\[[\w/+-]{1,64}\])?",
    re.ASCII,
)
_MOST_MILLISECONDS = 253_402_300_799_999  # the end of year 9999


def microseconds(value: object) -> int | None:
    """Return the instant that an event names, or None where it names none.

    A time without a zone is read as UTC and a number as milliseconds since 1970, as Marquez reads them.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value * 1000 if 0 <= value <= _MOST_MILLISECONDS else None
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    try:
        moment = datetime.fromisoformat(f"{match['minute']}:{match['second'] or '00'}.{fraction}+00:00")
        return (moment - _EPOCH - _offset(match["zone"])) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def iso(instant: int) -> str:
    """Return an instant as ISO 8601 in UTC, without a fraction where there is none."""
    moment = _moment(instant)
    return (
        moment.isoformat(timespec="microseconds").rstrip("0").rstrip(".") if moment.microsecond else moment.isoformat()
    ) + "Z"


def iso_or_none(instant: int | None) -> str | None:
    """Return an instant as ISO 8601, or None where there is none."""
    return None if instant is None else iso(instant)


def iso_short(instant: int) -> str:
    """Return an instant as ISO 8601 in which a zero second is left out, as Java writes it."""
    moment = _moment(instant)
    return moment.strftime("%Y-%m-%dT%H:%MZ") if not (moment.second or moment.microsecond) else iso(instant)


def _moment(instant: int) -> datetime:
    # Naive on purpose: the zone is always UTC and `iso` writes it as Z.
    moment = _EPOCH.replace(tzinfo=None)
    try:
        return moment + timedelta(microseconds=instant)
    except OverflowError:
        return datetime.max if instant > 0 else datetime.min  # noqa: DTZ901 - naive like the rest


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset
