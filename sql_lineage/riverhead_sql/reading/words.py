"""Tokens as the words of a language: what a token says where it is no name and no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

from riverhead_sql.reading.bounds import CLOSING, OPENING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlglot.tokenizer_core import Token

_VALUES = frozenset({
    TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER, TokenType.HEREDOC_STRING, TokenType.RAW_STRING,
    TokenType.NATIONAL_STRING, TokenType.BYTE_STRING, TokenType.UNICODE_STRING,
})  # fmt: skip
TEXTS = frozenset({
    TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING, TokenType.NATIONAL_STRING,
})  # fmt: skip


# Some tokenizers read PL/SQL's BULK COLLECT INTO as one word.
INTO = frozenset({"INTO", "BULK COLLECT INTO"})


def word(token: Token) -> str:
    """Return what a token says, in upper case; nothing for a quoted name or a value."""
    return "" if token.token_type in _VALUES else token.text.upper()


def words(tokens: Sequence[Token], most: int) -> list[str]:
    """Return what the first tokens say."""
    return [word(token) for token in tokens[:most]]


def outside(tokens: Sequence[Token], start: int = 0) -> Iterator[tuple[int, str]]:
    """Yield every word that stands in no parentheses and in no CASE, with its place."""
    depth = cases = 0
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.token_type in OPENING:
            depth += 1
        elif token.token_type in CLOSING:
            depth -= 1
        elif depth <= 0:
            said = word(token)
            if said == "CASE":
                cases += 1
            elif said == "END" and cases:
                cases -= 1
            elif said and not cases:
                yield index, said


def after_parentheses(tokens: Sequence[Token], start: int) -> int:
    """Return the place behind the parentheses that open at `start`."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += (tokens[place].token_type in OPENING) - (tokens[place].token_type in CLOSING)
        if depth == 0:
            return place + 1
    return len(tokens)


def after_name(tokens: Sequence[Token], start: int) -> int:
    """Return the place behind the name that starts at `start`: a, a.b, a.b.c."""
    end = start + 1
    while end + 1 < len(tokens) and word(tokens[end]) == ".":
        end += 2
    return end


def separated(tokens: Sequence[Token], separators: Collection[str]) -> Iterator[Sequence[Token]]:
    """Yield what stands between some words, outside parentheses."""
    start = 0
    for place, said in outside(tokens):
        if said in separators:
            yield tokens[start:place]
            start = place + 1
    yield tokens[start:]


def place_of(tokens: Sequence[Token], wanted: Collection[str], start: int = 0) -> int:
    """Return where the first of some words stands outside parentheses, or -1."""
    return next((index for index, said in outside(tokens, start) if said in wanted), -1)
