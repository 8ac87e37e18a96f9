"""T-SQL's OUTPUT … INTO: a change that also writes down, into another table, what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from riverhead_sql.reading.bounds import OPENING
from riverhead_sql.reading.tokens import tokens_of
from riverhead_sql.reading.words import after_name, after_parentheses, place_of, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.tokenizer_core import Token

    from riverhead_sql.reading.trees import Trees

_CHANGED = ("inserted", "deleted")


class Captured(NamedTuple):
    """A change without its OUTPUT clause, and the clause's parts: what is written down, and the table it goes into."""

    change: Sequence[Token]
    values: str
    into: str


def captured(tokens: Sequence[Token], text: str) -> Captured | None:
    """Return a change apart from its OUTPUT … INTO, or None where it has none."""
    output = place_of(tokens, {"OUTPUT"})
    into = place_of(tokens, {"INTO"}, output) if output > 0 else -1
    if into < 0 or place_of(tokens[output:into], {"SELECT", "VALUES", "WHERE"}) >= 0:
        return None
    end = _end_of_target(tokens, into + 1)
    values = text[tokens[output].end + 1 : tokens[into].start]
    return Captured([*tokens[:output], *tokens[end:]], values, text[tokens[into].end + 1 : tokens[end - 1].end + 1])


def capture_of(change: exp.Expr, parts: Captured, trees: Trees) -> exp.Insert | None:
    """Return the INSERT of what a change writes down: inserted and deleted are rows of the table that it changes."""
    target = change.this.this if isinstance(change.this, exp.Schema) else change.this
    text = f"INSERT INTO {parts.into} SELECT {parts.values}"
    written = trees.of(tokens_of(text, trees.dialect), text)
    query = written.expression if isinstance(written, exp.Insert) else None
    if not isinstance(target, exp.Table) or not isinstance(query, exp.Select):
        return None
    used = {column.table.lower() for column in query.find_all(exp.Column)}
    rows = [_called(target, name) for name in _CHANGED if name in used] or [target.copy()]
    query.set("from_", exp.From(this=rows[0]))
    query.set("joins", [exp.Join(this=each) for each in rows[1:]])
    return written if isinstance(written, exp.Insert) else None


def _called(target: exp.Table, name: str) -> exp.Table:
    table = target.copy()
    table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
    return table


def _end_of_target(tokens: Sequence[Token], start: int) -> int:
    end = after_name(tokens, start + (word(tokens[start]) == "@"))
    return after_parentheses(tokens, end) if end < len(tokens) and tokens[end].token_type in OPENING else end
