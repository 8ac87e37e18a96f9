"""Procedural words around statements: BEGIN, IF … THEN, LOOP, END. They are peeled off; what is left moves rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlglot.tokenizer_core import Token, TokenType

from riverhead_sql.reading.words import place_of, word, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TRANSACTION = frozenset({"", "TRANSACTION", "TRAN", "WORK", "ISOLATION", "READ", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"})
_ENDED = frozenset({"IF", "LOOP", "WHILE", "FOR", "REPEAT", "TRY", "CATCH", "CASE"})
# They end a block's head; what follows is a statement.
_BODY = frozenset({"LOOP", "DO", "BEGIN"})
STARTS = frozenset({
    "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "CREATE", "ALTER", "DROP", "TRUNCATE", "EXEC", "EXECUTE",
    "CALL", "COPY", "DECLARE", "SET", "BEGIN", "IF", "WHILE", "RETURN", "PRINT", "RAISERROR", "THROW", "REPLACE",
    "GOTO",
})  # fmt: skip
# They move no rows: what only a procedure's own variables and cursors feel.
_QUIET = frozenset({
    "NULL", "EXIT", "LEAVE", "ITERATE", "RAISE", "CONTINUE", "RAISERROR", "THROW", "PRINT", "SIGNAL", "RESIGNAL",
    "OPEN", "FETCH", "CLOSE", "GOTO", "WAITFOR", "DEALLOCATE", "BREAK", "RETURN", "PRAGMA", "SLEEP", "GET", "ASSERT",
    "AS",
})  # fmt: skip


# What they head has a name, which follows them.
_NAMING = frozenset({"FOR", "OPEN", "DECLARE", "LET", "CURSOR"})
# Each is looked for in all that follows it.
_MOST_PEELED = 100

_Step: TypeAlias = "tuple[Sequence[Token] | None, Sequence[Token]]"
"""What is left after a procedural word, or None where there was none; and the query that the word held."""


class Part(NamedTuple):
    """A statement that stood inside procedural words, or a query that the words themselves ask."""

    tokens: Sequence[Token]
    is_asked: bool = False
    rows: str = ""
    """What the query's rows are called: a cursor, the record of a loop."""


def peeled(tokens: Sequence[Token]) -> Iterator[Part]:
    """Yield every query that procedural words ask, then the statement inside them."""
    for _ in range(_MOST_PEELED):
        if not tokens:
            return
        rest, query = _step(tokens)
        if query:
            yield Part(query, True, name_of_rows(tokens))
        if rest is None:
            break
        tokens = rest
    yield Part(tokens)


def name_of_rows(head: Sequence[Token]) -> str:
    """Return what a head calls its query's rows, in lower case: FOR row IN …, early CURSOR FOR …, CURSOR c IS …."""
    if words(head, 1)[0] not in _NAMING and place_of(head, {"CURSOR"}) < 0:
        return ""
    return next((token.text.lower() for token in head if word(token) not in _NAMING), "")


def _step(tokens: Sequence[Token]) -> _Step:
    first = word(tokens[0])
    rule = _RULES.get(first)
    if rule is not None:
        return rule(tokens)
    if first in _QUIET:
        return (), ()
    if first in STARTS:
        return None, ()
    label = words(tokens[1:], 2)
    if label and label[0] == ":" and label[-1] in _ENDED | _BODY:
        # MySQL's labels: rows: LOOP …
        return tokens[2:], ()
    return ((), _assigned(tokens)) if _is_assignment(tokens) else (None, ())


def _begin(tokens: Sequence[Token]) -> _Step:
    second = _second(tokens)
    if second in _TRANSACTION:
        return None, ()
    return tokens[2 if second in {"TRY", "CATCH", "ATOMIC"} else 1 :], ()


def _end(tokens: Sequence[Token]) -> _Step:
    return (_after_end(tokens) if len(tokens) == 1 or _second(tokens) not in _TRANSACTION else None), ()


def _word(tokens: Sequence[Token]) -> _Step:
    return tokens[1:], ()


def _condition(tokens: Sequence[Token]) -> _Step:
    rest = _after_condition(tokens)
    return rest, asked(tokens[: len(tokens) - len(rest)])


def _while(tokens: Sequence[Token]) -> _Step:
    rest = _after_head(tokens)
    return rest, asked(tokens[: len(tokens) - len(rest)])


def _for(tokens: Sequence[Token]) -> _Step:
    return _after_head(tokens), _queried(tokens, "IN", "LOOP", "DO")


def _each(tokens: Sequence[Token]) -> _Step:
    """Peel off PL/SQL's FORALL i IN 1 .. n."""
    body = place_of(tokens, STARTS, 1)
    return (tokens[body:] if body > 0 else ()), ()


def _variable(tokens: Sequence[Token]) -> _Step:
    query = query_of_cursor(tokens) if place_of(tokens, {"CURSOR"}) > 0 else _assigned(tokens)
    return ((), query) if query or word(tokens[0]) == "LET" else (None, ())


def _perform(tokens: Sequence[Token]) -> _Step:
    """Read PERFORM of PL/pgSQL: a SELECT whose rows nobody wants."""
    return (), [Token(TokenType.SELECT, "SELECT"), *tokens[1:]]


