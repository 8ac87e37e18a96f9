"""Statements that the parser takes for opaque commands, as the trees of what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from riverhead_sql.reading.dialects import name_of
from riverhead_sql.reading.tokens import tokens_of
from riverhead_sql.reading.words import TEXTS, place_of, separated, word, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riverhead_sql.reading.trees import Trees


def moves_partitions(tokens: Sequence[Token]) -> bool:
    """Return whether an ALTER TABLE moves rows from one table to another, or a table to another schema."""
    if words(tokens, 2) == ["ALTER", "VIEW"]:
        return place_of(tokens, {"AS"}, 2) > 0
    if words(tokens, 2) != ["ALTER", "TABLE"]:
        return False
    return place_of(tokens, _ACTIONS | {"UPDATE", "DELETE"}, 3) > 0 or _new_schema(tokens) > 0


def trees_of_command(tokens: Sequence[Token], trees: Trees) -> list[exp.Expr]:
    """Return what a command does as other statements would say it; nothing for one that is not known."""
    said = words(tokens, 3)
    rule = _RULES.get(said[0]) if said else None
    return list(rule(tokens, trees)) if rule is not None else []


def _unload(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """UNLOAD ('SELECT …') TO 's3://…' (Redshift), UNLOAD (SELECT …) TO '…' (Athena)."""
    to = place_of(tokens, {"TO"})
    inner = tokens[2 : to - 1]
    if not inner or not _has_text(tokens, to + 1):
        return
    text = inner[0].text if inner[0].token_type in TEXTS else ""
    query = trees.of(tokens_of(text, trees.dialect), text) if text else trees.of(inner)
    yield _copied(query, tokens[to + 1])


def _rename(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """RENAME TABLE a TO b, c TO d; Teradata's RENAME TABLE a AS b; Db2's RENAME a TO b."""
    start = 2 if words(tokens, 2)[-1] in {"TABLE", "TABLES", "VIEW", "OBJECT"} else 1
    for pair in separated(tokens[start:], {","}):
        match list(separated(pair, {"TO", "AS"})):
            case [old, new] if old and new:
                rename = exp.AlterRename(this=trees.table(new))
                yield exp.Alter(this=trees.table(old), kind="TABLE", actions=[rename])


def _exchange(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """ClickHouse's EXCHANGE TABLES a AND b."""
    if words(tokens, 2)[-1] not in {"TABLES", "DICTIONARIES"}:
        return
    for pair in separated(tokens[2:], {","}):
        match list(separated(pair, {"AND"})):
            case [one, other] if one and other:
                swap = exp.SwapTable(this=trees.table(other))
                yield exp.Alter(this=trees.table(one), kind="TABLE", actions=[swap])


