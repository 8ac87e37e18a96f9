"""Texts → statements in the dialect that is named, or in the first that understands them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from riverhead_emitter.model import Unresolved
from riverhead_emitter.redaction import MASK
from riverhead_sql.reading.dialects import TRIED, known_dialect, likely
from riverhead_sql.reading.parsing import Reader, Statement
from riverhead_sql.reading.templates import Gaps
from riverhead_sql.reading.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_sql.deadline import Deadline

# A dialect that nobody named is found out by trying; of a longer text the rest is taken to be written alike.
_MOST_CHARACTERS_TRIED = 50_000


class Read(NamedTuple):
    """What was read: its statements, the dialect that they were read in, the gaps of templates, and doubts."""

    statements: list[Statement]
    dialect: Dialect
    gaps: Gaps
    doubts: tuple[Unresolved, ...] = ()


def read(texts: Sequence[str], dialect: str | None, deadline: Deadline) -> Read:
    """Return the statements of some texts; without a dialect several are tried."""
    if dialect is None:
        return _tried(texts, deadline)
    known = known_dialect(dialect)
    if known is not None:
        return _read(texts, known, deadline)
    doubt = Unresolved(f"dialect {dialect}", "it is not known; the text was read as general SQL")
    return _read(texts, Dialect(), deadline)._replace(doubts=(doubt,))


def _tried(texts: Sequence[str], deadline: Deadline) -> Read:
    best: Read | None = None
    sample = _sample(texts)
    for name in dict.fromkeys([*likely("\n".join(sample)), *TRIED]):
        known = known_dialect(name)
        if known is None:
            continue
        found = _read(sample, known, deadline)
        if best is None or _failures(found) < _failures(best):
            best = found
        if not _failures(best) or deadline.is_over:
            break
    if best is None or sample == list(texts):
        return best or _read(texts, Dialect(), deadline)
    return _read(texts, best.dialect, deadline)


def _read(texts: Sequence[str], dialect: Dialect, deadline: Deadline) -> Read:
    gaps = Gaps()
    statements: list[Statement] = []
    for text in map(_with_whole_comments, texts):
        for statement in Reader(Trees(dialect, deadline), gaps).statements(text):
            # What is left of the time belongs to the datasets of what was read.
            if statements and deadline.is_over:
                statements.append(Statement("the rest of the text", failure="the time for this text was over"))
                return Read(statements, dialect, gaps)
            statements.append(statement)
    return Read(statements, dialect, gaps)


def _with_whole_comments(text: str) -> str:
    """Let a hidden login of an address not begin a comment of its own, as some dialects read `//***@host`."""
    return text.replace(f"://{MASK}@", f"://{'x' * len(MASK)}@")


def _sample(texts: Sequence[str]) -> list[str]:
    sample: list[str] = []
    left = _MOST_CHARACTERS_TRIED
    for text in texts:
        sample.append(text if len(text) <= left else text[: text.rfind(";", 0, left) + 1 or left])
        left -= len(text)
        if left <= 0:
            break
    return sample


def _failures(found: Read) -> int:
    """Return how many statements were not read as what they are; a foreign dialect's help counts as well."""
    return sum(
        statement.tree is None or bool(statement.read_as) or isinstance(statement.tree, exp.Command)
        for statement in found.statements
    )
