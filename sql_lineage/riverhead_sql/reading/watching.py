"""The parser, watched: some short texts take it forever, and only what it asks reaches into compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot.errors import ErrorLevel, ParseError

from riverhead_sql.deadline import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.tokenizer_core import Token

    from riverhead_sql.deadline import Deadline


class TookTooLong(ParseError):  # noqa: N818 - its reason is told to the user, as a parser's are
    """A statement took more than its share of the time to parse."""


class _Watched:
    """A dialect that looks at the time whenever the parser asks it something."""

    def __init__(self, dialect: Dialect, deadline: Deadline) -> None:
        self._dialect = dialect
        self._deadline = deadline.share()

    @property  # type: ignore[misc]  # the parser asks what it is
    def __class__(self) -> Any:
        return self._dialect.__class__

    def __getattr__(self, name: str) -> Any:
        self._deadline.check()
        return getattr(self._dialect, name)


def parsed(tokens: Sequence[Token], text: str, dialect: Dialect, deadline: Deadline) -> exp.Expr | None:
    """Return the tree of one statement."""
    watched: Any = _Watched(dialect, deadline)
    parser = dialect.parser_class(dialect=watched, error_level=ErrorLevel.IMMEDIATE)
    try:
        (tree,) = parser.parse(list(tokens), text)
    except DeadlinePassed:
        raise TookTooLong("the time for this text was over") from None
    return tree
