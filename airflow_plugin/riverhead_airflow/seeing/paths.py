"""Airflow's paths in object storage, as they are opened; Airflow's own collector sees only some ways to read them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from riverhead_airflow.seeing.methods import is_watched, mark
from riverhead_airflow.seeing.sources import class_path
from riverhead_airflow.texts import kept
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.snapshot import SeenAsset, SeenAssets
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction

_Side: TypeAlias = Literal["inputs", "outputs"]
# A path's methods by the mode in which they open it; `open` is told its own.
_MODES = {"open": "", "read_text": "r", "read_bytes": "r", "write_text": "w", "write_bytes": "w"}
# What a mode says of a side.
_SIGNS: tuple[tuple[_Side, str], ...] = (("inputs", "r+"), ("outputs", "wax+"))
_MOST_PATHS, _LONGEST = 500, 4 << 10


class Paths:
    """What one task opened, of which places, and how often."""

    def __init__(self, failures: FailureLog) -> None:
        self._failures = failures
        self._opened: dict[tuple[_Side, str], tuple[str, int]] = {}

    def begin(self) -> None:
        """Begin with another task."""
        self._opened = {}

    def watch(self, kind: type) -> None:
        """Watch a class of paths, and no class that it is made from: those are anybody's."""
        for name, mode in _MODES.items():
            original = getattr(kind, name, None)
            if original is not None and not is_watched(original):
                setattr(kind, name, mark(self._around(original, mode), original))

    def add_to(self, assets: SeenAssets, redaction: Redaction) -> None:
        """Add what was opened to what hooks told."""
        for (side, uri), (kind, count) in self._opened.items():
            fact: SeenAsset = {
                "uri": kept(uri, _LONGEST, redaction),
                "name": None,
                "count": count,
                "hook": kind,
                "extra": {},
            }
            assets[side].append(fact)
        self._opened = {}

    def _around(self, original: Callable[..., Any], mode: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def watched(path: Any, *args: Any, **named: Any) -> Any:
            given = original(path, *args, **named)
            with guard("seeing a path that is opened", self._failures):
                self._note(path, mode or str(args[0] if args else named.get("mode", "r")))
            return given

        return watched

    def _note(self, path: Any, mode: str) -> None:
        for side, signs in _SIGNS:
            key = side, str(path)
            if any(sign in mode for sign in signs) and (key in self._opened or len(self._opened) < _MOST_PATHS):
                kind, count = self._opened.get(key, (class_path(path), 0))
                self._opened[key] = kind, count + 1
