"""What happens to whole tables: TRUNCATE, DROP, ALTER, a new name, a swap."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_emitter.model import (
    NO_LINEAGE,
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Flow,
    Lineage,
    Touched,
)
from riverhead_sql.scripts.fates import dropped, renames_of
from riverhead_sql.scripts.names import is_session_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_sql.scripts.session import Session


# What says that a DELETE takes only some rows.
_SOME_ROWS = ("where", "using", "tables", "limit", "with_")


class Lifecycles:
    """Answers the statements that move no rows, yet change which tables there are."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, tree: exp.Expr, told: list[Lineage], *, is_passing: bool) -> Lineage | None:
        """Return what a statement did to tables, or None for another kind; `told` is the lineage before it."""
        match tree:
            case exp.Delete() if isinstance(tree.this, exp.Table) and not any(map(tree.args.get, _SOME_ROWS)):
                return self._emptied(tree.this)
            case exp.Drop():
                return self._changed(dropped(tree), "DROP", is_told=not is_passing)
            case exp.Refresh() if isinstance(tree.this, exp.Table) and "MATERIALIZED" in tree.text("kind").upper():
                # It is filled anew; from what, its own statement said.
                return self._changed([tree.this], "OVERWRITE", is_told=True)
            case exp.TruncateTable():
                tables = [table for table in tree.expressions if isinstance(table, exp.Table)]
                for table in tables:
                    self._session.empty(self._session.dataset(table))
                return self._changed(tables, "TRUNCATE", is_told=True)
            case exp.Alter() if isinstance(tree.this, exp.Table) and (tree.args.get("kind") or "") in {"TABLE", "VIEW"}:
                for before, after, is_swap in renames_of(tree):
                    answer = self._swapped if is_swap else self._renamed
                    return answer(before, after, told, is_told=not is_passing)
                self._alter_columns(tree.this, tree.args.get("actions") or [])
                return self._changed([tree.this], "ALTER", is_told=True)
        return None

    def _changed(self, tables: Iterable[exp.Table], change: str, *, is_told: bool) -> Lineage:
        outputs = []
        for table in tables:
            dataset = self._session.dataset(table)
            is_own = is_session_own(self._session.names.parts(table)) or self._session.is_temporary(dataset)
            if is_told and not is_own:
                outputs.append(_touched(dataset, change))
            if change == "DROP":
                self._session.drop(dataset)
        return Lineage(outputs=tuple(outputs))

    def _renamed(self, old: exp.Table, new: exp.Table, told: list[Lineage], *, is_told: bool) -> Lineage:
        self._learn(old, new)
        before, after = self._session.dataset(old), self._session.dataset(new)
        was_temporary = self._session.is_temporary(before)
        columns = self._session.columns(before)
        self._session.rename(before, after)
        if was_temporary or not is_told:
            return NO_LINEAGE
        if _is_written(before, told):
            _call_differently({before: after}, told)
            return NO_LINEAGE
        return Lineage((Touched(before),), (_touched(after, "RENAME", before),), _all_columns(before, after, columns))

    def _emptied(self, table: exp.Table) -> Lineage | None:
        """Of a temporary table that loses all its rows the old sources go as well."""
        dataset = self._session.dataset(table)
        if not self._session.is_temporary(dataset):
            return None
        self._session.empty(dataset)
        return NO_LINEAGE

    def _alter_columns(self, table: exp.Table, actions: Iterable[exp.Expr]) -> None:
        self._learn(table)
        dataset = self._session.dataset(table)
        for action in actions:
            if isinstance(action, exp.ColumnDef):
                self._session.add_column(dataset, self._session.names.column(action))
            elif isinstance(action, exp.Drop) and action.args.get("kind") == "COLUMN":
                for column in action.args.get("tables") or ():
                    self._session.rename_column(dataset, self._session.names.column(column), None)
            elif isinstance(action, exp.RenameColumn):
                old, new = self._session.names.column(action.this), self._session.names.column(action.args["to"])
                self._session.rename_column(dataset, old, new)

    def _learn(self, *tables: exp.Table) -> None:
        self._session.learn(self._session.names.folded(table) for table in tables)

    def _swapped(self, one: exp.Table, other: exp.Table, told: list[Lineage], *, is_told: bool) -> Lineage:
        self._learn(one, other)
        first, second = self._session.dataset(one), self._session.dataset(other)
        columns = self._session.columns(first), self._session.columns(second)
        self._session.rename(first, second, is_swap=True)
        if _is_written(first, told) or _is_written(second, told):
            _call_differently({first: second, second: first}, told)
            return NO_LINEAGE
        if not is_told:
            return NO_LINEAGE
        both = (Touched(first), Touched(second))
        edges = _all_columns(first, second, columns[0]) + _all_columns(second, first, columns[1])
        return Lineage(both, both, edges, flows=(Flow(second, first), Flow(first, second)))


def _touched(dataset: Dataset, change: str, before: Dataset | None = None) -> Touched:
    return Touched(dataset, facets={"lifecycleStateChange": lifecycle_state_change(change, before)})


def _all_columns(source: Dataset, target: Dataset, names: Iterable[str] | None) -> tuple[ColumnEdge, ...]:
    return tuple(
        ColumnEdge(Column(target, name), Column(source, name), Derivation.IDENTITY, name) for name in names or ()
    )


def _is_written(dataset: Dataset, told: Iterable[Lineage]) -> bool:
    return any(touched.dataset == dataset for lineage in told for touched in lineage.outputs)


def _call_differently(names: Mapping[Dataset, Dataset], told: list[Lineage]) -> None:
    """What was written under one name is known by another at the script's end: that is where its rows are found."""
    for place, before in enumerate(told):
        # What had the name was dropped to make place for the one that has it now.
        kept = tuple(each for each in before.outputs if not (each.dataset in names.values() and _is_dropped(each)))
        lineage = told[place] = replace(before, outputs=kept) if len(kept) < len(before.outputs) else before
        if any(touched.dataset in names for touched in lineage.outputs):
            told[place] = replace(
                lineage,
                outputs=tuple(replace(each, dataset=names.get(each.dataset, each.dataset)) for each in lineage.outputs),
                columns=tuple(replace(each, output=_called(each.output, names)) for each in lineage.columns),
                datasets=tuple(_edge(each, names) for each in lineage.datasets),
                flows=tuple(_flow(each, names) for each in lineage.flows),
            )


def _is_dropped(touched: Touched) -> bool:
    change = touched.facets.get("lifecycleStateChange")
    return isinstance(change, dict) and change.get("lifecycleStateChange") == "DROP"


def _called(column: Column, names: Mapping[Dataset, Dataset]) -> Column:
    return replace(column, dataset=names.get(column.dataset, column.dataset))


def _edge(edge: DatasetEdge, names: Mapping[Dataset, Dataset]) -> DatasetEdge:
    return replace(edge, output=names.get(edge.output, edge.output))


def _flow(flow: Flow, names: Mapping[Dataset, Dataset]) -> Flow:
    return replace(flow, output=names.get(flow.output, flow.output)) if isinstance(flow.output, Dataset) else flow
