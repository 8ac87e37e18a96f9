"""Small claims about pieces of JSON, and the sentence for each that does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """True if the value is a JSON object."""
    return isinstance(value, dict)


def is_text(value: object) -> TypeGuard[str]:
    """True if the value is a JSON text."""
    return isinstance(value, str)


def missing(value: object, path: str, wanted: str = "an object") -> Iterator[str]:
    """Yield the sentence for a value that is absent or of the wrong kind."""
    yield f"{path} must not be null" if value is None else f"{path} must be {wanted}"


def text(holder: Mapping[str, Any], field: str, path: str, *, is_name: bool = False) -> Iterator[str]:
    """Yield what is wrong with a text; a name must say something and hold no NUL, which no store can keep."""
    value = holder.get(field)
    if not is_text(value):
        yield from missing(value, path, "a text")
    elif is_name and not value:
        yield f"{path} must not be empty"
    elif is_name and "\0" in value:
        yield f"{path} must not contain a NUL character"


def objects(value: object, path: str) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """Return the objects of a list with their paths, and what is wrong with it; an absent list is empty."""
    if value is None:
        return [], []
    if not isinstance(value, list):
        return [], [f"{path} must be a list"]
    paths = [(f"{path}[{index}]", entry) for index, entry in enumerate(value)]
    return (
        [(where, entry) for where, entry in paths if is_object(entry)],
        [f"{where} must be an object" for where, entry in paths if not is_object(entry)],
    )
