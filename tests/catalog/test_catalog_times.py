"""Times of every producer, as one kind of number."""

from __future__ import annotations

import pytest

from riverhead_catalog.times import iso, iso_short, microseconds


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T08:00:00Z",
        "2026-11-20T08:00:00.000Z",
        "2026-11-20T09:00:00+01:00",
        "2026-11-20T08:00",
        "2026-11-20T08:00:00.000000000Z",
        "2026-11-20T09:00:00+01:00[Europe/Paris]",
        1795161600000,
    ],
)
def test_the_same_instant_reads_the_same(written: object) -> None:
    instant = microseconds(written)

    assert instant is not None
    assert iso(instant) == "2026-11-20T08:00:00Z"


@pytest.mark.parametrize("written", ["yesterday", "", None, True, [], "2026-13-01T00:00:00Z", -1, 10**30, "2026-11-20"])
def test_what_is_no_time_is_none(written: object) -> None:
    assert microseconds(written) is None


def test_a_fraction_is_kept_and_an_empty_second_can_be_left_out() -> None:
    instant = microseconds("2026-11-20T08:00:00.120Z")

    assert instant is not None
    assert iso(instant) == "2026-11-20T08:00:00.12Z"
    assert iso_short(instant - 120_000) == "2026-11-20T08:00Z"
