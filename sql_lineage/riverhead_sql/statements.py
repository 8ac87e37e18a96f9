"""Text → statements, each parsed by itself, so that what cannot be parsed costs only itself."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.tokenizer_core import Token

# What sqlglot raises on hostile text: its own errors, and what Python raises where it did not expect such a tree.
PARSER_FAILURES = (
    SqlglotError,
    RecursionError,
    NotImplementedError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    AssertionError,
)

MOST_CHARACTERS = 5_000_000
# The compiled parser recurses in C: past some 10,000 levels it would take the process with it.
MOST_TOKENS = 200_000
_MANY_TOKENS = 1_000
MOST_NESTED = 500
MOST_JOINS = 2_000

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}
_STRING = re.compile(r"'[^']*'?")
# A driver's parameters, which it fills in after us: %s and %(name)s.
_PARAMETER = re.compile(r"%s\b|%\(\w+\)s")
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its tree, or why there is none. `opening` is its first words, without any literal."""

    opening: str
    tree: exp.Expr | None = None
    failure: str = ""


def statements_of(text: str, dialect: Dialect) -> Iterator[Statement]:
    """Yield each statement of a text."""
    text = text.removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS:
        yield Statement(_opening(text), failure=f"the text has more than {MOST_CHARACTERS:,} characters")
        return
    try:
        tokens = dialect.tokenize(text)
    except PARSER_FAILURES as failure:
        yield from _pieces(text, dialect, reason_of(failure))
        return
    for is_end, group in groupby(tokens, key=lambda token: token.token_type == TokenType.SEMICOLON):
        if not is_end:
            yield _parsed(list(group), text, dialect)


def reason_of(failure: BaseException) -> str:
    """Return one plain sentence for a failure, without the text that caused it."""
    if isinstance(failure, RecursionError):
        return "it is nested too deeply"
    if isinstance(failure, ParseError) and failure.errors:
        error = failure.errors[0]
        return f"{_plain(error.get('description') or 'it cannot be parsed')} (line {error.get('line')})"
    if isinstance(failure, TokenError):
        return "a quote or comment in it has no end"
    return (
        _plain(str(failure))
        if isinstance(failure, SqlglotError)
        else f"it has a shape that was not expected ({type(failure).__name__})"
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep sqlglot's own log lines of this thread away from the host's log: what matters is in the answer."""
    logger = logging.getLogger("sqlglot")
    thread = threading.get_ident()

    def is_elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger.addFilter(is_elsewhere)
    try:
        yield
    finally:
        logger.removeFilter(is_elsewhere)


def _pieces(text: str, dialect: Dialect, why: str) -> Iterator[Statement]:
    """Text that has no tokens as a whole (an open quote) may still have good pieces."""
    for piece in text.split(";") if ";" in text else ():
        if piece.strip():
            yield from statements_of(piece, dialect)
    if ";" not in text:
        yield Statement(_opening(text), failure=why)


def _parsed(tokens: list[Token], text: str, dialect: Dialect) -> Statement:
    start, end = tokens[0].start, tokens[-1].end + 1
    opening = _opening(text[start : min(end, start + 4 * _SHOWN_CHARACTERS)])
    try:
        return Statement(opening, _tree(tokens, text, dialect))
    except PARSER_FAILURES as failure:
        why = reason_of(failure)
    if _PARAMETER.search(text, start, end):
        filled = _PARAMETER.sub(" NULL ", text[start:end])
        with suppress(*PARSER_FAILURES):
            return Statement(opening, _tree(dialect.tokenize(filled), filled, dialect))
    return Statement(opening, failure=why)


def _tree(tokens: list[Token], text: str, dialect: Dialect) -> exp.Expr:
    tokens = _first_row_of(tokens) if len(tokens) > _MANY_TOKENS else tokens
    excess = _excess(tokens)
    if excess:
        raise ParseError(excess)
    (tree,) = dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    if tree is None:
        raise ParseError("there is nothing in it")
    return tree


def _first_row_of(tokens: list[Token]) -> list[Token]:
    """Literal rows say nothing after the first: of a bulk INSERT … VALUES only that one is parsed."""
    kinds = [token.token_type for token in tokens]
    if kinds[0] != TokenType.INSERT or TokenType.VALUES not in kinds or TokenType.SELECT in kinds:
        return tokens
    depth = 0
    for index in range(kinds.index(TokenType.VALUES), len(kinds)):
        depth += (kinds[index] in _OPENING) - (kinds[index] in _CLOSING)
        if depth == 0 and kinds[index] in _CLOSING:
            return tokens[: index + 1]
    return tokens


def _excess(tokens: list[Token]) -> str:
    """Return which bound a statement breaks, or nothing."""
    if len(tokens) > MOST_TOKENS:
        return f"it has more than {MOST_TOKENS:,} words"
    depth = deepest = joins = smaller = 0
    for token in tokens:
        kind = token.token_type
        if kind in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif kind in _CLOSING:
            depth -= 1
        joins += kind == TokenType.JOIN
        smaller += kind == TokenType.LT
    if deepest > MOST_NESTED or joins > MOST_JOINS or smaller > MOST_JOINS:
        return "it is nested too deeply"
    return ""


def _opening(text: str) -> str:
    """Return the first words, on one line, without literals: they may hold anything."""
    words = " ".join(_STRING.sub("'…'", text[: 4 * _SHOWN_CHARACTERS]).split())
    return words if len(words) <= _SHOWN_CHARACTERS else words[: _SHOWN_CHARACTERS - 1] + "…"


def _plain(message: str) -> str:
    first = re.sub(r"\x1b\[[0-9;]*m", "", message).strip().partition("\n")[0]
    return _STRING.sub("'…'", first)[:200]
