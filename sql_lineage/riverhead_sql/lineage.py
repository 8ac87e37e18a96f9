"""The front door: SQL text in, model values out. Needs sqlglot only once it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.extras import how_to_install
from riverhead_emitter.naming import Database
from riverhead_sql.deadline import Deadline
from riverhead_sql.merging import merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Dataset, Lineage
    from riverhead_sql.schema_sources import SchemaSource

DEFAULT_DEADLINE_SECONDS = 2.0
# Where names live that nobody gave a place: what is answered can be read, and joins nothing.
_NOWHERE = Database("sql", "")


@dataclass(frozen=True, slots=True)
class SqlLineage:
    """The lineage of a script: one value per statement, in the text's order."""

    statements: tuple[Lineage, ...] = ()
    dialect: str = ""
    """The dialect that the text was read in; empty for general SQL."""

    @property
    def merged(self) -> Lineage:
        """The whole script as one task's lineage; each output keeps its own sources."""
        return merged(self.statements)


def lineage_of(
    sql: str | Sequence[str],
    *,
    dialect: str | None = None,
    schema: Mapping[str, Sequence[str]] | SchemaSource | None = None,
    default: Database | None = None,
    result: Dataset | None = None,
    deadline_seconds: float = DEFAULT_DEADLINE_SECONDS,
) -> SqlLineage:
    """Return the lineage of SQL text, one statement or many; no text makes it raise.

    Args:
        sql: the text, or several texts that run one after the other.
        dialect: how it is written; without one it is the default database's, else several are tried.
        schema: the columns of each dataset in order, by its name (or path) as one would write it; or who knows them.
        default: where its names live, and what an unqualified name means.
        result: where the rows of a bare SELECT go, for a host that knows; without it they have inputs only.
        deadline_seconds: when it has passed, what is left is answered with datasets only, and says so.
    """
    try:
        # sqlglot is an extra and costs 176 ms of CPU to import: only who asks for lineage pays.
        from riverhead_sql.scripts import answer
    except ModuleNotFoundError as missing:
        if missing.name != "sqlglot":
            raise
        raise Unavailable(f"SQL lineage needs sqlglot: {how_to_install('sql')}") from missing
    named = dialect if dialect is not None else (default.dialect if default is not None else None)
    texts = [sql] if isinstance(sql, str) else list(sql)
    deadline = Deadline(deadline_seconds)
    statements, used = answer(texts, named, default or _NOWHERE, schema=schema, result=result, deadline=deadline)
    return SqlLineage(tuple(statements), used)
