"""An event above its limit → the same event without what matters least, and with a facet that names what is gone.

What is above the limit by itself, and is not lineage, goes first. Then this is cut, in this order and only as far as
needed: source code, stack traces, SQL text, descriptions of columns, what takes an eighth of the limit and is not
lineage, column lineage (from the last column), schemas, statistics, every other facet (the largest first), and at last
the last datasets. Who ran, and the names of datasets for as long as they fit, stay whole; an event that is too large
even so is an UnreadableRecord.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnreadableRecord
from riverhead_emitter.facets.own.operation import trimmed
from riverhead_emitter.parts import Place, datasets, extras, facets
from riverhead_emitter.plain_values import Cut, beginning, kept, weight_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from riverhead_emitter.event import Event
    from riverhead_emitter.plain_values import Shorten

FACET = "riverhead_trimmed"
_TEXTS = (
    ("sourceCode", "sourceCode"),
    ("errorMessage", "stackTrace"),
    ("extractionError", "stackTrace"),
    ("sql", "query"),
)
_DESCRIPTIONS = frozenset({"description", "transformationDescription"})
_LINEAGE = frozenset({"columnLineage", "schema", "lineage", "symlinks", "parent", FACET})
_STATISTICS = frozenset({"columnMetrics", "dataQualityAssertions", "dataQualityMetrics", "inputStatistics",
                         "outputStatistics", "test"})  # fmt: skip
_SIDES = ("/inputs", "/outputs")
_KNOWN = _LINEAGE | _STATISTICS | {facet for facet, _ in _TEXTS}
_SLACK, _LEAST_KEPT_OF_A_TEXT = 200, 200
_AROUND_A_CUT = 100  # names and signs of its JSON, its size, and a longer reason when more is cut there
_MOST_NAMED, _LONGEST_PATH = 100, 200
_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def fitted(event: Event, largest: int, cuts: Sequence[Cut] = (), shortened: Shorten = beginning) -> Event:
    """Return a plain copy of the event whose JSON is no longer than `largest`, naming these cuts and its own.

    It is first measured by the number and length of its values, so that nothing far above the limit is serialised.
    """
    copy, own = kept(event, largest, shortened)
    if not isinstance(copy, dict):
        raise UnreadableRecord("an event is a JSON object")
    trim = _Trim(copy, largest, [*cuts, *own], shortened)
    for measured in (_estimated, _exact):
        if trim.fits(measured):
            continue
        for step in _STEPS:
            if trim.excess > 0:
                step(trim)
    if not trim.fits(_exact):
        raise UnreadableRecord(f"the names alone in an event take more than {largest} bytes")
    return trim.named()


class _Trim:
    """An event that is being cut: what it weighs, and what is gone from it."""

    def __init__(self, event: Event, largest: int, cuts: Sequence[Cut], shortened: Shorten) -> None:
        self.shortened = shortened
        self.event = event
        self.largest = largest
        self.measured: Callable[[Any], int] = _exact
        self._weight = 0
        self._named: dict[str, Cut] = {}
        self._count = 0
        self._before: dict[str, int] = {}
        self._facet_bytes = 0
        for cut in cuts:
            self.cut(cut.path, cut.why, cut.size)

    def fits(self, measured: Callable[[Any], int]) -> bool:
        """Weigh the whole event so, and from now on whatever is cut from it."""
        self.measured, self._weight = measured, measured(self.event)
        return self.excess <= 0

    @property
    def excess(self) -> int:
        """How many bytes too many there are, counting what the facet needs."""
        return self._weight + self._facet_bytes + (_SLACK if self._count else 0) - self.largest

    def cut(self, path: str, why: str, size: int | None = None) -> None:
        """Name what is gone, as far as a facet of an eighth of the limit goes; the rest is counted."""
        inert = path.encode("ascii", "backslashreplace").decode()[:_LONGEST_PATH]
        before = self._named.get(inert)
        if before is not None:  # cut further
            self._named[inert] = Cut(inert, why, (before.size or 0) + (size or 0))
            return
        self._count += 1
        needed = _exact(inert) + len(why) + _AROUND_A_CUT
        has_room = len(self._named) < _MOST_NAMED and self._facet_bytes + needed <= self.largest // 8
        # That datasets are missing is always said: the lineage is not whole then.
        if has_room or inert in _SIDES:
            self._named[inert] = Cut(inert, why, size)
            self._facet_bytes += needed

    def left_out(self, what: str, path: str, before: int, left: int) -> str:
        """Say how many are gone there, counting those that were cut before."""
        whole = self._before.setdefault(path, before)
        return f"{whole - left} of {whole} {what} are left out"

    def replace(self, place: Place, value: Any, why: str) -> None:
        """Put a smaller value, or nothing (None), in the place of another, and name what is gone."""
        before = self.measured(place.value)
        if value is None:
            del place.holder[place.key]
        else:
            place.holder[place.key] = value
        gone = before - (0 if value is None else self.measured(value))
        self._weight -= gone
        self.cut(place.path, why, gone)

    def named(self) -> Event:
        """Return the event with the facet, if anything is gone."""
        if self._count:
            told = [self.event.get(name) for name in ("run", "job", "dataset")]
            owner = next((owner for owner in told if isinstance(owner, dict)), self.event)
            if not isinstance(owner.get("facets"), dict):
                owner["facets"] = {}
            parts = [(path, cut.why, cut.size) for path, cut in self._named.items()]
            owner["facets"][FACET] = trimmed(parts, count=self._count, limit_bytes=self.largest)
        return self.event


def _estimated(value: Any) -> int:
    return weight_of(value, sys.maxsize - 1)


def _exact(value: Any) -> int:
    return len(_ENCODER.encode(value))


def _drop_impossible(trim: _Trim) -> None:
    _drop(trim, _strangers(trim), least=trim.largest)


def _shorten_texts(trim: _Trim) -> None:
    for facet, key in _TEXTS:
        for place in facets(trim.event, facet):
            for text in place.texts_under(key):
                _shorten(trim, text)


def _shorten(trim: _Trim, text: Place) -> None:
    room = trim.measured(text.value) - trim.excess - _SLACK
    if trim.excess <= 0 or len(text.value) <= _LEAST_KEPT_OF_A_TEXT:
        return
    length = max(min(room, len(text.value)), 0)
    while length > _LEAST_KEPT_OF_A_TEXT and (weight := trim.measured(text.value[:length])) > room:
        length = min(length - 1, length * room // weight)
    trim.replace(text, trim.shortened(text.value, length), "the text is cut short")


def _drop_descriptions(trim: _Trim) -> None:
    for place, _ in _heaviest(trim, [*facets(trim.event, "schema"), *facets(trim.event, "columnLineage")]):
        if trim.excess > 0 and (bare := _without_descriptions(place.value)) != place.value:
            trim.replace(place, bare, "descriptions are left out")


def _without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_descriptions(item)
            for key, item in value.items()
            if not (key in _DESCRIPTIONS and isinstance(item, str))
        }
    return [_without_descriptions(item) for item in value] if isinstance(value, list) else value


def _drop_large_strangers(trim: _Trim) -> None:
    _drop(trim, _strangers(trim), least=trim.largest // 8)


def _strangers(trim: _Trim) -> list[Place]:
    facet_places = [place for place in facets(trim.event) if place.key not in _KNOWN]
    return [*extras(trim.event), *facet_places]


def _shorten_column_lineage(trim: _Trim) -> None:
    for place, _ in _heaviest(trim, facets(trim.event, "columnLineage")):
        if trim.excess <= 0:
            return
        fields = place.value.get("fields") if isinstance(place.value, dict) else None
        if isinstance(fields, dict):
            left = _fitting(trim, list(fields.items()))
            value = {**place.value, "fields": dict(left)} if left else None
            trim.replace(place, value, trim.left_out("columns", place.path, len(fields), len(left)))


def _drop_schemas(trim: _Trim) -> None:
    _drop(trim, facets(trim.event, "schema"))


def _drop_statistics(trim: _Trim) -> None:
    _drop(trim, [place for place in facets(trim.event) if place.key in _STATISTICS])


def _drop_facets(trim: _Trim) -> None:
    found = [place for place in facets(trim.event) if place.key != FACET]
    _drop(trim, [*extras(trim.event), *(place for place in found if place.key != "parent")])
    _drop(trim, [place for place in found if place.key == "parent"])


def _drop_datasets(trim: _Trim) -> None:
    for path in _SIDES:
        side = path[1:]
        listed = datasets(trim.event, side)
        if trim.excess > 0 and listed:
            left = _fitting(trim, listed)
            place = Place(trim.event, side, path)
            trim.replace(place, left, trim.left_out("datasets", path, len(listed), len(left)))


def _drop(trim: _Trim, places: Iterable[Place], least: int = 0) -> None:
    for place, weight in _heaviest(trim, places):
        if trim.excess <= 0 or weight < least:
            return
        if place.key in place.holder:
            trim.replace(place, None, "left out as a whole")


def _heaviest(trim: _Trim, places: Iterable[Place]) -> list[tuple[Place, int]]:
    """Return these places, each with what it weighs, the heaviest first."""
    return sorted(((place, trim.measured(place.value)) for place in places), key=lambda pair: -pair[1])


def _fitting(trim: _Trim, entries: list[Any]) -> list[Any]:
    """Return the first of these, so many that what is left fits."""
    left, gone = len(entries), 0
    while left and gone < trim.excess + _SLACK:
        left -= 1
        gone += max(trim.measured(entries[left]) - 2, 0)
    return entries[:left]


_STEPS = (
    _drop_impossible,
    _shorten_texts,
    _drop_descriptions,
    _drop_large_strangers,
    _shorten_column_lineage,
    _drop_schemas,
    _drop_statistics,
    _drop_facets,
    _drop_datasets,
)
