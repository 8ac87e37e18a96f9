"""Text → statements, each parsed by itself, so that what cannot be parsed costs only itself."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.reading.blocks import Part, peeled
from riverhead_sql.reading.bounds import excess, has_too_many, readable, within_bounds
from riverhead_sql.reading.captured import Captured, capture_of, captured
from riverhead_sql.reading.commands import moves_partitions, trees_of_command
from riverhead_sql.reading.created import plainly_created
from riverhead_sql.reading.declared import declared_in
from riverhead_sql.reading.dialects import is_tsql, known_dialect, name_of, relatives
from riverhead_sql.reading.failures import PARSER_FAILURES, reason_of
from riverhead_sql.reading.procedures import Body, body_of, dynamic_text
from riverhead_sql.reading.repairs import repaired
from riverhead_sql.reading.splitting import pieces_of
from riverhead_sql.reading.templates import Gaps, has_gap, without_client_lines, without_templates
from riverhead_sql.reading.tokens import tokens_of
from riverhead_sql.reading.variables import sets_variables, without_variables
from riverhead_sql.reading.watching import TookTooLong
from riverhead_sql.reading.words import word, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlglot.dialects.dialect import Dialect
    from sqlglot.tokenizer_core import Token

    from riverhead_sql.reading.trees import Trees

_MOST_TEXTS_IN_TEXTS = 4
_STRING = re.compile(r"'[^']*'?")
_SHOWN_CHARACTERS = 60
_MOST_TOKENS_TRIED_AGAIN = 5_000
# They have no SELECT … INTO that makes a table.
_INTO_VARIABLES = frozenset({"mysql", "oracle", "snowflake", "bigquery"})
_DECLARES_ONE_BY_ONE = frozenset({"tsql", "fabric", "mysql", "bigquery", "hive", "spark", "databricks", "teradata"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its tree, or why there is none. `opening` is its first words, without any literal."""

    opening: str
    tree: exp.Expr | None = None
    failure: str = ""
    fills_variables: bool = False
    """True where SELECT … INTO fills variables and makes no table."""
    is_asked: bool = False
    """True for a query that only a condition, a variable or a cursor asks: nobody sees its rows."""
    rows: str = ""
    """What its rows are called from then on: a cursor, the record of a loop or of a SELECT … INTO."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The names that the text declares, in lower case, and whose rows each goes through: they are no columns."""
    read_as: str = ""
    """The dialect that could read it, where its own could not."""