def _case(tokens: Sequence[Token]) -> _Step:
    """Peel off CASE WHEN n = 1 THEN, which chooses among statements here."""
    then = next((place for place, token in enumerate(tokens) if word(token) == "THEN"), -1)
    return (tokens[then + 1 :] if then > 0 else None), ()


def _open(tokens: Sequence[Token]) -> _Step:
    return (), _queried(tokens, "FOR")


def _until(tokens: Sequence[Token]) -> _Step:
    end = place_of(tokens, {"END"})
    return (tokens[end:] if end > 0 else ()), ()


def _start(tokens: Sequence[Token]) -> _Step:
    return ((), ()) if _second(tokens) == "TRANSACTION" else (None, ())


def _label(tokens: Sequence[Token]) -> _Step:
    """PL/SQL's <<again>>."""
    end = next((place for place in range(2, len(tokens) - 1) if words(tokens[place:], 2) == [">", ">"]), -1)
    return (tokens[end + 2 :], ()) if _second(tokens) == "<" and end > 0 else (None, ())


def _return(tokens: Sequence[Token]) -> _Step:
    return (tokens[2:], ()) if _second(tokens) == "QUERY" else ((), asked(tokens))


def _second(tokens: Sequence[Token]) -> str:
    return word(tokens[1]) if len(tokens) > 1 else ""


def _after_end(tokens: Sequence[Token]) -> Sequence[Token]:
    index = 1
    if len(tokens) > index and word(tokens[index]) in _ENDED:
        index += 1
    # END IF, END LOOP outer, END procedure_name
    if len(tokens) > index and word(tokens[index]) not in STARTS | {"END", "ELSE", "ELSEIF", "ELSIF"}:
        index += 1
    return tokens[index:]


def _after_condition(tokens: Sequence[Token]) -> Sequence[Token]:
    then = place_of(tokens, {"THEN"})
    if then < 0:
        then = place_of(tokens, STARTS, 1) - 1
    return tokens[then + 1 :] if then >= 0 else ()


def _after_head(tokens: Sequence[Token]) -> Sequence[Token]:
    body = place_of(tokens, _BODY)
    if body < 0:
        body = place_of(tokens, STARTS, 1) - 1
    return tokens[body + 1 :] if body >= 0 else ()


def _declare(tokens: Sequence[Token]) -> _Step:
    begin = place_of(tokens, {"BEGIN"})
    if begin >= 0:
        return tokens[begin:], ()
    if place_of(tokens, {"CURSOR"}) >= 0:
        return (), query_of_cursor(tokens)
    return None, asked(tokens)


def query_of_cursor(head: Sequence[Token]) -> Sequence[Token]:
    """Return the query that a declared cursor reads; nothing where a variable holds it: CURSOR FOR result."""
    return _queried(head, "FOR") or _queried(head, "IS")


def _queried(tokens: Sequence[Token], after: str, *until: str) -> Sequence[Token]:
    """Return the query between two words of a head: FOR row IN (SELECT …) LOOP."""
    start = place_of(tokens, {after})
    end = place_of(tokens, until, start) if until else len(tokens)
    if start < 0 or end < 0:
        return ()
    inner = tokens[start + 1 : end]
    has_query = any(word(token) == "SELECT" for token in inner)
    return inner if has_query and words(inner, 1)[0] in {"(", "SELECT", "WITH"} else ()


def asked(head: Sequence[Token]) -> Sequence[Token]:
    """Return the first query in a condition: IF EXISTS (SELECT …)."""
    for start in range(len(head) - 1):
        if word(head[start]) == "(" and word(head[start + 1]) in {"SELECT", "WITH"}:
            depth = 0
            for end in range(start, len(head)):
                depth += (word(head[end]) == "(") - (word(head[end]) == ")")
                if depth == 0:
                    return head[start : end + 1]
    return ()


def _is_assignment(tokens: Sequence[Token]) -> bool:
    return any(word(token) == ":=" for token in tokens[1:6])


def _assigned(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the query whose result a variable takes: total := (SELECT …)."""
    for index, token in enumerate(tokens[:6]):
        if word(token) in {":=", "="}:
            inner = tokens[index + 1 :]
            has_query = any(word(each) == "SELECT" for each in inner)
            return inner if has_query and words(inner, 1) == ["("] else ()
    return ()


_RULES: dict[str, Callable[[Sequence[Token]], _Step]] = {
    "BEGIN": _begin, "END": _end, "START": _start, "DECLARE": _declare, "LET": _variable, "SET": _variable,
    "ELSE": _word, "LOOP": _word, "REPEAT": _word, "THEN": _word, "/": _word, "<": _label, "UNTIL": _until,
    "IF": _condition, "ELSEIF": _condition, "ELSIF": _condition, "WHEN": _condition, "EXCEPTION": _condition,
    "WHILE": _while, "FOR": _for, "FORALL": _each, "CASE": _case, "OPEN": _open, "PERFORM": _perform, "RETURN": _return,
}  # fmt: skip
