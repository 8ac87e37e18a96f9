"""What becomes of the tables that a script makes: some are gone at its end, and only hand rows on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def passing_statements(trees: Sequence[exp.Expr | None]) -> frozenset[int]:
    """Return which statements make a table that a later one drops, and which drop it, by their places.

    A staging table is made, read and dropped; the old version of a table is renamed out of the way and dropped.
    """
    made: dict[str, int] = {}
    passing: set[int] = set()
    dropped_before: dict[str, int] = {}
    for place, tree in enumerate(trees):
        if isinstance(tree, exp.Alter):
            for before, after, is_swap in renames_of(tree):
                _rename(made, _key(before), _key(after), place, is_swap=is_swap)
        elif isinstance(tree, exp.Drop):
            for table in dropped(tree):
                if _key(table) in made:
                    passing.update((made.pop(_key(table)), place))
                    # DROP TABLE IF EXISTS before it was made was of the same staging table.
                    passing.update([dropped_before[_key(table)]] if _key(table) in dropped_before else [])
                else:
                    dropped_before[_key(table)] = place
        elif tree is not None:
            made.update((_key(table), place) for table in _made(tree))
    return frozenset(passing)


def renames_of(alter: exp.Alter) -> Iterator[tuple[exp.Table, exp.Table, bool]]:
    """Yield the names before and after, and whether the two tables trade places."""
    old = alter.this
    for action in alter.args.get("actions") or []:
        is_rename = isinstance(action, (exp.AlterRename, exp.SwapTable)) and isinstance(action.this, exp.Table)
        if is_rename and isinstance(old, exp.Table):
            yield old, _beside(old, action.this), isinstance(action, exp.SwapTable)


def dropped(drop: exp.Drop) -> Iterator[exp.Table]:
    """Yield the tables and views that a DROP drops."""
    if (drop.args.get("kind") or "").upper() in {"TABLE", "VIEW", "MATERIALIZED VIEW"}:
        yield from (table for table in drop.args.get("tables") or () if isinstance(table, exp.Table))


def _beside(before: exp.Table, after: exp.Table) -> exp.Table:
    """A new name without a schema stays in the old one's."""
    if after.args.get("db") is None and before.args.get("db") is not None:
        after = after.copy()
        after.set("db", before.args["db"].copy())
        after.set("catalog", before.args["catalog"].copy() if before.args.get("catalog") else None)
    return after


def _rename(made: dict[str, int], before: str, after: str, place: int, *, is_swap: bool) -> None:
    first, second = made.pop(before, place), made.pop(after, place)
    made[after] = first
    if is_swap:
        made[before] = second


def _made(tree: exp.Expr) -> Iterator[exp.Table]:
    target: exp.Expr | None = None
    if isinstance(tree, exp.Create) and (tree.kind or "").upper() in {"TABLE", "VIEW"}:
        target = tree.this
    elif isinstance(tree, exp.Select) and tree.args.get("into") is not None:
        target = tree.args["into"].this
    while isinstance(target, exp.Schema):
        target = target.this
    if isinstance(target, exp.Table):
        yield target


def _key(table: exp.Table) -> str:
    return ".".join(part.name.lower() for part in table.parts)
