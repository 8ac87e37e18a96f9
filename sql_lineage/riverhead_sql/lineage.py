"""The front door: SQL text in, model values out. Needs sqlglot only once it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import Unavailable
from riverhead_sql.merging import merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riverhead_emitter.model import Dataset, Lineage
    from riverhead_emitter.naming import Database

DEFAULT_DEADLINE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SqlLineage:
    """The lineage of a script: one value per statement, in the text's order."""

    statements: tuple[Lineage, ...] = ()

    @property
    def merged(self) -> Lineage:
        """The whole script as one task's lineage; each output keeps its own mapping of columns."""
        return merged(self.statements)


def lineage_of(
    sql: str | Sequence[str],
    *,
    database: Database,
    schema: Mapping[str, Sequence[str]] | None = None,
    result: Dataset | None = None,
    deadline_seconds: float = DEFAULT_DEADLINE_SECONDS,
) -> SqlLineage:
    """Return the lineage of SQL text, one statement or many; no text makes it raise.

    Args:
        sql: the text, or several texts that run one after the other.
        database: where its names live, its dialect, and what an unqualified name means.
        schema: the columns of each dataset in order, by its name (or path) as one would write it in this database.
        result: where the rows of a bare SELECT go, for a host that knows; without it they have inputs only.
        deadline_seconds: when it has passed, what is left is answered with datasets only, and says so.
    """
    try:
        # sqlglot is an extra and costs 176 ms of CPU to import: only who asks for lineage pays.
        from riverhead_sql.scripts import Script
    except ModuleNotFoundError as missing:
        if missing.name != "sqlglot":
            raise
        raise Unavailable("SQL lineage needs sqlglot: pip install 'riverhead[sql]'.") from missing
    script = Script(database, schema or {}, result, deadline_seconds)
    texts = [sql] if isinstance(sql, str) else list(sql)
    return SqlLineage(tuple(statement for text in texts for statement in script.run(text)))
