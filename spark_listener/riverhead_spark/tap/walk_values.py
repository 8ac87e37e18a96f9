"""The fields of an operator, asked for over py4j, in the form of the tap's dump."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_spark.tap.jvm import elements, jvm_error
from riverhead_spark.tap.walk_kinds import EXPRESSIONS, Kinds, short_name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_DEPTH = 50
_LONGEST_TEXT = 4000
_LONGEST_SQL = 500
# Text is made for expressions that a person would read.
_MOST_WITH_TEXT = 100


class WalkValues:
    """Values of one plan."""

    def __init__(self, kinds: Kinds, query: Any, place: Callable[[Any], int], is_full: Callable[[], bool]) -> None:
        """Give plans the places that `place` says; ask no more where `is_full`."""
        self._kinds, self._query, self._place, self._is_full = kinds, query, place, is_full
        self._written = 0
        self.cut = 0

    def of(self, value: Any, *, is_name: bool = False) -> Any:
        """Return what can be written of a value, or None."""
        if self._is_full():
            self.cut += 1
            return None
        if not hasattr(value, "getClass"):
            return _own(value, is_name=is_name)
        kind = self._kinds.of(value)
        if kind in EXPRESSIONS:
            return self._expression_with_text(value, kind)
        return self._other(value, kind, is_name=is_name)

    def _other(self, value: Any, kind: str, *, is_name: bool) -> Any:
        match kind:
            case "option":
                return None if value.isEmpty() else self.of(value.get(), is_name=is_name)
            case "plan":
                return {"$": self._place(value)}
            case "elements":
                return self._list(value, is_name=is_name)
            case "text":
                return str(value.toString())[:_LONGEST_TEXT]
        try:
            return self._place_of_data(value, kind)
        except jvm_error():
            # A class that is not public answers the tap, and not py4j.
            self.cut += 1
            return None

    def _place_of_data(self, value: Any, kind: str) -> Any:
        match kind:
            case "catalog table":
                return self._catalog_table(value)
            case "catalog":
                return str(value.name())
            case "files":
                paths = [str(path.toUri().toString()) for path in elements(value.location().rootPaths())]
                return {"format": str(value.fileFormat().toString()), "paths": paths}
            case "table":
                location = value.properties().get("location")
                return {"table": str(value.name()), "class": short_name_of(value), "location": location}
            case "path":
                return str(value.toUri().toString())
        return None

    def _list(self, values: Any, *, is_name: bool) -> list[Any] | None:
        found: list[Any] = []
        for value in elements(values):
            written = self.of(value, is_name=is_name)
            # Rows of data, say: where the first says nothing, the others will not either.
            if written is None and not found and not self._is_literal(value):
                return None
            found.append(written)
            if self._is_full():
                self.cut += 1
                break
        return found

    def _is_literal(self, value: Any) -> bool:
        return hasattr(value, "getClass") and self._kinds.of(value) == "literal"

    def _catalog_table(self, table: Any) -> dict[str, Any]:
        catalog = self._query.sparkSession().sessionState().catalog()
        kind, provider, place = str(table.tableType().name()), table.provider(), table.storage().locationUri()
        location = str(place.get().toString()) if place.isDefined() else None
        if location is None and kind == "MANAGED":
            location = str(catalog.defaultTablePath(table.identifier()).toString())
        return {
            "table": str(catalog.qualifyIdentifier(table.identifier()).unquotedString()),
            "type": kind,
            "provider": str(provider.get()) if provider.isDefined() else None,
            "location": location,
        }

    def _expression_with_text(self, expression: Any, kind: str) -> Any:
        self._written = 0
        written = self._expression(expression, kind, 0)
        if isinstance(written, dict) and self._written <= _MOST_WITH_TEXT:
            try:
                of = expression.child() if written["e"] == "Alias" else expression
                if self._kinds.of(of) not in {"literal", "attribute"}:
                    written["s"] = str(of.sql())[:_LONGEST_SQL]
            except jvm_error():
                pass  # what is not resolved has no text
        return written

    def _expression(self, expression: Any, kind: str, depth: int) -> Any:
        self._written += 1
        if kind == "literal":
            return None
        id_ = self._id(expression) if kind in {"attribute", "named"} else None
        if kind == "attribute":
            return id_
        written: dict[str, Any] = {"e": short_name_of(expression)}
        if id_ is not None:
            written["id"] = id_
        if depth > _MOST_DEPTH or self._is_full():
            self.cut += 1
            return {**written, "refs": list(self._references(expression))}
        if kind == "subquery":
            written["plan"] = self._place(expression.plan())
        elif kind == "field":
            written["field"] = str(expression.extractFieldName())
        elif kind == "cast" and self._kinds.is_implicit(expression):
            written["implicit"] = True
        below = elements(expression.children())
        children = [self._expression(child, self._kinds.of(child), depth + 1) for child in below]
        return {**written, "k": children} if children else written

    def _references(self, expression: Any) -> Iterator[int]:
        for each in elements(expression.references()):
            yield int(each.exprId().id())

    def _id(self, expression: Any) -> int | None:
        try:
            return int(expression.exprId().id())
        except jvm_error():
            return None


def _own(value: Any, *, is_name: bool) -> Any:
    """Return what may be told of what py4j has turned into a value of Python's own."""
    if isinstance(value, str):
        return value[:_LONGEST_TEXT] if is_name else None
    return value if isinstance(value, (bool, int)) else None
