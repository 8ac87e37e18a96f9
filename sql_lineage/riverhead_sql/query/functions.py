"""Functions that stand in a FROM: which columns they make, and what a column of theirs came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.query.function_names import one_word
from riverhead_sql.query.relations import Ancestry, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Functions whose columns have names of their own, and what these are; in one word, as other dialects write them.
_NAMES = {
    "flatten": ("seq", "key", "path", "index", "value", "this"),
    "splittotable": ("seq", "index", "value"),
    "strtoksplittotable": ("seq", "index", "value"),
    "stringsplit": ("value", "ordinal"),
    "openjson": ("key", "value", "type"),
    "jsoneach": ("key", "value"),
    "jsonbeach": ("key", "value"),
    "jsonbeachtext": ("key", "value"),
    "jsontree": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path"),
    "jsonarrayelements": ("value",),
    "jsonbarrayelements": ("value",),
    "jsonbarrayelementstext": ("value",),
    "posexplode": ("pos", "col"),
    "posexplodeouter": ("pos", "col"),
}
# They make rows out of their arguments, one column that is called as the relation is.
_ONE_COLUMN = frozenset({
    "generateseries", "explodinggenerateseries", "range", "unnest", "generatedatearray", "repeat", "numbers", "values",
    "sequence", "generator", "generatesubscripts", "rowgenerator", "resultscan", "regexpsplittotable",
    "stringtotable", "generatetimestamparray",
})  # fmt: skip
# What they make is said by the text itself, or by what goes in.
_READS_ARGUMENTS = frozenset({
    "explode", "explodeouter", "inline", "inlineouter", "stack", "jsontable", "xmltable", "jsontuple", "parseurltuple",
    "jsonbtorecordset", "jsontorecordset", "jsonbpopulaterecordset", "jsonpopulaterecordset", "jsontorecord", "table",
})  # fmt: skip
# What the parser calls a relation that has no name; of such an UNNEST the fields are meant.
_MADE_UP = re.compile(r"(?:_\d+)?")
_DECLARATIONS = (exp.ColumnDef, exp.JSONSchema, exp.OpenJSONColumnDef, exp.TableAlias, exp.Identifier)


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What a function made of its arguments, where any column may be meant."""

    ancestry: Ancestry
    names: None = None

    def has(self, name: str) -> bool:  # noqa: ARG002 - the signature is the protocol's - nothing is known of any name
        """Return that nothing is known."""
        return False

    def column(self, name: str) -> Output:
        """Return a column of this name: whatever it is, it came from the arguments."""
        return Output(name, self.ancestry)


def is_function(table: exp.Expr) -> bool:
    """Return whether a function stands in a table's place."""
    return isinstance(table, exp.Table) and isinstance(table.this, exp.Func) and not isinstance(table.this, exp.Dot)


def function_of(relation: exp.Expr) -> exp.Expr:
    """Return the function inside TABLE (…) and LATERAL."""
    function = relation
    while isinstance(function, (exp.Table, exp.Lateral, exp.TableFromRows)) and isinstance(function.this, exp.Expr):
        function = function.this
    return function


def name_of_function(function: exp.Expr) -> str:
    """Return what a function is called."""
    if isinstance(function, exp.Dot):
        return ".".join(part.name for part in (function.this, function.expression))
    return function.name if isinstance(function, exp.Anonymous) else function.key


def is_known(function: exp.Expr) -> bool:
    """Return whether a function reads its arguments and nothing else."""
    name = _one_word(function)
    if isinstance(function, exp.Dot):
        return False
    return not isinstance(function, exp.Anonymous) or name in _NAMES or name in _ONE_COLUMN or name in _READS_ARGUMENTS


def names_made(relation: exp.Expr, fold: Callable[[str], str]) -> tuple[str, ...]:
    """Return the columns that a function in a FROM makes; none where they are not known."""
    alias = relation.args.get("alias")
    listed = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    if listed:
        return tuple(column.name for column in listed)
    function = function_of(relation)
    declared = tuple(name.name for name in _declared(function))
    if declared:
        return declared
    # Snowflake's FLATTEN is an explosion of one value into six columns, and always inside TABLE or LATERAL.
    is_flatten = isinstance(function, exp.Explode) and isinstance(relation, exp.TableFromRows)
    own = _NAMES.get("flatten" if is_flatten else _one_word(function))
    if own is not None:
        return tuple(fold(name) for name in own)
    is_scalar = _one_word(function) in _ONE_COLUMN or isinstance(relation, (exp.Unnest, exp.Values))
    return (relation.alias_or_name,) if is_scalar and not is_made_up(relation.alias_or_name) else ()


def is_made_up(name: str) -> bool:
    """Return whether the parser made a relation's name, because the text has none."""
    return _MADE_UP.fullmatch(name) is not None


def arguments_of(relation: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what goes into a function in a FROM."""
    function = function_of(relation)
    if function is relation or isinstance(function, exp.Func):
        for argument in function.iter_expressions():
            if not isinstance(argument, _DECLARATIONS):
                yield argument
    else:
        yield function


def _declared(function: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the columns that a function's own text declares: OPENJSON (…) WITH (…), JSON_TABLE (… COLUMNS (…))."""
    if isinstance(function, exp.OpenJSON):
        yield from (column.this for column in function.expressions)
    elif isinstance(function, exp.JSONTable):
        yield from (column.this for column in function.find_all(exp.JSONColumnDef) if column.args.get("kind"))


def _one_word(function: exp.Expr) -> str:
    return one_word(name_of_function(function))
