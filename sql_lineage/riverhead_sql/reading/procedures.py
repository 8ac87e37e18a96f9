"""Statements inside statements: the bodies of procedures, and texts that a script runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from riverhead_sql.reading.blocks import STARTS, Part, asked, name_of_rows, query_of_cursor
from riverhead_sql.reading.words import TEXTS, outside, place_of, word, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.tokenizer_core import Token

_MADE_BY_CREATE = 8
_RUN_LATER = frozenset({"TRIGGER", "RULE"})
_PROCEDURES = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TASK", "EVENT", "PIPE", "PACKAGE"})
# What no declaration starts with.
_MOVES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "CREATE", "ALTER", "DROP", "TRUNCATE"})
_MEMBERS = frozenset({"PROCEDURE", "FUNCTION"})
_RUNS_TEXT = frozenset({"IMMEDIATE", "SP_EXECUTESQL", "("})


class Inner(NamedTuple):
    """A text that a statement holds, or why it cannot be read."""

    text: str = ""
    failure: str = ""


@dataclass(slots=True)
class Body:
    """Where a text is: outside any procedure, inside one's body, or in something that only runs later."""

    is_open: bool = False
    has_sections: bool = False
    """True where all that stands between DECLARE and BEGIN is declared, as in PL/SQL."""
    is_declaring: bool = False
    depth_to_skip: int = 0

    def statements(self, piece: Sequence[Token]) -> Iterator[Part]:
        """Yield what a piece holds of a body, without the head of what is created around it."""
        made = _made(piece) or (words(piece, 1)[0] if self.is_open and words(piece, 1)[0] in _MEMBERS else "")
        if made == "PACKAGE":
            # What a package body holds are procedures and functions, one after the other.
            self.is_open, start = True, place_of(piece, {"AS", "IS"})
            yield from self.statements(piece[start + 1 :]) if start >= 0 and len(piece) > start + 1 else ()
            return
        if made in _RUN_LATER and not _text_in(piece):
            self.depth_to_skip = max(0, _depth(piece))
            yield Part(piece[: place_of(piece, {"BEGIN"})] if self.depth_to_skip else piece)
            return
        if self.depth_to_skip:
            self.depth_to_skip = max(0, self.depth_to_skip + _depth(piece))
            return
        if made in _PROCEDURES and not _text_in(piece):
            start, head = _body_start(piece), place_of(piece, {"AS", "IS"})
            if self.has_sections and place_of(piece[:start], {"CURSOR"}, max(head, 0)) > 0:
                start = place_of(piece, {"BEGIN"})
            elif made == "FUNCTION" and start < 0:
                # A function of one expression reads no rows.
                yield Part(piece)
                return
            self.is_open = True
            self.is_declaring = start < 0
            yield from (Part(piece[start:]),) if start >= 0 else self._declared(piece[head + 1 :])
            return
        first = words(piece, 1)
        if self.has_sections and first == ["DECLARE"] and (self.is_open or place_of(piece, {"CURSOR"}) < 0):
            self.is_open = self.is_declaring = True
        elif first and first[0] in _MOVES:
            self.is_declaring = False
        if not self.is_declaring:
            yield Part(piece)
            return
        start = place_of(piece, {"BEGIN"})
        self.is_declaring = start < 0
        yield from (Part(piece[start:]),) if start >= 0 else self._declared(piece)

    def _declared(self, piece: Sequence[Token]) -> Iterator[Part]:
        """Yield the query that a declaration asks."""
        if piece:
            query = query_of_cursor(piece) if place_of(piece, {"CURSOR"}) >= 0 else asked(piece)
            yield Part(query, True, name_of_rows(piece))


def body_of(tokens: Sequence[Token]) -> Inner | None:
    """Return the text of a procedure's body where it is written as one string: AS $$ … $$."""
    first = words(tokens, 1)[0]
    if first == "DO" or _made(tokens) in _PROCEDURES:
        text = _text_in(tokens)
        if text is None:
            return None
        language = _language(tokens)
        if language not in {"", "SQL", "PLPGSQL", "PLSQL", "NZPLSQL"}:
            return Inner(failure=f"its body is {language.capitalize()}, not SQL")
        return Inner(text.text)
    return None


def dynamic_text(tokens: Sequence[Token]) -> Inner | None:
    """Return the text that EXECUTE IMMEDIATE '…' or EXEC ('…') runs."""
    first, second = [*words(tokens, 2), "", ""][:2]
    if first not in {"EXEC", "EXECUTE"} or len(tokens) <= 1:
        return None
    if second not in _RUNS_TEXT and tokens[1].token_type not in TEXTS:
        return None
    place = 1 if tokens[1].token_type in TEXTS else 2
    is_whole = len(tokens) > place and tokens[place].token_type in TEXTS
    if is_whole and words(tokens[place + 1 :], 1) in ([], [")"], [","], ["USING"], ["INTO"]):
        return Inner(tokens[place].text)
    return Inner(failure="it runs a text that is only known when it runs")


def _made(tokens: Sequence[Token]) -> str:
    """Return what kind of thing a CREATE makes that has a body; nothing for any other statement."""
    said = words(tokens, _MADE_BY_CREATE)
    if not said or said[0] not in {"CREATE", "ALTER"}:
        return ""
    for each in said[1:]:
        if each in _PROCEDURES | _RUN_LATER:
            return each
        if each in {"TABLE", "VIEW", "(", "AS", "."}:
            return ""
    return ""


def _text_in(tokens: Sequence[Token]) -> Token | None:
    """Return the string that a body is written in, if it is."""
    if words(tokens, 1) == ["DO"]:
        return next((token for token in tokens[1:] if token.token_type in TEXTS), None)
    for index, said in outside(tokens):
        if said in {"AS", "IS"} and index + 1 < len(tokens) and tokens[index + 1].token_type in TEXTS:
            return tokens[index + 1]
        if said == "BEGIN":
            return None
    return None


def _language(tokens: Sequence[Token]) -> str:
    place = place_of(tokens, {"LANGUAGE"})
    return tokens[place + 1].text.upper() if 0 <= place < len(tokens) - 1 else ""


def _body_start(piece: Sequence[Token]) -> int:
    begin = place_of(piece, {"BEGIN"})
    if begin >= 0:
        return begin
    alias = place_of(piece, {"AS", "IS"})
    body = place_of(piece, STARTS - {"DECLARE"}, max(alias, 2)) if alias >= 0 else -1
    # Without AS and BEGIN (MySQL allows a single statement) the body follows the parameters.
    return body if alias >= 0 else place_of(piece, STARTS, 3)


def _depth(piece: Sequence[Token]) -> int:
    """Return how many blocks a piece opens and does not close."""
    depth = 0
    previous = ""
    for token in piece:
        said = word(token)
        if said in {"BEGIN", "CASE"} and previous != "END":
            depth += 1
        elif said == "END":
            depth -= 1
        elif said in {"IF", "LOOP", "WHILE", "FOR", "REPEAT"} and previous == "END":
            depth += 1
        previous = said
    return depth
