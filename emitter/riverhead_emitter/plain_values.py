"""Whatever a host hands over → values that JSON can say, within bounds; what could not be kept is named.

Nothing here trusts a value: its text, its keys and its length may raise, lie or never end. Only the shape is walked,
breadth first, so that what stands near the top (an event's identity, the names of its datasets) is kept before what
lies deep.
"""

from __future__ import annotations

import gc
import itertools
import json
import math
import re
from collections import deque
from collections.abc import Mapping, Set
from enum import Enum
from operator import length_hint
from typing import TYPE_CHECKING, Any

from riverhead_emitter.host_signals import let_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from dataclasses import dataclass

    Shorten = Callable[[str, int], str]
else:
    from riverhead_emitter.frozen import dataclass

# What an event's JSON may have, unless the settings say otherwise.
LARGEST_EVENT = 2 << 20
# An expression of Spark's is told a hundred levels deep, each of which is an object in a list.
_DEEPEST = 240
_LONGEST_KEY = 1_000
_PLAIN = frozenset({dict, list, tuple, str, int, float, bool, type(None)})
_ONLY_TEXT = frozenset({str})
_LISTS = (list, tuple)
_HOLDERS = (dict, list, tuple, Mapping)
_UNDERSTOOD = (str, bytes, bytearray, int, float, *_HOLDERS)
_SIZED = frozenset({dict, list, tuple, str})
_SHORT_TEXTS = frozenset({"datetime", "decimal", "pathlib", "uuid", "zoneinfo"})
_MOST_WALKED = 1_000_000
_LEAST_VALUES = 20_000
_MOST_VALUES = 100_000  # each costs the host two microseconds, and an event has room for fewer
# It is text to nobody; the name of a file that is not UTF-8 has such halves.
HALF_A_CHARACTER = "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
_MOST_BITS = 3_300  # readers refuse more: Jackson 1,000 digits, Python 4,300


@dataclass(frozen=True, slots=True)
class Cut:
    """Something that was left out of a record: where it stood (a JSON Pointer), why, and its size, if that is known."""

    path: str
    why: str
    size: int | None = None


def pointed(key: str) -> str:
    """Return a name as a JSON Pointer has it."""
    return key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key


def weight_of(value: Any, most: int) -> int:
    """Return about how many bytes a value's JSON has, never more; above `most` it stops counting.

    What is not plain, is nested too deeply, or holds itself, weighs more than any limit, and so do names that are no
    text, because two of them may become one: all that must be looked at more closely. The collector's own walk sees
    every value inside in less time than serialising takes, runs no code of a host and looks at no text; a loop in
    Python would cost the host far more.
    """
    weight = seen = 0
    level: list[Any] = [value]
    dicts: list[dict[Any, Any]] = []
    for _ in range(_DEEPEST + 2):
        kinds = set(map(type, level))
        if not kinds <= _PLAIN:
            if not all(map(has_short_text, kinds - _PLAIN)):
                break
            level = [item for item in level if type(item) in _PLAIN]
        # Each has a quote, a bracket, a sign or a digit besides.
        weight += len(level) + sum(map(len if kinds <= _SIZED else length_hint, level))
        if weight > most:
            return weight
        seen += len(level)
        if seen > _MOST_WALKED:
            break
        if dict in kinds:
            dicts += level if len(kinds) == 1 else [item for item in level if type(item) is dict]
        level = gc.get_referents(*level)
        if not level:
            return weight + _weight_of_keys(dicts, weight, most)
    return most + 1


def _weight_of_keys(dicts: list[dict[Any, Any]], values: int, most: int) -> int:
    """Return what names weigh, which the collector does not show; 0 if there is room for the longest, as often as any.

    `values` is what all the rest weighs, and so at least how many names there are.
    """
    names = set(itertools.chain.from_iterable(dicts))
    if not _ONLY_TEXT.issuperset(map(type, names)):
        return most + 1
    if max(map(len, names), default=0) * values <= most:
        return 0
    return sum(map(len, itertools.chain.from_iterable(dicts)))


def beginning(text: str, longest: int) -> str:
    """Return so much of a text."""
    return text[:longest]


def kept(value: object, largest: int, shortened: Shorten = beginning) -> tuple[Any, list[Cut]]:
    """Return a copy of plain dicts, lists, texts, finite numbers and None, and what is missing from it.

    So many values are kept as fit into `largest` bytes, within reason, and as many characters of each text. `shortened`
    cuts a text; one that hides secrets first leaves none that is cut in two, which nobody would know for one.
    """
    return _Copy(largest, shortened).of(value)


