"""How much of a text is read: what is beyond is said, never tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.tokenizer_core import Token

MOST_CHARACTERS = 5_000_000
# The compiled parser recurses in C: past some 10,000 levels it would take the process with it.
MOST_TOKENS = 200_000
_MANY_TOKENS = 1_000
MOST_NESTED = 500
MOST_JOINS = 2_000

OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


def readable(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens that say something: literal rows say nothing after the first of a bulk INSERT … VALUES."""
    if len(tokens) <= _MANY_TOKENS:
        return tokens
    kinds = [token.token_type for token in tokens]
    if kinds[0] != TokenType.INSERT or TokenType.VALUES not in kinds or TokenType.SELECT in kinds:
        return tokens
    depth = 0
    for index in range(kinds.index(TokenType.VALUES), len(kinds)):
        depth += (kinds[index] in OPENING) - (kinds[index] in CLOSING)
        if depth == 0 and kinds[index] in CLOSING:
            return tokens[: index + 1]
    return tokens


def excess(tokens: Sequence[Token]) -> str:
    """Return which bound a statement breaks, or nothing."""
    if len(tokens) > MOST_TOKENS:
        return f"it has more than {MOST_TOKENS:,} words"
    depth = deepest = joins = smaller = 0
    for token in tokens:
        kind = token.token_type
        if kind in OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif kind in CLOSING:
            depth -= 1
        joins += kind == TokenType.JOIN
        smaller += kind == TokenType.LT
    if deepest > MOST_NESTED or joins > MOST_JOINS or smaller > MOST_JOINS:
        return "it is nested too deeply"
    return ""
