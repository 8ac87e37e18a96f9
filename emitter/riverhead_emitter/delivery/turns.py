"""Sends events one by one or side by side, and answers them in their order: the rules that every sender keeps."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

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
    turns, coming = _Turns(begin, finish), iter(parcels)
    try:
        while True:
            # Room first: whoever gives out parcels may have heard by then that it is time to end.
            while turns.number and turns.number >= width():
                yield turns.answer()
            parcel = next(coming, None)
            if parcel is None:
                break
            while turns.has(parcel.run_id):
                yield turns.answer_before(parcel)
            turns.take(parcel)
        while turns.number:
            yield turns.answer()
    finally:
        turns.leave(abandon)


class _Turns(Generic[UnderWay]):
    """What is under way, in its order, and the runs that were refused."""

    def __init__(self, begin: Callable[[Parcel], UnderWay], finish: Callable[[UnderWay], Answer]) -> None:
        self._begin, self._finish = begin, finish
        self._refused: dict[str, NotNow] = {}
        self._under_way: deque[tuple[str, UnderWay | None]] = deque()

    @property
    def number(self) -> int:
        return len(self._under_way)

    def has(self, run_id: str) -> bool:
        return any(run == run_id for run, _ in self._under_way)

    def take(self, parcel: Parcel) -> None:
        is_refused = parcel.run_id in self._refused
        self._under_way.append((parcel.run_id, None if is_refused else self._begin(parcel)))

    def answer(self) -> Answer:
        """Wait for the first of them; the rest of its run is answered the same if it is refused."""
        run_id, one = self._under_way.popleft()
        answer = self._refused[run_id] if one is None else self._finish(one)
        if isinstance(answer, NotNow):
            self._refused[run_id] = answer
        return answer

    def answer_before(self, parcel: Parcel) -> Answer:
        """Wait for the first of them; what stops the sink stops a parcel that was asked for before that was known."""
        answer = self.answer()
        if isinstance(answer, NotNow) and not answer.is_of_one_record:
            self._refused[parcel.run_id] = answer
        return answer

    def leave(self, abandon: Callable[[UnderWay], object]) -> None:
        for _, one in self._under_way:
            if one is not None:
                abandon(one)


def _itself(parcel: Parcel) -> Parcel:
    return parcel
