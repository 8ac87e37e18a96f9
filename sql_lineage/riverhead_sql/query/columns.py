"""The columns that a relation is known to have, found by name as a database would."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class KnownColumns:
    """Columns in order; a name is found as it is written, else in any case where only one fits."""

    __slots__ = ("_by_fold", "_exact", "names")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        # Of a field that is listed by its path the column is known as well.
        self._exact = frozenset(self.names) | {name.partition(".")[0] for name in self.names if "." in name}
        self._by_fold: dict[str, str | None] = {}

    def find(self, name: str) -> str | None:
        """Return the column that a name means, or None if there is none, or more than one."""
        if name in self._exact:
            return name
        if not self._by_fold:
            for each in self.names:
                fold = each.lower()
                self._by_fold[fold] = None if fold in self._by_fold else each
        return self._by_fold.get(name.lower())
