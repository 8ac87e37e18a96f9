"""The variables, parameters and records that a text declares: named like columns, and no dataset's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

from riverhead_sql.reading.words import after_parentheses, outside, place_of, word, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.tokenizer_core import Token

_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_HEADS = frozenset({"PROCEDURE", "PROC", "FUNCTION", "CURSOR"})
_INTO = frozenset({"INTO", "BULK COLLECT INTO"})
_COLLECTS = frozenset({"BULK", "COLLECT"})


def declared_in(piece: Sequence[Token], *, is_declaring: bool) -> Iterator[str]:
    """Yield the names that a piece of a text declares; `is_declaring` says that it stands between DECLARE and BEGIN."""
    first = words(piece, 1)
    for place, said in outside(piece):
        # FOR row IN …, FORALL i IN …, LET total := …
        if said == "LET" or (said in {"FOR", "FORALL"} and words(piece[place + 2 :], 1) == ["IN"]):
            yield from (token.text.lower() for token in piece[place + 1 : place + 2])
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


def fetched_in(piece: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield the records that go through a cursor's rows, and the cursor: FOR row IN cursor, FETCH cursor INTO row."""
    for place, said in outside(piece):
        if said == "FOR" and words(piece[place + 2 :], 1) == ["IN"] and len(piece) > place + 3:
            record, cursor = piece[place + 1], piece[place + 3]
            if word(cursor) not in {"(", "SELECT", "WITH"}:
                yield record.text.lower(), cursor.text.lower()
    fetch = place_of(piece, {"FETCH"})
    into = place_of(piece, _INTO, fetch) if fetch >= 0 else -1
    if into > 1 and words(piece[into + 2 :], 1) in ([], ["LIMIT"]) and len(piece) > into + 1:
        before = [token.text for token in piece[fetch + 1 : into] if word(token) not in _COLLECTS]
        yield from ((piece[into + 1].text.lower(), cursor.lower()) for cursor in before[-1:])


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
