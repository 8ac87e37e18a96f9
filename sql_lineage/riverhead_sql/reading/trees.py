"""A statement's tokens → its tree, in the one place that parses: too much is not tried, what takes long is ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError

from riverhead_sql.reading.bounds import excess, readable
from riverhead_sql.reading.dialects import name_of
from riverhead_sql.reading.phrases import without_phrases
from riverhead_sql.reading.tokens import as_parsed
from riverhead_sql.reading.watching import parsed
from riverhead_sql.reading.words import after_name, after_parentheses, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.dialects.dialect import Dialect
    from sqlglot.tokenizer_core import Token

    from riverhead_sql.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Trees:
    """The trees of a text's statements, in one dialect and within one deadline."""

    dialect: Dialect
    deadline: Deadline

    def of(self, tokens: Sequence[Token], text: str = "") -> exp.Expr:
        """Return the tree of one statement; `text` is where its tokens stand, if they stand in one.

        What cannot be parsed, or takes too long, raises one of PARSER_FAILURES.
        """
        tokens = readable(tokens)
        beyond = excess(tokens)
        if beyond:
            raise ParseError(beyond)
        tokens = without_phrases(tokens) if name_of(self.dialect) == "teradata" else _without_top(tokens)
        tree = parsed(as_parsed(tokens, text, self.dialect), text, self.dialect, self.deadline)
        if tree is None:
            raise ParseError("there is nothing in it")
        if isinstance(tree, (exp.Condition, exp.Alias, exp.Identifier, exp.Tuple)) and not isinstance(tree, exp.Query):
            raise ParseError("it is not a statement")
        return tree

    def table(self, tokens: Sequence[Token]) -> exp.Table:
        """Return the table whose name some tokens start with."""
        name = list(tokens[: after_name(tokens, 0)])
        (tree,) = self.dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse_into(exp.Table, name, "")
        return tree if isinstance(tree, exp.Table) else exp.to_table("")


def _without_top(tokens: Sequence[Token]) -> Sequence[Token]:
    """T-SQL's DELETE TOP (5000) FROM t says how many rows and not which; the parser takes it for a table's name."""
    if words(tokens, 3)[1:] != ["TOP", "("] or words(tokens, 1)[0] not in {"DELETE", "UPDATE", "MERGE", "INSERT"}:
        return tokens
    end = after_parentheses(tokens, 2)
    return [tokens[0], *tokens[end + (words(tokens[end:], 1) == ["PERCENT"]) :]]
