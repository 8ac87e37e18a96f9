"""How much of a text is read: what is beyond is said, never tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.tokenizer_core import Token

MOST_CHARACTERS = 1_000_000
# The compiled parser recurses in C: past some 10,000 levels it would take the process with it.
MOST_TOKENS = 200_000
_MANY_TOKENS = 1_000
MOST_NESTED = 200
MOST_JOINS = 2_000
_MOST_REPEATED = 50
# A chain of joins without a condition is parsed twice from each of them on.
_MOST_BARE_JOINS = 14

OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})

_JOINS = frozenset({TokenType.JOIN, TokenType.STRAIGHT_JOIN})
# A join with one of these is as good as done.
_CONDITIONS = frozenset({TokenType.ON, TokenType.USING, TokenType.CROSS, TokenType.NATURAL})
# Of these many may follow each other, and none goes deeper.
_FLAT = OPENING | CLOSING | {TokenType.STRING, TokenType.COMMA}


def within_bounds(text: str) -> tuple[str, str]:
    """Return what is read of a text, and why the rest is not."""
    if len(text) <= MOST_CHARACTERS:
        return text, ""
    # A bulk INSERT has no end here; its rows have.
    end = max(text.rfind(sign, 0, MOST_CHARACTERS) for sign in ";)") + 1
    return text[: end or MOST_CHARACTERS], f"the text has more than {MOST_CHARACTERS:,} characters"


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


def has_too_many(tokens: Sequence[Token]) -> str:
    """Return that a statement has too many words, or nothing."""
    return f"it has more than {MOST_TOKENS:,} words" if len(tokens) > MOST_TOKENS else ""


def excess(tokens: Sequence[Token]) -> str:
    """Return which bound a statement breaks, or nothing."""
    if has_too_many(tokens):
        return has_too_many(tokens)
    depth = deepest = joins = bare = smaller = repeated = 0
    previous: TokenType | None = None
    is_deeper = False
    for token in tokens:
        kind = token.token_type
        # NOT NOT NOT, a::int::int: each goes a level deeper.
        repeated = repeated + 1 if kind == previous and kind not in _FLAT else 0
        previous = kind
        bare = max(0, bare + (kind in _JOINS) - (kind in _CONDITIONS))
        is_deeper = is_deeper or repeated > _MOST_REPEATED or bare > _MOST_BARE_JOINS
        if kind in OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif kind in CLOSING:
            depth -= 1
        joins += kind in _JOINS or kind == TokenType.LATERAL
        smaller += kind == TokenType.LT
    if is_deeper or deepest > MOST_NESTED or joins > MOST_JOINS or smaller > MOST_JOINS:
        return "it is nested too deeply"
    return ""
