"""CREATE … AS query, without all that a dialect may say between the name and AS, and behind the query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

from riverhead_sql.reading.words import after_name, after_parentheses, outside, place_of, word, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEMPORARY = frozenset({"TEMP", "TEMPORARY", "VOLATILE"})
# What starts a clause behind a view's query: WITH NO DATA, WITH CHECK OPTION.
_BEHIND = frozenset({"NO", "DATA", "READ", "CHECK", "CASCADED", "LOCAL"})
_UNITES = frozenset({"UNION", "EXCEPT", "INTERSECT", "MINUS"})
# DuckDB's CREATE TABLE t AS PIVOT …, which its parser takes in parentheses only.
_SELECT_FROM = (
    Token(TokenType.SELECT, "SELECT"),
    Token(TokenType.STAR, "*"),
    Token(TokenType.FROM, "FROM"),
    Token(TokenType.L_PAREN, "("),
)


def plainly_created(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return CREATE … AS with its name, its columns and its query only; nothing for anything else."""
    kind = place_of(tokens, {"TABLE", "VIEW"})
    made = place_of(tokens, {"AS"}, kind)
    if words(tokens, 1) != ["CREATE"] or kind < 0 or made < 0:
        return ()
    start = kind + (4 if words(tokens[kind + 1 :], 3) == ["IF", "NOT", "EXISTS"] else 1)
    end = after_name(tokens[:made], start)
    # Parentheses behind the name hold its columns; others hold options: (DISTRIBUTION = …).
    listed = after_parentheses(tokens, end) if word(tokens[end]) == "(" else end
    columns = () if any(word(token) == "CONSTRAINT" for token in tokens[end:listed]) else tokens[end:listed]
    said = {word(token) for token in [*tokens[:kind], *tokens[listed:made]]}
    temporary = [Token(TokenType.TEMPORARY, "TEMPORARY")] if said & _TEMPORARY else []
    replaced = tokens[1:3] if words(tokens[1:], 2) == ["OR", "REPLACE"] else []
    query = _without_tail(tokens[made + 1 :])
    if not query or words(query, 1)[0] not in {"SELECT", "SEL", "WITH", "(", "PIVOT", "FROM"}:
        return ()
    if words(query, 1) == ["PIVOT"]:
        query = [*_SELECT_FROM, *query, Token(TokenType.R_PAREN, ")")]
    return [tokens[0], *replaced, *temporary, tokens[kind], *tokens[start:end], *columns, tokens[made], *query]


def _without_tail(query: Sequence[Token]) -> Sequence[Token]:
    if query and word(query[0]) == "(":
        end = after_parentheses(query, 0)
        if end < len(query) and word(query[end]) not in _UNITES:
            return query[:end]
    for place, said in outside(query, 1):
        if said == "WITH" and _BEHIND & set(words(query[place + 1 :], 1)):
            return query[:place]
    return query
