"""The variables, parameters and records that a text declares: named like columns, and no dataset's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

from riverhead_sql.reading.words import INTO, after_parentheses, outside, place_of, word, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.tokenizer_core import Token

_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_HEADS = frozenset({"PROCEDURE", "PROC", "FUNCTION", "CURSOR"})
_LOOPS = frozenset({"FOR", "FORALL"})
_COLLECTS = frozenset({"BULK", "COLLECT"})


def declared_in(piece: Sequence[Token], *, is_declaring: bool) -> dict[str, str]:
    """Return the names that a piece of a text declares, and whose rows each goes through: its own, or a cursor's.

    `is_declaring` says that the piece stands between DECLARE and BEGIN.
    """
    return {name: name for name in _sections(piece, is_declaring=is_declaring)} | dict(_records(piece))


def _records(piece: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield what statements themselves declare or fill: LET total, FOR row IN …, FETCH cursor INTO row."""
    fetch = -1
    for place, said in outside(piece):
        name = piece[place + 1].text.lower() if place + 1 < len(piece) else ""
        if said == "FETCH":
            fetch = place
        elif said in INTO and fetch >= 0:
            before = [token.text.lower() for token in piece[fetch + 1 : place] if word(token) not in _COLLECTS]
            if name and before and words(piece[place + 2 :], 1) in ([], ["LIMIT"]):
                yield name, before[-1]
            fetch = -1
        elif said == "LET" and name:
            yield name, name
        elif said in _LOOPS and words(piece[place + 2 :], 1) == ["IN"]:
            is_cursor = len(piece) > place + 3 and word(piece[place + 3]) not in {"(", "SELECT", "WITH"}
            yield name, piece[place + 3].text.lower() if is_cursor else name


def _sections(piece: Sequence[Token], *, is_declaring: bool) -> Iterator[str]:
    """Yield what a DECLARE, or the head of a procedure, declares."""
    first = words(piece, 1)
    if first == ["DECLARE"]:
        yield from _listed(piece[1:])
    elif is_declaring:
        yield from _listed(piece)
    head = place_of(piece, _HEADS)
    opened = next((place for place in range(head, len(piece)) if word(piece[place]) == "("), -1) if head >= 0 else -1
    if head >= 0:
        # PROCEDURE p (…) IS total NUMBER;
        inside = place_of(piece, {"IS", "AS"}, head)
        yield from _listed(piece[inside + 1 : inside + 2]) if inside >= 0 else ()
    if 0 <= opened <= head + 6:
        yield from _parameters(piece[opened + 1 : after_parentheses(piece, opened) - 1])


def _listed(tokens: Sequence[Token]) -> Iterator[str]:
    """`a, b INT64`: names up to a type."""
    for place in range(0, len(tokens), 2):
        if tokens[place].token_type == TokenType.VAR:
            yield tokens[place].text.lower()
        if words(tokens[place + 1 :], 1) != [","]:
            return


def _parameters(tokens: Sequence[Token]) -> Iterator[str]:
    is_start, depth = True, 0
    for token in tokens:
        said = word(token)
        depth += (said == "(") - (said == ")")
        if is_start and said not in _MODES:
            yield token.text.lower()
            is_start = False
        is_start = is_start or (said == "," and depth == 0)
