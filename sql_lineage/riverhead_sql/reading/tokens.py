"""Text → tokens, all of them: sqlglot's own tokenizers keep what follows a CALL or a BEGIN as one text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.dialects.dialect import Dialect


def tokens_of(text: str, dialect: Dialect) -> Sequence[Token]:
    """Return every token of a text."""
    tokenizer = _whole(dialect.tokenizer_class)(dialect=dialect)
    for name, inner in list(vars(tokenizer).items()):
        # Athena's asks Hive's and Trino's.
        if isinstance(inner, Tokenizer):
            own = type(inner)
            setattr(tokenizer, name, _whole(own)(dialect=inner.dialect))  # type: ignore[arg-type]  # classes hash
    return tokenizer.tokenize(text)


def as_parsed(tokens: Sequence[Token], text: str, dialect: Dialect) -> Sequence[Token]:
    """Return a statement's tokens as its parser wants them: of a command the first word, and the rest as one text."""
    first, last = tokens[0], tokens[-1]
    if first is last or first.token_type not in dialect.tokenizer_class.COMMANDS:
        return tokens
    rest = text[first.end + 1 : last.end + 1].strip()
    return [first, Token(TokenType.STRING, rest, last.line, last.col, first.end + 1, last.end)]


@cache
def _whole(own: type[Tokenizer]) -> type[Tokenizer]:
    return type(own.__name__, (own,), {"COMMANDS": set()})
