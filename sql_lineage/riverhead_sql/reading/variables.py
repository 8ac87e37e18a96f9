"""Queries that fill variables, and make no table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.reading.words import INTO, outside, place_of, word, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.tokenizer_core import Token

_BEHIND = frozenset({"FROM", "WHERE", "UNION", "GROUP", "ORDER", "LIMIT", "FOR"})
_WRITES = frozenset({"INSERT", "MERGE", "REPLACE", "LOAD", "COPY", "IGNORE", "OVERWRITE"})
_FILES = frozenset({"OUTFILE", "DUMPFILE"})


def without_variables(tokens: Sequence[Token]) -> tuple[Sequence[Token], str]:
    """Return a query without the variables that its row goes into, and what the row is called where it is only one."""
    if words(tokens, 1) not in (["SELECT"], ["WITH"], ["("]):
        return tokens, ""
    into = next(
        (place for place, said in outside(tokens) if said in INTO and word(tokens[place - 1]) not in _WRITES), -1
    )
    if into < 0 or _FILES & set(words(tokens[into + 1 :], 1)):
        return tokens, ""
    end = place_of(tokens, _BEHIND, into)
    filled = tokens[into + 1 : end if end > 0 else len(tokens)]
    start = into - 2 if words(tokens[into - 2 :], 2) == ["BULK", "COLLECT"] else into
    rest = [*tokens[:start], *(tokens[end:] if end > 0 else ())]
    return rest, filled[0].text.lower() if len(filled) == 1 else ""


def sets_variables(tree: exp.Expr) -> bool:
    """Return whether a query only fills variables: T-SQL's SELECT @rate = rate FROM rates."""
    outputs = tree.expressions if isinstance(tree, exp.Select) else ()
    return bool(outputs) and all(isinstance(each, exp.EQ) and isinstance(each.this, exp.Parameter) for each in outputs)
