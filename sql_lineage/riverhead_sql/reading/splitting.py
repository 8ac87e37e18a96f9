"""A text's tokens → its statements: cut at semicolons, at GO, and where T-SQL needs neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

from riverhead_sql.reading.words import outside, word, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.tokenizer_core import Token

_OPENERS = frozenset({
    "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "CREATE", "ALTER", "DROP", "TRUNCATE", "EXEC", "EXECUTE",
    "DECLARE", "SET", "USE", "IF", "ELSE", "WHILE", "BEGIN", "END", "PRINT", "RETURN", "GO", "COMMIT", "ROLLBACK",
    "FETCH", "OPEN", "CLOSE", "DEALLOCATE", "RAISERROR", "THROW", "GRANT",
})  # fmt: skip
# After these a SELECT goes on with what stands before it.
_CARRIES_ON = frozenset({
    "UNION", "ALL", "EXCEPT", "INTERSECT", "MINUS", "AS", "FOR", "THEN", "(", "DISTINCT", "ON", "ELSE", "IF",
    "AFTER", "OF",
})  # fmt: skip
_CHANGES_ON = _CARRIES_ON | {",", "UPDATE", "OR"}
_MAY_BE_NAMES = frozenset({"OPEN", "CLOSE", "FETCH", "GO", "THROW", "USE", "RETURN", "PRINT"})
# After which words each of these starts nothing. FETCH NEXT belongs to ORDER BY … OFFSET.
_GOES_ON_AFTER = {
    "SELECT": _CARRIES_ON,
    **dict.fromkeys(("SET", "UPDATE", "DELETE", "INSERT", "EXEC", "EXECUTE"), _CHANGES_ON),
    **dict.fromkeys(("DROP", "CREATE", "ALTER"), frozenset({"OR", "AFTER", "FOR"})),
    **dict.fromkeys(_MAY_BE_NAMES, frozenset({"ROWS", "ROW", ".", ",", "AS"})),
    "BEGIN": frozenset({"AS"}),
}
# What a statement that starts with the first word takes into itself, once.
_TAKES = {
    "INSERT": ("SELECT", "WITH", "EXEC", "EXECUTE", "SET"),
    "REPLACE": ("SELECT", "WITH"),
    "WITH": ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"),
    "UPDATE": ("SET",),
    "COPY": ("WITH",),
    "BULK": ("INSERT",),
}
_BODIES = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE"})
# They hold such words without end: GRANT SELECT, INSERT ON t; ALTER TABLE t DROP COLUMN c SET …
_HOLDS_ALL = frozenset({"GRANT", "ALTER", "DENY", "REVOKE"})
_BLOCK = frozenset({"GO", "BEGIN", "END"})
# But an ALTER TABLE cannot hold these.
_AFTER_ALTER = _BLOCK | {
    "INSERT", "MERGE", "TRUNCATE", "EXEC", "EXECUTE", "DECLARE", "PRINT", "CREATE", "SELECT", "UPDATE", "DELETE",
    "USE", "COMMIT",
}  # fmt: skip


def pieces_of(tokens: Sequence[Token], *, needs_no_semicolons: bool) -> Iterator[Sequence[Token]]:
    """Yield the tokens of each statement; `needs_no_semicolons` says that the dialect is T-SQL."""
    start = 0
    for index, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON:
            yield from _cut(tokens[start:index], needs_no_semicolons=needs_no_semicolons)
            start = index + 1
    yield from _cut(tokens[start:], needs_no_semicolons=needs_no_semicolons)


def _cut(piece: Sequence[Token], *, needs_no_semicolons: bool) -> Iterator[Sequence[Token]]:
    if not needs_no_semicolons:
        if piece:
            yield piece
        return
    start = 0
    for index in [*_openings(piece), len(piece)]:
        part = piece[start:index]
        if part and words(part, 1) != ["GO"]:
            yield part
        start = index


def _openings(piece: Sequence[Token]) -> Iterator[int]:
    """Yield where a further statement starts inside a piece."""
    first = words(piece, 1)[0] if piece else ""
    may_take = list(_TAKES.get(first, ()))
    is_merge_or_head = first == "MERGE"
    for index, said in outside(piece, 1):
        if said == "VALUES" and first == "INSERT":
            # INSERT INTO t VALUES (1) SELECT SCOPE_IDENTITY(): the rows are there, a SELECT is another statement.
            first, may_take = said, []
        if said not in _OPENERS or (first in _HOLDS_ALL and said not in (_AFTER_ALTER if first == "ALTER" else _BLOCK)):
            continue
        if said in may_take and (said != "WITH" or _is_cte(piece, index)):
            may_take = [] if first != "WITH" or said == "SELECT" else list(_TAKES.get(said, ()))
            continue
        if said in _BODIES and _opens_a_body(word(piece[index - 1]), first):
            # CREATE PROCEDURE p AS INSERT …, ELSE UPDATE …: what follows goes on with it.
            first, may_take, is_merge_or_head = said, list(_TAKES.get(said, ())), said == "MERGE"
            continue
        if _goes_on(piece, index, said, first) or (is_merge_or_head and _is_of_merge(piece, index)):
            continue
        yield index
        first = said
        may_take = list(_TAKES.get(said, ()))
        is_merge_or_head = first == "MERGE"


def _opens_a_body(before: str, first: str) -> bool:
    return before == "ELSE" or (before == "AS" and first in {"CREATE", "ALTER"})


def _goes_on(piece: Sequence[Token], index: int, said: str, first: str) -> bool:
    before = word(piece[index - 1])
    after = word(piece[index + 1]) if index + 1 < len(piece) else ""
    if before == "ON" and first == "SET":
        # SET NOCOUNT ON, SET IDENTITY_INSERT t ON: the setting ends here.
        return False
    if said == "WITH":
        # A hint or an option: WITH (NOLOCK), WITH RECOMPILE, WITH TIES.
        return not _is_cte(piece, index) or before in {"AS", "FOR"}
    if said == "IF":
        return after in {"EXISTS", "NOT"} and first in {"DROP", "CREATE"}
    return before in _GOES_ON_AFTER.get(said, ()) or (said in _MAY_BE_NAMES and after in {".", ",", "="})


def _is_cte(piece: Sequence[Token], index: int) -> bool:
    match words(piece[index + 1 :], 3):
        case [name, "AS", following]:
            return name != "(" and following == "("
        case [name, "(", *_]:
            return name != "("
    return False


def _is_of_merge(piece: Sequence[Token], index: int) -> bool:
    return word(piece[index - 1]) in {"THEN", "UPDATE"}
