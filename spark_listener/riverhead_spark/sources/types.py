"""Spark's names of types (`struct<id:int,tags:array<string>>`) → the fields of a schema. Pure."""

from __future__ import annotations

import re

from riverhead_emitter.model import Field

# A deeper structure stays text: nobody reads a schema down to there.
_MOST_DEPTH = 30
# A plain type with its parameters, or an interval's or a string's several words.
_PLAIN = re.compile(r"[a-zA-Z_][\w ]*(?:\([^()]*\))?[\w ]*")
_NAME = re.compile(r"`((?:[^`]|``)*)`:|([^:]*):")


class _UnknownTypeError(Exception):
    """The text is no type that is known."""


def field_of(name: str, type_: str) -> Field:
    """Return a column as a field; one that holds structures has their fields, arrays and maps in the agent's form."""
    if "struct<" not in type_:
        return Field(name, type_)
    try:
        found, end = _read(name, type_, 0, 0)
    except _UnknownTypeError:
        return Field(name, type_)
    return found if end == len(type_) else Field(name, type_)


def _read(name: str, text: str, at: int, depth: int) -> tuple[Field, int]:
    if depth > _MOST_DEPTH:
        raise _UnknownTypeError
    for kind, elements in (("struct", None), ("array", ("_element",)), ("map", ("key", "value"))):
        if text.startswith(f"{kind}<", at):
            fields, end = _within(elements, text, at + len(kind) + 1, depth + 1)
            is_plain = kind != "struct" and not any(field.fields for field in fields)
            return Field(name, text[at:end]) if is_plain else Field(name, kind, fields=fields), end
    plain = _PLAIN.match(text, at)
    if plain is None:
        raise _UnknownTypeError
    return Field(name, plain[0].strip()), plain.end()


def _within(elements: tuple[str, ...] | None, text: str, at: int, depth: int) -> tuple[tuple[Field, ...], int]:
    """Read what stands between angle brackets: named fields of a struct, elements of what has no names."""
    fields: list[Field] = []
    if text.startswith(">", at):
        return (), at + 1
    while True:
        name, at = _named(text, at) if elements is None else (elements[min(len(fields), len(elements) - 1)], at)
        field, at = _read(name, text, at, depth)
        fields.append(field)
        if not text.startswith((",", ">"), at):
            raise _UnknownTypeError
        at += 1
        if text[at - 1] == ">":
            return tuple(fields), at


def _named(text: str, at: int) -> tuple[str, int]:
    found = _NAME.match(text, at)
    if found is None:
        raise _UnknownTypeError
    return found[2] if found[1] is None else found[1].replace("``", "`"), found.end()
