"""Text → statements, each parsed by itself, so that what cannot be parsed costs only itself."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError

from riverhead_sql.reading.blocks import peeled
from riverhead_sql.reading.bounds import MOST_CHARACTERS, excess, readable
from riverhead_sql.reading.commands import opened, trees_of_command
from riverhead_sql.reading.dialects import known_dialect, name_of, relatives
from riverhead_sql.reading.failures import PARSER_FAILURES, reason_of
from riverhead_sql.reading.procedures import Body, Inner, body_of, dynamic_text
from riverhead_sql.reading.repairs import repaired
from riverhead_sql.reading.splitting import pieces_of, unrolled
from riverhead_sql.reading.templates import Gaps, has_gap, without_client_lines, without_templates
from riverhead_sql.reading.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.dialects.dialect import Dialect
    from sqlglot.tokenizer_core import Token

_MOST_TEXTS_IN_TEXTS = 4
_STRING = re.compile(r"'[^']*'?")
_SHOWN_CHARACTERS = 60
_MOST_TOKENS_TRIED_AGAIN = 5_000
# They have no SELECT … INTO that makes a table.
_INTO_VARIABLES = frozenset({"mysql", "oracle", "snowflake", "bigquery"})
_DECLARES_ONE_BY_ONE = frozenset({"tsql", "fabric", "mysql", "bigquery", "hive", "spark", "databricks", "teradata"})
_CLIENTS = frozenset({"mysql", "teradata", "oracle", "postgres", "redshift"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its tree, or why there is none. `opening` is its first words, without any literal."""

    opening: str
    tree: exp.Expr | None = None
    failure: str = ""
    fills_variables: bool = False
    """True where SELECT … INTO fills variables and makes no table."""
    read_as: str = ""
    """The dialect that could read it, where its own could not."""


@dataclass(slots=True)
class Reader:
    """One text being read: in which dialect, with which gaps, how deep in texts that other texts hold."""

    dialect: Dialect
    gaps: Gaps
    depth: int = 0
    is_procedural: bool = False

    def statements(self, text: str) -> Iterator[Statement]:
        """Yield each statement of a text."""
        if len(text) > MOST_CHARACTERS:
            yield Statement(self._opening(text), failure=f"the text has more than {MOST_CHARACTERS:,} characters")
            return
        if name_of(self.dialect) in _CLIENTS:
            text = without_client_lines(text)
        text = without_templates(text, self.gaps)
        try:
            tokens = unrolled(self.dialect.tokenize(text), text, self.dialect)
        except PARSER_FAILURES as failure:
            yield from self._parts(text, reason_of(failure))
            return
        is_tsql = name_of(self.dialect) in {"tsql", "fabric"}
        body = Body(self.is_procedural, name_of(self.dialect) not in _DECLARES_ONE_BY_ONE)
        for piece in pieces_of(tokens, needs_no_semicolons=is_tsql):
            for inner in body.statements(piece):
                for tokens_of_one in peeled(inner):
                    yield from self._statement(tokens_of_one, text, body)

    def _statement(self, tokens: Sequence[Token], text: str, body: Body) -> Iterator[Statement]:
        if has_gap(word(tokens[0])) and len(tokens) > 1:
            # A macro that stands before a statement, as dbt's config() does.
            tokens = tokens[1:]
        opening = self._opening(text[tokens[0].start : tokens[-1].end + 1])
        inner = self._inner(tokens)
        if inner is None:
            yield from self._parsed(tokens, text, Statement(opening, fills_variables=self._fills_variables(body)))
        elif inner.failure or self.depth >= _MOST_TEXTS_IN_TEXTS:
            yield Statement(opening, failure=inner.failure or "it is nested too deeply")
        else:
            yield from Reader(self.dialect, self.gaps, self.depth + 1, is_procedural=True).statements(inner.text)

    def _fills_variables(self, body: Body) -> bool:
        name = name_of(self.dialect)
        return name in _INTO_VARIABLES or (name != "tsql" and (self.is_procedural or body.is_open))

    def _inner(self, tokens: Sequence[Token]) -> Inner | None:
        """Return the text that a statement holds and runs, if it does."""
        try:
            tokens = opened(tokens, self.dialect)
        except PARSER_FAILURES:
            return None
        return body_of(tokens) or dynamic_text(tokens)

    def _parts(self, text: str, why: str) -> Iterator[Statement]:
        """Text that has no tokens as a whole (an open quote) may still have good pieces."""
        for piece in text.split(";") if ";" in text else ():
            if piece.strip():
                yield from replace(self, depth=self.depth + 1).statements(piece) if self.depth < 1 else ()
        if ";" not in text:
            yield Statement(self._opening(text), failure=why)

    def _parsed(self, tokens: Sequence[Token], text: str, statement: Statement) -> Iterator[Statement]:
        """Yield a statement with its tree; a command may be several."""
        failure = ""
        try:
            tree = _tree(tokens, text, self.dialect)
            if not isinstance(tree, exp.Command):
                yield replace(statement, tree=tree)
                return
        except PARSER_FAILURES as error:
            tree, failure = None, reason_of(error)
        with suppress(*PARSER_FAILURES):
            trees = trees_of_command(opened(tokens, self.dialect), self.dialect)
            if trees:
                yield from (replace(statement, tree=each) for each in trees)
                return
        if tree is None:
            written = text[tokens[0].start : tokens[-1].end + 1]
            yield next(_second_tries(tokens, written, self.dialect, statement), replace(statement, failure=failure))
        else:
            yield replace(statement, tree=tree)

    def _opening(self, text: str) -> str:
        """Return the first words, on one line, without literals: they may hold anything."""
        words = " ".join(_STRING.sub("'…'", self.gaps.restored(text[: 4 * _SHOWN_CHARACTERS])).split())
        return words if len(words) <= _SHOWN_CHARACTERS else words[: _SHOWN_CHARACTERS - 1] + "…"


def _second_tries(tokens: Sequence[Token], text: str, dialect: Dialect, statement: Statement) -> Iterator[Statement]:
    """Yield what a statement may be that its dialect cannot parse: mended first, then in another dialect."""
    if len(tokens) > _MOST_TOKENS_TRIED_AGAIN or excess(tokens):
        return
    mended = repaired(text)
    tries = [(dialect, mended)] if mended != text else []
    tries += [(other, mended) for name in relatives(dialect) if (other := known_dialect(name)) is not None]
    for other, written in tries:
        try:
            tree = _tree(other.tokenize(written), written, other)
        except PARSER_FAILURES:
            continue
        if not isinstance(tree, exp.Command):
            yield replace(statement, tree=tree, read_as=name_of(other) if other is not dialect else "")


def _tree(tokens: Sequence[Token], text: str, dialect: Dialect) -> exp.Expr:
    tokens = readable(tokens)
    beyond = excess(tokens)
    if beyond:
        raise ParseError(beyond)
    (tree,) = dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse(list(tokens), text)
    if tree is None:
        raise ParseError("there is nothing in it")
    if isinstance(tree, (exp.Condition, exp.Alias, exp.Identifier, exp.Tuple)) and not isinstance(tree, exp.Query):
        raise ParseError("it is not a statement")
    return tree
