"""What names mean at one moment of a script: the database in use, columns known so far, temporary tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from riverhead_emitter.model import Unresolved
from riverhead_sql.files import FILES, dataset_of_path
from riverhead_sql.outputs import pivoted, united
from riverhead_sql.relations import NOTHING, Ancestry, Derived, Opaque, Output, Passing, Stored
from riverhead_sql.schemas import known_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlglot.dialects.dialect import Dialect

    from riverhead_emitter.model import Dataset
    from riverhead_emitter.naming import Database
    from riverhead_sql.relations import Relation

# They make rows out of their arguments and read nothing.
_READS_NOTHING = frozenset({"generate_series", "range", "unnest", "generate_date_array", "repeat", "numbers", "values"})


class Session:
    """One script's surroundings, which its statements read and change."""

    def __init__(self, database: Database, schema: Mapping[str, Sequence[str]], dialect: Dialect) -> None:
        self.database = database
        self._dialect = dialect
        self._columns = known_columns(schema, database, dialect)
        self._temporary: dict[Dataset, Derived] = {}

    def dataset(self, table: exp.Table) -> Dataset:
        """Return the dataset that a table's name means now."""
        if FILES in table.meta:
            files: tuple[Dataset, ...] = table.meta[FILES]
            return files[0]
        folded = normalize_identifiers(table.copy(), dialect=self._dialect)
        return self.database.dataset(_parts(folded))

    def path(self, path: str) -> Dataset:
        """Return the dataset of a file's path."""
        return dataset_of_path(path, self.database)

    def columns(self, dataset: Dataset) -> tuple[str, ...] | None:
        """Return a dataset's columns in order, where they are known."""
        temporary = self._temporary.get(dataset)
        return temporary.names if temporary is not None else self._columns.get(dataset)

    def relation(self, table: exp.Table) -> Relation:
        """Return what a table in a FROM stands for; its name must be folded already."""
        relation = self._relation(table)
        return pivoted(relation) if table.args.get("pivots") else relation

    def relation_of_name(self, table: exp.Table) -> Relation:
        """Return what a table's name stands for, as it is written."""
        return self._relation(normalize_identifiers(table.copy(), dialect=self._dialect))

    def is_temporary(self, dataset: Dataset) -> bool:
        """Return whether the script made this table for itself alone."""
        return dataset in self._temporary

    def define(self, dataset: Dataset, columns: Sequence[str]) -> None:
        """Remember the columns of a table that the script made."""
        self._columns[dataset] = tuple(columns)
        self._temporary.pop(dataset, None)

    def define_temporary(self, dataset: Dataset, relation: Derived) -> None:
        """Remember a temporary table as what it was made from."""
        self._temporary[dataset] = relation

    def extend_temporary(self, dataset: Dataset, relation: Derived) -> None:
        """Put further rows into a temporary table."""
        before = self._temporary[dataset]
        outputs, passing = united(before, relation, is_by_name=True)
        self._temporary[dataset] = Derived(
            tuple(outputs),
            tuple(passing),
            {**relation.deciding, **before.deciding},
            {**before.datasets, **relation.datasets},
            {**before.unresolved, **relation.unresolved},
        )

    def drop(self, dataset: Dataset) -> None:
        """Forget a table."""
        self._columns.pop(dataset, None)
        self._temporary.pop(dataset, None)

    def use(self, kind: str, table: exp.Table) -> None:
        """Change what unqualified names mean: USE DATABASE, USE SCHEMA, USE name."""
        parts = _parts(normalize_identifiers(table.copy(), dialect=self._dialect))
        if kind in {"DATABASE", "CATALOG"} or (not kind and len(parts) == 1 and self.database.dialect == "tsql"):
            self.database = replace(self.database, catalog=parts[-1])
        elif kind in {"", "SCHEMA"} and parts:
            catalog = parts[-2] if len(parts) > 1 else self.database.catalog
            self.database = replace(self.database, catalog=catalog, schema=parts[-1])

    def _relation(self, table: exp.Table) -> Relation:
        if FILES in table.meta:
            datasets = table.meta[FILES]
            return Stored(datasets, self._columns.get(datasets[0]), is_file=True)
        if not isinstance(table.this, (exp.Identifier, exp.Dot)):
            return _function(table)
        if not table.db and table.name.lower() == "dual":
            return NOTHING
        dataset = self.database.dataset(_parts(table))
        temporary = self._temporary.get(dataset)
        return temporary if temporary is not None else Stored((dataset,), self._columns.get(dataset))


def _function(table: exp.Table) -> Derived:
    """A function in a FROM: what it reads is not known, unless it is one that reads nothing."""
    function = table.this
    name = function.name if isinstance(function, exp.Anonymous) else function.key
    names = table.alias_column_names or [table.alias_or_name]
    is_harmless = name.lower() in _READS_NOTHING or (
        isinstance(function, exp.Func) and not isinstance(function, exp.Anonymous) and not function.find(exp.Column)
    )
    if is_harmless:
        return Derived(tuple(Output(column, Ancestry()) for column in names))
    why = Unresolved(f"function {name}", "what a table function reads is not known")
    return Derived(passing=(Passing(Opaque()),), unresolved={why: None})


def _parts(table: exp.Table) -> tuple[str, ...]:
    """Return a name's parts; a session's own table (#t) never meets a stored one of the same name."""
    parts = [part.name for part in table.parts]
    if isinstance(table.this, exp.Identifier) and table.this.args.get("temporary"):
        parts[-1] = f"#{parts[-1]}"
    return tuple(parts)