@dataclass(slots=True)
class Reader:
    """One text being read: in which dialect, with which gaps, how deep in texts that other texts hold."""

    trees: Trees
    gaps: Gaps
    depth: int = 0
    is_procedural: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        """The dialect that the text is read in."""
        return self.trees.dialect

    def statements(self, text: str) -> Iterator[Statement]:
        """Yield each statement of a text."""
        text, beyond = within_bounds(text)
        yield from self._statements(text)
        if beyond:
            yield Statement("the rest of the text", failure=beyond)

    def _declare(self, names: dict[str, str]) -> None:
        """Know further variables; the statements before keep what they had."""
        if names:
            self.variables = {**self.variables, **names}

    def _statements(self, text: str) -> Iterator[Statement]:
        text = without_client_lines(text, name_of(self.dialect))
        text = without_templates(text, self.gaps)
        try:
            tokens = tokens_of(text, self.dialect)
        except PARSER_FAILURES as failure:
            yield from self._parts(text, reason_of(failure))
            return
        body = Body(self.is_procedural, name_of(self.dialect) not in _DECLARES_ONE_BY_ONE)
        for whole in pieces_of(tokens, needs_no_semicolons=is_tsql(self.dialect)):
            piece = readable(whole)
            if has_too_many(piece):
                yield Statement(self._opening(text[piece[0].start :]), failure=has_too_many(piece))
                continue
            if not is_tsql(self.dialect):
                self._declare(declared_in(piece, is_declaring=body.is_declaring))
            for held in body.statements(piece):
                for part in peeled(held.tokens):
                    rows = part.rows or held.rows
                    yield from self._statement(Part(part.tokens, part.is_asked or held.is_asked, rows), text, body)

    def _statement(self, part: Part, text: str, body: Body) -> Iterator[Statement]:
        tokens = part.tokens
        if has_gap(word(tokens[0])) and len(tokens) > 1:
            # A macro that stands before a statement, as dbt's config() does.
            tokens = tokens[1:]
        opening = self._opening(text[tokens[0].start : tokens[-1].end + 1])
        inner = body_of(tokens) or dynamic_text(tokens)
        if inner is None:
            blank = Statement(
                opening,
                fills_variables=self._fills_variables(body),
                is_asked=part.is_asked,
                rows=part.rows,
                variables=self.variables,
            )
            yield from self._parsed(tokens, text, blank)
        elif inner.failure or self.depth >= _MOST_TEXTS_IN_TEXTS:
            yield Statement(opening, failure=inner.failure or "it is nested too deeply")
        else:
            within = replace(self, depth=self.depth + 1, is_procedural=True)
            yield from within.statements(inner.text)

    def _fills_variables(self, body: Body) -> bool:
        name = name_of(self.dialect)
        return name in _INTO_VARIABLES or (not is_tsql(self.dialect) and (self.is_procedural or body.is_open))

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
        parts = captured(tokens, text) if is_tsql(self.dialect) else None
        tokens = parts.change if parts is not None else tokens
        if statement.fills_variables:
            shown = tokens
            tokens, rows = without_variables(shown)
            statement = statement if tokens is shown else replace(statement, is_asked=True, rows=rows)
        try:
            tree = self.trees.of(tokens, text)
            if not isinstance(tree, (exp.Command, exp.Execute)) and not moves_partitions(tokens):
                yield replace(statement, tree=tree, is_asked=statement.is_asked or sets_variables(tree))
                yield from self._capture(tree, parts, statement) if parts is not None else ()
                return
        except TookTooLong as error:
            yield replace(statement, failure=reason_of(error))
            return
        except PARSER_FAILURES as error:
            tree, failure = None, reason_of(error)
        with suppress(*PARSER_FAILURES):
            plain = plainly_created(tokens)
            meant = [self.trees.of(plain, text)] if plain else trees_of_command(tokens, self.trees)
            if meant:
                yield from (replace(statement, tree=each) for each in meant)
                return
        if tree is not None and not (isinstance(tree, exp.Command) and _may_be_mended(tokens)):
            yield replace(statement, tree=tree)
            return
        written = _written(tokens, text)
        last = replace(statement, failure=failure) if tree is None else replace(statement, tree=tree)
        yield next(self._second_tries(tokens, written, statement), last)

    def _capture(self, change: exp.Expr, parts: Captured, statement: Statement) -> Iterator[Statement]:
        """Yield what a change writes down of itself."""
        into = None
        with suppress(*PARSER_FAILURES):
            into = capture_of(change, parts, self.trees)
        yield replace(statement, tree=into, failure="what its OUTPUT goes into cannot be read")

    def _second_tries(self, tokens: Sequence[Token], text: str, statement: Statement) -> Iterator[Statement]:
        """Yield what a statement may be that its dialect cannot parse: mended first, then in another dialect."""
        if len(tokens) > _MOST_TOKENS_TRIED_AGAIN or excess(tokens):
            return
        mended = repaired(text)
        tries = [(self.dialect, mended)] if mended != text else []
        tries += [(other, mended) for name in relatives(self.dialect) if (other := known_dialect(name)) is not None]
        for other, written in tries:
            tree = self._tried(written, other)
            if tree is not None:
                is_own = other is self.dialect or mended != text
                yield replace(statement, tree=tree, read_as="" if is_own else name_of(other) or "general")

    def _tried(self, text: str, dialect: Dialect) -> exp.Expr | None:
        """Return a text's tree, as it stands or without the clauses of a CREATE that the parser does not know."""
        trees = replace(self.trees, dialect=dialect)
        with suppress(*PARSER_FAILURES):
            tokens = tokens_of(text, dialect)
            for attempt in (tokens, plainly_created(tokens)):
                with suppress(*PARSER_FAILURES):
                    tree = trees.of(attempt, text) if attempt else None
                    if tree is not None and not isinstance(tree, exp.Command):
                        return tree
        return None

    def _opening(self, text: str) -> str:
        """Return the first words, on one line, without literals: they may hold anything."""
        said = " ".join(_STRING.sub("'…'", self.gaps.restored(text[: 4 * _SHOWN_CHARACTERS])).split())
        return said if len(said) <= _SHOWN_CHARACTERS else said[: _SHOWN_CHARACTERS - 1] + "…"


def _may_be_mended(tokens: Sequence[Token]) -> bool:
    """A CREATE … AS with a clause that the parser does not know is no command that nobody knows."""
    return words(tokens, 1) == ["CREATE"] or words(tokens, 1) == ["LOAD"]


def _written(tokens: Sequence[Token], text: str) -> str:
    """Return a statement's text with one space for all that stands between its words, comments too."""
    parts: list[str] = []
    end = tokens[0].start - 1
    for token in tokens:
        parts.append(" " if token.start > end + 1 else "")
        parts.append(text[token.start : token.end + 1])
        end = token.end
    return "".join(parts)
