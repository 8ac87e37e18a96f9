"""What becomes of the tables that a script makes: some are gone at its end, and only hand rows on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.statements.move import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_sql.scripts.names import Names


def passing_statements(trees: Sequence[exp.Expr | None], names: Names) -> frozenset[int]:
    """Return which statements make a table that a later one drops, and which drop it, by their places.

    A staging table is made, read and dropped; the old version of a table is renamed out of the way and dropped.
    """
    fates = _Fates(names)
    for place, tree in enumerate(trees):
        fates.follow(tree, place)
    return frozenset(fates.passing)


class _Fates:
    """The tables that a script has made so far, each with the statement that made it."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._made: dict[Dataset, int] = {}
        self._dropped: dict[Dataset, int] = {}
        self.passing: set[int] = set()

    def follow(self, tree: exp.Expr | None, place: int) -> None:
        """Take one statement into account."""
        if isinstance(tree, exp.Use):
            self._names.follow_use(tree)
        elif isinstance(tree, exp.Alter):
            for before, after, is_swap in renames_of(tree):
                self._rename(self._key(before), self._key(after), place, is_swap=is_swap)
        elif isinstance(tree, exp.Drop):
            for table in dropped(tree):
                self._drop(self._key(table), place)
        elif tree is not None:
            self._made.update((self._key(table), place) for table in _made(tree))

    def _drop(self, dataset: Dataset, place: int) -> None:
        if dataset not in self._made:
            self._dropped[dataset] = place
            return
        self.passing.update((self._made.pop(dataset), place))
        if dataset in self._dropped:
            # DROP TABLE IF EXISTS before it was made was of the same staging table.
            self.passing.add(self._dropped[dataset])

    def _rename(self, before: Dataset, after: Dataset, place: int, *, is_swap: bool) -> None:
        first, second = self._made.pop(before, place), self._made.pop(after, place)
        self._made[after] = first
        if is_swap:
            self._made[before] = second

    def _key(self, table: exp.Table) -> Dataset:
        return self._names.table(self._names.folded(table)).dataset


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


def _made(tree: exp.Expr) -> Iterator[exp.Table]:
    target: exp.Expr | None = None
    if isinstance(tree, exp.Create) and (tree.kind or "").upper() in {"TABLE", "VIEW"}:
        target = target_of(tree.this)[0]
    elif isinstance(tree, exp.Select) and tree.args.get("into") is not None:
        target = tree.args["into"].this
    if isinstance(target, exp.Table):
        yield target