class _Copy:
    def __init__(self, largest: int, shortened: Shorten) -> None:
        self._largest = largest
        self._shortened = shortened
        self._values_left = min(max(largest // 4, _LEAST_VALUES), _MOST_VALUES)
        # A list of very many datasets must leave room for their names.
        self._most_members = self._values_left // 5
        self._is_full = False
        self._cuts: list[Cut] = []
        self._waiting: deque[tuple[Any, Any, str, tuple[Any, ...]]] = deque()

    def of(self, value: object) -> tuple[Any, list[Cut]]:
        holder: list[Any] = []
        self._take(value, "", (), holder.append)
        while self._waiting:
            source, target, path, above = self._waiting.popleft()
            self._fill(source, target, path, above)
        return holder[0], self._cuts

    def _fill(self, source: Any, target: Any, path: str, above: tuple[Any, ...]) -> None:
        try:
            for at, (name, item) in enumerate(_members(source)):
                if at >= self._most_members or self._values_left <= 0:
                    self._break_off(path, above[0], at)
                    return
                self._values_left -= 1
                if isinstance(target, dict):
                    key = self._key(name, path)
                    place = f"{path}/{pointed(key)}"
                    if key in target:
                        self._cut(place, "another value of this name")
                    else:
                        self._take(item, place, above, _into(target, key))
                else:
                    self._take(item, f"{path}/{at}", above, target.append)
        except Exception as error:  # noqa: BLE001 - a host's container may do anything when it is read
            let_through(error)
            self._cut(path, f"it could not be read ({type(error).__name__})")

    def _take(self, value: Any, path: str, above: tuple[Any, ...], put: Callable[[Any], object]) -> None:
        """Put a leaf's plain form, or an empty container that is filled when its turn comes."""
        try:
            content = value if type(value) in _PLAIN else _content_of(value, self._most_members)
        except Exception as error:  # noqa: BLE001 - so may an object that is only asked what it is
            let_through(error)
            self._cut(path, f"it could not be read ({type(error).__name__})")
            put(None)
            return
        if not isinstance(content, _HOLDERS):
            put(self._leaf(content, path))
        elif _is_above(value, above):
            self._cut(path, "it holds itself")
            put(None)
        elif (depth := above[1] + 1 if above else 1) > _DEEPEST:
            self._cut(path, "nested too deeply")
            put(None)
        else:
            target: Any = [] if isinstance(content, _LISTS) else {}
            put(target)
            self._waiting.append((content, target, path, (value, depth, above)))

    def _leaf(self, value: Any, path: str) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, float):
            if math.isfinite(value):
                return float(value)
            self._cut(path, "not a finite number")
            return None
        if isinstance(value, int):
            return self._whole(int(value), path)
        return self._text(value, path)

    def _whole(self, value: int, path: str) -> int | str:
        if value.bit_length() <= _MOST_BITS:
            return value
        self._cut(path, "a number of too many digits", value.bit_length() // 8)
        return f"a number of {value.bit_length()} bits"

    def _text(self, value: Any, path: str) -> str:
        if type(value) is str and value.isascii() and len(value) <= self._largest:
            return value  # as most are, and all of it is kept
        try:
            text = _decoded(value, self._largest)
        except Exception as error:  # noqa: BLE001 - an object may do anything when it is asked for its text
            let_through(error)
            self._cut(path, f"it has no text ({type(error).__name__})")
            return f"a {type(value).__name__} without a text"
        first = text if len(text) <= self._largest else self._shortened(text, self._largest)
        whole = _in_whole_characters(first)
        if whole != first:
            self._cut(path, "not all of it is text")
        if len(text) > len(first):
            self._cut(path, "longer than there is room for", len(text) - len(first))
        return whole

    def _key(self, name: Any, path: str) -> str:
        key = json.dumps(name) if name is None or isinstance(name, bool) else self._text(name, f"{path}/?")
        if len(key) > _LONGEST_KEY:
            self._cut(f"{path}/{pointed(key[:40])}…", "a name that is too long", len(key))
        return key[:_LONGEST_KEY]

    def _break_off(self, path: str, source: Any, at: int) -> None:
        if not self._is_full:
            self._cut(path, f"more values than are kept; it has {_length_of(source, at)}")
        # Once nothing more is kept at all, that is said once.
        self._is_full = self._values_left <= 0

    def _cut(self, path: str, why: str, size: int | None = None) -> None:
        self._cuts.append(Cut(path, why, size))


def _members(source: Any) -> Iterable[tuple[Any, Any]]:
    # Never a subclass's own method where the builtin's sees the same.
    if isinstance(source, dict):
        return list(dict.items(source)) if len(source) < 1_000 else dict.items(source)  # noqa: PLR2004 - threads
    if isinstance(source, Mapping):
        return source.items()
    return zip(itertools.repeat(None), source, strict=False)


def _content_of(value: Any, most: int) -> Any:
    """Return what stands for a value: of a set its members, of an Enum its value, of a dataclass its fields.

    Of a set of more than `most` members these are any, one too many: putting millions in order takes a host's time.
    """
    if isinstance(value, _UNDERSTOOD):
        return value
    if isinstance(value, Set):
        return sorted(itertools.islice(value, most + 1), key=str)
    if isinstance(value, Enum):
        return value.value
    if hasattr(type(value), "__dataclass_fields__"):
        return {name: getattr(value, name, None) for name in type(value).__dataclass_fields__}
    return value


def _decoded(value: Any, largest: int) -> str:
    """Return a value's text, which may have halves of characters in it; of bytes one more than is kept."""
    if isinstance(value, str):
        return str.__getitem__(value, slice(largest + 1)) if type(value) is not str else value
    if isinstance(value, bytes | bytearray):
        return bytes(value[: largest + 1]).decode("utf-8", "surrogateescape")
    return text_of(value)


def _in_whole_characters(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub(HALF_A_CHARACTER, "\ufffd", text)
    return text


def text_of(value: object) -> str:
    """Return an object's text, of a moment its ISO form; whatever the object raises passes through."""
    is_moment = type(value).__module__ == "datetime" and hasattr(value, "isoformat")
    return str(value.isoformat()) if is_moment else str(value)  # type: ignore[attr-defined]  # asked the line above


def has_short_text(kind: type) -> bool:
    """True of the standard library's own leaves, whose texts are short and harmless."""
    return kind.__module__.partition(".")[0] in _SHORT_TEXTS


def _is_above(value: object, above: tuple[Any, ...]) -> bool:
    while above:
        if above[0] is value:
            return True
        above = above[2]
    return False


def _length_of(source: Any, at_least: int) -> int:
    try:
        return len(source)
    except Exception as error:  # noqa: BLE001 - a container that does not know or does not say
        let_through(error)
        return at_least


def _into(target: dict[str, Any], key: str) -> Callable[[Any], object]:
    return lambda item: target.__setitem__(key, item)
