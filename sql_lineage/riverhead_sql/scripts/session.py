"""One script's surroundings, which its statements read and change: columns known so far, temporary tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from riverhead_emitter.model import Unresolved
from riverhead_sql.query.columns import KnownColumns
from riverhead_sql.query.outputs import united
from riverhead_sql.query.relations import NOTHING, Ancestry, Derived, Opaque, Output, Passing, Stored
from riverhead_sql.reading.templates import has_gap
from riverhead_sql.schema_sources import Table
from riverhead_sql.scripts.names import is_session_own
from riverhead_sql.statements.files import FILES, dataset_of_path
from riverhead_sql.statements.move import CHANGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riverhead_emitter.model import Dataset
    from riverhead_sql.query.relations import Relation
    from riverhead_sql.schema_sources import SchemaSource
    from riverhead_sql.scripts.names import Names

_MOST_ASKED = 500


class Session:
    """What the statements of one script find, and leave behind for each other."""

    def __init__(self, names: Names, source: SchemaSource | None) -> None:
        self.names = names
        self._source = source
        self.doubts: list[Unresolved] = []
        self._columns: dict[Dataset, KnownColumns | None] = {}
        self._temporary: dict[Dataset, Derived] = {}
        self.rows: dict[str, Derived] = {}
        """What cursors and records hold, by their names in lower case."""

    def dataset(self, table: exp.Table) -> Dataset:
        """Return the dataset that a table's name means now."""
        if FILES in table.meta:
            files: tuple[Dataset, ...] = table.meta[FILES]
            return files[0]
        return self._found(self.names.folded(table))

    def path(self, path: str) -> Dataset:
        """Return the dataset of a file's path."""
        return dataset_of_path(path, self.names.database)

    def learn(self, tables: Iterable[exp.Table], *datasets: Dataset) -> None:
        """Ask once for the columns of everything that a statement touches; the names must be folded."""
        asked: dict[Dataset, Table] = {}
        for table in tables:
            for meant in self._meant(table):
                asked.setdefault(meant.dataset, meant)
        for dataset in datasets:
            asked.setdefault(dataset, Table(dataset, None, None, dataset.name))
        unknown = [meant for dataset, meant in asked.items() if dataset not in self._columns][:_MOST_ASKED]
        if self._source is None or not unknown:
            return
        try:
            told = self._source.columns_of(unknown)
        except Exception as error:  # noqa: BLE001 - somebody else's code: that it fails costs columns, not the lineage
            self.doubts.append(Unresolved("schema", f"who knows the columns failed ({type(error).__name__})"))
            self._source = None
            return
        for meant in unknown:
            columns = told.get(meant.dataset)
            self._columns[meant.dataset] = KnownColumns(columns) if columns else None

    def columns(self, dataset: Dataset) -> tuple[str, ...] | None:
        """Return a dataset's columns in order, where they are known."""
        temporary = self._temporary.get(dataset)
        if temporary is not None:
            return temporary.names
        known = self._columns.get(dataset)
        return known.names if known is not None else None

    def relation(self, table: exp.Table) -> Relation:
        """Return what a table in a FROM stands for; its name must be folded already."""
        if FILES in table.meta:
            datasets = table.meta[FILES]
            return Stored(datasets, self._columns.get(datasets[0]), is_file=True)
        if isinstance(table.this, exp.SemanticView) and isinstance(table.this.this, exp.Table):
            return self.relation(table.this.this)
        if table.this is None:
            return Derived(tuple(Output(name, Ancestry()) for name in table.alias_column_names))
        if not isinstance(table.this, (exp.Identifier, exp.Dot, exp.Parameter)):
            return Derived(passing=(Passing(Opaque()),))
        if table.db.lower() in {"", "sys", "sysibm"} and table.name.lower() in {"dual", "sysdummy1"}:
            return NOTHING
        dataset = self._found(table)
        temporary = self._temporary.get(dataset)
        if temporary is not None:
            return temporary
        if is_session_own(self.names.parts(table)):
            return Derived(passing=(Passing(Opaque()),), unresolved={_made_before(dataset): None})
        return Stored((dataset,), self._columns.get(dataset), is_read=CHANGED not in table.meta)

    def is_temporary(self, dataset: Dataset) -> bool:
        """Return whether the script made this table for itself alone."""
        return dataset in self._temporary

    def define(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Remember the columns of a table that the script made."""
        self._columns[dataset] = KnownColumns(tuple(columns))
        self._temporary.pop(dataset, None)

    def define_temporary(self, dataset: Dataset, relation: Derived) -> None:
        """Remember a temporary table as what it was made from."""
        self._temporary[dataset] = relation

    def extend_temporary(self, dataset: Dataset, relation: Derived) -> None:
        """Put further rows into a temporary table."""
        before = self._temporary[dataset]
        if not before.outputs and not before.passing:
            before = relation
        outputs, passing = united(before, relation, is_by_name=True)
        self._temporary[dataset] = Derived(
            tuple(outputs),
            tuple(passing),
            {**relation.deciding, **before.deciding},
            {**before.datasets, **relation.datasets},
            {**before.unresolved, **relation.unresolved},
        )

    def empty(self, dataset: Dataset) -> None:
        """Forget where a temporary table's rows came from."""
        temporary = self._temporary.get(dataset)
        if temporary is not None:
            self._temporary[dataset] = Derived(tuple(Output(each.name, Ancestry()) for each in temporary.outputs))

    def add_column(self, dataset: Dataset, name: str) -> None:
        """Know a column that was added to a table."""
        temporary, known = self._temporary.get(dataset), self._columns.get(dataset)
        if temporary is not None:
            self._temporary[dataset] = replace(temporary, outputs=(*temporary.outputs, Output(name, Ancestry())))
        elif known is not None:
            self._columns[dataset] = KnownColumns((*known.names, name))

    def rename_column(self, dataset: Dataset, old: str, new: str | None) -> None:
        """Know a column by its new name; without one it is gone."""
        temporary, known = self._temporary.get(dataset), self._columns.get(dataset)
        if temporary is not None:
            kept = [each for each in temporary.outputs if new is not None or each.name != old]
            outputs = tuple(replace(each, name=new) if new is not None and each.name == old else each for each in kept)
            self._temporary[dataset] = replace(temporary, outputs=outputs)
        elif known is not None:
            names = (new if name == old else name for name in known.names)
            self._columns[dataset] = KnownColumns(name for name in names if name is not None)

    def drop(self, dataset: Dataset) -> None:
        """Forget a table."""
        self._columns.pop(dataset, None)
        self._temporary.pop(dataset, None)

    def rename(self, before: Dataset, after: Dataset, *, is_swap: bool = False) -> None:
        """Know a table by its new name; in a swap the other takes its place."""
        _move(self._columns, before, after, is_swap=is_swap)
        _move(self._temporary, before, after, is_swap=is_swap)

    def _meant(self, table: exp.Table) -> list[Table]:
        if FILES in table.meta:
            return [Table(dataset, None, None, dataset.name) for dataset in table.meta[FILES]]
        if not isinstance(table.this, (exp.Identifier, exp.Dot)):
            return []
        parts = self.names.parts(table)
        return [] if is_session_own(parts) or has_gap(".".join(parts)) else self.names.candidates(table)

    def _found(self, table: exp.Table) -> Dataset:
        """Return the first that a folded name may mean and that is there; of what nobody knows the first."""
        datasets = [meant.dataset for meant in self.names.candidates(table)]
        there = (one for one in datasets if one in self._temporary or self._columns.get(one) is not None)
        return next(there, datasets[0])


def _made_before(dataset: Dataset) -> Unresolved:
    return Unresolved(dataset.name, "it is a session's own table, which this text does not make")


def _move(known: dict[Dataset, Any], before: Dataset, after: Dataset, *, is_swap: bool) -> None:
    first, second = known.pop(before, None), known.pop(after, None)
    if first is not None:
        known[after] = first
    if is_swap and second is not None:
        known[before] = second