def _alter(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """Rows that an ALTER moves or changes: partitions from one table to another, ClickHouse's UPDATE and DELETE."""
    if words(tokens, 2)[-1] == "VIEW":
        yield trees.of([Token(TokenType.CREATE, "CREATE"), *tokens[1:]])
        return
    if words(tokens, 2)[-1] != "TABLE":
        return
    schema = _new_schema(tokens)
    if schema > 0:
        start = 4 if words(tokens, 4)[2:] == ["IF", "EXISTS"] else 2
        moved = trees.table(tokens[start : schema - 1])
        new = trees.table(tokens[schema + 1 : schema + 2]).this
        there = exp.Table(this=moved.this.copy(), db=new, catalog=moved.args.get("catalog"))
        yield exp.Alter(this=moved, kind="TABLE", actions=[exp.AlterRename(this=there)])
        return
    change = place_of(tokens, {"UPDATE", "DELETE"}, 3)
    if change > 0:
        named = tokens[2 : place_of(tokens, {"ON", "UPDATE", "DELETE"}, 3)]
        place = tokens_of("FROM", trees.dialect) if word(tokens[change]) == "DELETE" else []
        then = tokens_of("SET", trees.dialect) if word(tokens[change]) == "UPDATE" else []
        yield trees.of([tokens[change], *place, *named, *then, *tokens[change + 1 :]])
        return
    for action, before_other, is_into_other in _MOVING:
        at = place_of(tokens, {action}, 3)
        other = place_of(tokens, {before_other}, at) if at > 0 else -1
        if other < 0 or len(tokens) <= other + 1:
            continue
        named = tokens[other + 1 :]
        named = named[1:] if words(named, 1) == ["TABLE"] else named
        first, second = trees.table(tokens[2:at]), trees.table(named)
        if action == "EXCHANGE" and name_of(trees.dialect) not in {"hive", "spark", "databricks"}:
            yield exp.Alter(this=first, kind="TABLE", actions=[exp.SwapTable(this=second)])
            return
        source, target = (first, second) if is_into_other else (second, first)
        yield exp.Insert(this=target, expression=exp.select("*").from_(source))
        return


# An action's word, the word before the other table, and whether the rows go into that one.
_MOVING = (
    ("EXCHANGE", "WITH", False), ("SWITCH", "TO", True), ("APPEND", "FROM", False),
    ("REPLACE", "FROM", False), ("ATTACH", "FROM", False), ("MOVE", "TO", True),
)  # fmt: skip


_ACTIONS = frozenset(action for action, _, _ in _MOVING)


def _load(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """MySQL's LOAD DATA [LOCAL] INFILE '…' INTO TABLE t."""
    file, into = place_of(tokens, {"INFILE"}), place_of(tokens, {"INTO"})
    if file < 0 or into < 0 or words(tokens[into + 1 :], 1) != ["TABLE"] or not _has_text(tokens, file + 1):
        return
    yield _loaded(tokens[into + 2 :], tokens[file + 1].text, trees)


def _bulk(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """T-SQL's BULK INSERT t FROM '…'."""
    source = place_of(tokens, {"FROM"})
    if words(tokens, 2)[-1] == "INSERT" and source > 0 and _has_text(tokens, source + 1):
        yield _loaded(tokens[2:source], tokens[source + 1].text, trees)


def _export(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """Hive's EXPORT TABLE t TO '…'."""
    to = place_of(tokens, {"TO"})
    if words(tokens, 2)[-1] == "TABLE" and to > 0 and _has_text(tokens, to + 1):
        query = exp.select("*").from_(trees.table(tokens[2:to]))
        yield _copied(query, tokens[to + 1])


def _import(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """Hive's IMPORT TABLE t FROM '…'."""
    source, named = place_of(tokens, {"FROM"}), place_of(tokens, {"TABLE"})
    if 0 < named < source and _has_text(tokens, source + 1):
        yield _loaded(tokens[named + 1 : source], tokens[source + 1].text, trees)


def _replace(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """MySQL's REPLACE INTO t SELECT …, which inserts."""
    if words(tokens, 2)[-1] == "INTO":
        yield trees.of([Token(TokenType.INSERT, "INSERT"), *tokens[1:]])


def _executed(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """T-SQL's EXEC sp_rename 'dbo.old', 'new'; with a third argument it renames something else."""
    match [token for token in tokens[2:] if word(token) != ","]:
        case [old, new] if words(tokens, 2)[-1] == "SP_RENAME" and {old.token_type, new.token_type} <= TEXTS:
            rename = exp.AlterRename(this=trees.table(tokens_of(new.text, trees.dialect)))
            yield exp.Alter(this=trees.table(tokens_of(old.text, trees.dialect)), kind="TABLE", actions=[rename])


def _outfile(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """MySQL's SELECT … INTO OUTFILE '…' [FIELDS …] FROM t."""
    into = place_of(tokens, {"OUTFILE", "DUMPFILE"})
    if into < 1 or not _has_text(tokens, into + 1):
        return
    end = place_of(tokens, {"FROM"}, into)
    query = trees.of([*tokens[: into - 1], *(tokens[end:] if end > 0 else ())])
    yield _copied(query, tokens[into + 1])


def _insert(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """T-SQL's INSERT INTO t EXEC procedure: what comes in is not written here, unless it is a text."""
    run = place_of(tokens, {"EXEC", "EXECUTE"})
    if run < 0:
        return
    texts = [token for token in tokens[run + 1 : run + 4] if token.token_type in TEXTS]
    query = tokens_of(texts[0].text if texts else "SELECT NULL", trees.dialect)
    insert = trees.of([*tokens[:run], *query])
    if not texts:
        insert.set("expression", None)
    yield insert
    if not texts:
        yield exp.Command(this="EXEC")


def _refresh(tokens: Sequence[Token], trees: Trees) -> Iterator[exp.Expr]:
    """REFRESH MATERIALIZED VIEW [CONCURRENTLY] v [WITH [NO] DATA]."""
    if words(tokens, 3)[1:] != ["MATERIALIZED", "VIEW"]:
        return
    start = 4 if words(tokens, 4)[3:] == ["CONCURRENTLY"] else 3
    end = place_of(tokens, {"WITH"}, start)
    yield exp.Refresh(this=trees.table(tokens[start : end if end > 0 else None]), kind="MATERIALIZED VIEW")


_RULES: dict[str, Callable[[Sequence[Token], Trees], Iterator[exp.Expr]]] = {
    "UNLOAD": _unload, "RENAME": _rename, "EXCHANGE": _exchange, "ALTER": _alter, "LOAD": _load, "BULK": _bulk,
    "SELECT": _outfile, "EXEC": _executed, "EXECUTE": _executed, "REPLACE": _replace, "INSERT": _insert,
    "EXPORT": _export, "IMPORT": _import, "REFRESH": _refresh,
}  # fmt: skip


def _new_schema(tokens: Sequence[Token]) -> int:
    """Return the place of SCHEMA in PostgreSQL's ALTER TABLE t SET SCHEMA s."""
    place = place_of(tokens, {"SCHEMA"}, 3)
    return place if place > 0 and len(tokens) == place + 2 and word(tokens[place - 1]) == "SET" else -1


def _has_text(tokens: Sequence[Token], place: int) -> bool:
    return 0 < place < len(tokens) and tokens[place].token_type in TEXTS


def _copied(query: exp.Expr, file: Token) -> exp.Copy:
    return exp.Copy(this=exp.Subquery(this=query), kind=False, files=[exp.Literal.string(file.text)])


def _loaded(table: Sequence[Token], path: str, trees: Trees) -> exp.LoadData:
    return exp.LoadData(this=trees.table(table), inpath=exp.Literal.string(path))
