"""Teradata's phrases behind a value: amount (DECIMAL(9, 2)), day (DATE, FORMAT 'YYYY-MM-DD'), total (NAMED t)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

from riverhead_sql.reading.words import TEXTS, after_parentheses, separated, word, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_VALUES = frozenset({TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.R_PAREN}) | TEXTS
_QUERIES = frozenset({"SELECT", "SEL", "SET", "WHERE"})
_TYPES = frozenset({
    "BYTEINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "DECIMAL", "DEC", "NUMERIC", "NUMBER", "FLOAT", "REAL", "CHAR",
    "CHARACTER", "VARCHAR", "CLOB", "BYTE", "VARBYTE", "BLOB", "DATE", "TIME", "TIMESTAMP",
})  # fmt: skip
# They are values as well: TO_CHAR(DATE) is today as a text, where `day (DATE)` is a cast.
_MOMENTS = frozenset({"DATE", "TIME"})
_SHOWN = frozenset({"FORMAT", "TITLE"})
_MANNERS = (["UPPERCASE"], ["CASESPECIFIC"], ["NOT", "CASESPECIFIC"])
_OPENING = _TYPES | _SHOWN | {"NAMED", "UPPERCASE", "CASESPECIFIC", "NOT"}


def without_phrases(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return tokens whose phrases are written as other dialects do: a cast as `::`, a name as AS."""
    plain: list[Token] = []
    place, is_query = 0, False
    while place < len(tokens):
        token = tokens[place]
        # What stands in parentheses before a query are names: INSERT INTO t (a, b).
        is_query = is_query or word(token) in _QUERIES
        if is_query and _may_open(tokens, place):
            end = after_parentheses(tokens, place)
            meant = _meant(tokens[place + 1 : end - 1], is_apart=tokens[place - 1].end + 1 < token.start)
            if meant is not None:
                plain += meant
                place = end
                continue
        plain.append(token)
        place += 1
    return plain


def _may_open(tokens: Sequence[Token], place: int) -> bool:
    is_behind_value = tokens[place].token_type == TokenType.L_PAREN and tokens[place - 1].token_type in _VALUES
    return is_behind_value and place + 1 < len(tokens) and word(tokens[place + 1]) in _OPENING


def _meant(phrase: Sequence[Token], *, is_apart: bool) -> list[Token] | None:
    """Return the tokens that mean the same, or None where this is no phrase: a function's values, say."""
    cast: list[Token] = []
    name: list[Token] = []
    for part in filter(None, separated(phrase, {","})):
        first = word(part[0])
        is_moment = first in _MOMENTS and len(phrase) == 1 and not is_apart
        if first in _TYPES and not is_moment and (len(part) == 1 or after_parentheses(part, 1) == len(part)):
            cast = [_token(TokenType.DCOLON, "::", part[0]), *part]
        elif first == "NAMED" and part[1:] and not part[2:]:
            name = [_token(TokenType.ALIAS, "AS", part[0]), part[1]]
        elif not (first in _SHOWN and words(part[1:], len(part)) == [""]) and words(part, len(part)) not in _MANNERS:
            return None
    return [*cast, *name]


def _token(kind: TokenType, text: str, beside: Token) -> Token:
    return Token(kind, text, beside.line, beside.col, beside.start, beside.end)
