"""Names that a query gives to values of its own before its outputs have any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_sql.query.relations import Output
from riverhead_sql.query.views import Aliases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_sql.query.rows import Rows

_TIME_WINDOWS = frozenset({"window", "session_window"})


def named_values(select: exp.Select, rows: Rows) -> Iterator[Output]:
    """Yield the values that a query names beside its outputs; each may use those before it."""
    yield from _elements(select, rows)
    yield from _time_windows(select, rows)
    yield from _measures(select, rows)
    yield from _scalars(select, rows)


def _elements(select: exp.Select, rows: Rows) -> Iterator[Output]:
    """ClickHouse's ARRAY JOIN tags AS tag gives each element of a column a name."""
    for join in select.args.get("joins") or []:
        for unfolded in [join.this, *join.expressions] if join.kind == "ARRAY" else ():
            if isinstance(unfolded, exp.Alias):
                made = rows.output(unfolded, Aliases.NEVER, {}).ancestry.transformed()
                yield Output(unfolded.alias, made, unfolded.this)


def _time_windows(select: exp.Select, rows: Rows) -> Iterator[Output]:
    """Spark's GROUP BY window (at, '1 hour') makes a column of that name."""
    group = select.args.get("group")
    for key in group.expressions if group is not None else ():
        if isinstance(key, exp.Anonymous) and key.name.lower() in _TIME_WINDOWS:
            made = rows.output(key, Aliases.NEVER, {}).ancestry.transformed()
            yield Output(key.name.lower(), made, key)


def _measures(select: exp.Select, rows: Rows) -> Iterator[Output]:
    """MATCH_RECOGNIZE (… MEASURES LAST (a.at) AS ended …) names what it measures."""
    match = select.args.get("match")
    measures = match.args.get("measures") if isinstance(match, exp.MatchRecognize) else None
    for measure in measures or []:
        yield rows.output(measure.this, Aliases.NEVER, {})


def _scalars(select: exp.Select, rows: Rows) -> Iterator[Output]:
    """ClickHouse's WITH (SELECT max(day) FROM t) AS latest names a value."""
    ctes = select.args.get("with_")
    for cte in ctes.expressions if ctes is not None else ():
        if cte.args.get("scalar"):
            yield replace(rows.output(cte.this, Aliases.LAST, {}), name=cte.alias)
