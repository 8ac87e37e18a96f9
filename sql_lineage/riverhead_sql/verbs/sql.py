"""Tell which column came from which in any SQL, without a database.

SQL is a text in quotes, a file, or - for what is piped in. Nothing is run, and nothing leaves this machine.
Exit code 0: something could be read. 1: nothing could. 2: an option makes no sense, or there is no such file.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from riverhead_emitter.drawing import DIM, Branch, Piece, View, drawn, folded, is_coloured, trees_of, width
from riverhead_emitter.errors import ConfigurationError, RiverheadError
from riverhead_emitter.model import NO_LINEAGE, Dataset, Lineage
from riverhead_emitter.nearest import nearest
from riverhead_emitter.printable import counted, printable
from riverhead_sql.lineage import SqlLineage, lineage_of
from riverhead_sql.verbs.as_json import as_json
from riverhead_sql.verbs.given_text import text_of
from riverhead_sql.verbs.schema_file import SchemaFile

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_RESULT = Dataset("", "result")
# A person waits longer than a host's task, and would rather have the columns.
_DEADLINE_SECONDS = 10.0


class UnreadableSql(RiverheadError):  # noqa: N818 - reads as what it is
    """Nothing in a text could be read as SQL."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `riverhead sql`."""
    parser.add_argument(
        "sql", metavar="SQL|FILE", nargs="?", help="SQL in quotes, a file's name, or - (standard input)"
    )
    parser.add_argument("--dialect", help="how it is written, as in postgres or snowflake (default: several are tried)")
    parser.add_argument(
        "--schema",
        metavar="FILE",
        help="which columns tables have: JSON, CREATE TABLEs, or a CSV of information_schema",
    )
    parser.add_argument("--all", action="store_true", help="fold no long list")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a tree")


def run(options: argparse.Namespace) -> int:
    """Print the lineage of some SQL."""
    lineage_of("")  # which says what to do where sqlglot is not installed
    text = text_of(options.sql)
    answer = _answered(text, _known(options.dialect), SchemaFile(options.schema) if options.schema else None)
    if options.json:
        # ASCII only, so that no name can steer a terminal.
        print(json.dumps(as_json(answer), indent=2))
    _refuse_unreadable(answer)
    if not options.json:
        view = View(width(sys.stdout), options.all)
        print("\n".join(_drawn(answer, view, options)))
    return 0


def _answered(text: str, dialect: str | None, schema: SchemaFile | None) -> SqlLineage:
    if schema is None:
        return lineage_of(text, dialect=dialect, result=_RESULT, deadline_seconds=_DEADLINE_SECONDS)
    if dialect is None and schema.statements is not None:
        # Both were written for one database: what one leaves open, the other may show.
        dialect = lineage_of([text, schema.statements], deadline_seconds=_DEADLINE_SECONDS).dialect
    columns = schema.columns(dialect, _DEADLINE_SECONDS)
    return lineage_of(text, dialect=dialect, schema=columns, result=_RESULT, deadline_seconds=_DEADLINE_SECONDS)


def _known(dialect: str | None) -> str | None:
    if dialect is None:
        return None
    from sqlglot import Dialects  # an extra, and has a price

    from riverhead_sql.reading.dialects import known_dialect

    if known_dialect(dialect) is None:
        names = sorted(known.value for known in Dialects if known.value)
        near = nearest(dialect.lower(), names)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(names)}"
        raise ConfigurationError(f"unknown dialect {printable(dialect)}; {hint}")
    return dialect


def _refuse_unreadable(answer: SqlLineage) -> None:
    if not answer.statements:
        raise UnreadableSql("there is no SQL statement in it")
    if any(map(_is_read, answer.statements)):
        return
    first = answer.statements[0].unresolved[0]
    more = len(answer.statements) - 1
    others = f"; nor could {counted(more, 'more statement')}" if more else ""
    what = printable(" ".join(first.what.split()), 60)
    raise UnreadableSql(f"nothing in it could be read: {what} – {printable(first.why, 200)}{others}")


def _is_read(statement: Lineage) -> bool:
    return bool(statement.inputs or statement.outputs or not statement.unresolved)


def _drawn(answer: SqlLineage, view: View, options: argparse.Namespace) -> Iterator[str]:
    moving = [statement for statement in answer.statements if statement.inputs or statement.outputs]
    coloured = is_coloured(sys.stdout)
    for tree in folded([tree for statement in moving for tree in trees_of(statement, view)], "dataset", view):
        yield from drawn(tree, view.width, is_coloured=coloured)
        yield ""
    # What could not even be said to read or write something is told once, at the end.
    untold = [each for each in answer.statements if not (each.inputs or each.outputs)]
    rest = trees_of(Lineage(unresolved=tuple(reason for each in untold for reason in each.unresolved)), view)
    for tree in rest:
        yield from drawn(tree, view.width, is_coloured=coloured)
    yield from [""] * bool(rest)
    for line in _summary(answer, options):
        yield from drawn(Branch((Piece(line, DIM),)), view.width, is_coloured=coloured)


def _summary(answer: SqlLineage, options: argparse.Namespace) -> Iterator[str]:
    number, still = len(answer.statements), answer.statements.count(NO_LINEAGE)
    moves_nothing = f", {still:,} of which {'moves' if still == 1 else 'move'} no data" if still else ""
    how = " (found by trying; --dialect names it)" if options.dialect is None else ""
    yield f"{counted(number, 'statement')}{moves_nothing}, read as {answer.dialect or 'general SQL'}{how}"
    is_schema_missed = any("schema" in reason.why for each in answer.statements for reason in each.unresolved)
    if is_schema_missed and not options.schema:
        yield "--schema FILE says which columns tables have"
