"""Sends events one by one or side by side, and answers them in their order: the rules that every sender keeps."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from riverhead_emitter.delivery.sender import Answer, NotNow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riverhead_emitter.delivery.sender import Parcel

UnderWay = TypeVar("UnderWay")


def one_by_one(
    parcels: Iterable[Parcel], seconds: float, deliver: Callable[[Parcel, float], Answer]
) -> Iterator[Answer]:
    """Yield what `deliver` answers for each parcel, for sinks that gain nothing from more than one under way."""
    return side_by_side(parcels, lambda: 1, _itself, lambda parcel: deliver(parcel, seconds), _itself)


def side_by_side(
    parcels: Iterable[Parcel],
    width: Callable[[], int],
    begin: Callable[[Parcel], UnderWay],
    finish: Callable[[UnderWay], Answer],
    abandon: Callable[[UnderWay], object],
) -> Iterator[Answer]:
    """Yield an answer per parcel: `begin` sends one, `finish` waits for its answer.

    No more than `width` are under way, and never two of one run; the rest of a refused run is answered the same,
    unsent. What was begun and is not asked for any more is abandoned.
    """
    refused: dict[str, NotNow] = {}
    under_way: deque[tuple[str, UnderWay | None]] = deque()

    def next_answer() -> Answer:
        run_id, one = under_way.popleft()
        answer = refused[run_id] if one is None else finish(one)
        if isinstance(answer, NotNow):
            refused[run_id] = answer
        return answer

    coming = iter(parcels)
    try:
        while True:
            # Room first: whoever gives out parcels may have heard by then that it is time to end.
            while under_way and len(under_way) >= width():
                yield next_answer()
            parcel = next(coming, None)
            if parcel is None:
                break
            while any(run_id == parcel.run_id for run_id, _ in under_way):
                answer = next_answer()
                if isinstance(answer, NotNow) and not answer.is_of_one_record:
                    refused[parcel.run_id] = answer  # it was asked for before that was known
                yield answer
            under_way.append((parcel.run_id, None if parcel.run_id in refused else begin(parcel)))
        while under_way:
            yield next_answer()
    finally:
        _abandon_all([one for _, one in under_way], abandon)


def _abandon_all(left: list[UnderWay | None], abandon: Callable[[UnderWay], object]) -> None:
    for one in left:
        if one is not None:
            abandon(one)


def _itself(parcel: Parcel) -> Parcel:
    return parcel
