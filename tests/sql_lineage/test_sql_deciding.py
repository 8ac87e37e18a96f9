"""Which source columns decide about an output's rows without being in it."""

from __future__ import annotations

import pytest

from riverhead_emitter.naming import Database
from riverhead_sql import lineage_of

DUCKDB = Database("db", "duckdb")


def deciding(select: str) -> set[str]:
    lineage = lineage_of(f"CREATE TABLE o AS {select}", default=DUCKDB).merged
    return {f"{edge.source.dataset.name}.{edge.source.name} {edge.how.value}" for edge in lineage.datasets}


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("SELECT a FROM t", set()),
        ("SELECT t.a FROM t JOIN u ON t.i = u.i AND u.ok", {"t.i JOIN", "u.i JOIN", "u.ok JOIN"}),
        ("SELECT t.a FROM t JOIN u USING (i)", {"t.i JOIN", "u.i JOIN"}),
        ("SELECT a FROM t WHERE b > 1", {"t.b FILTER"}),
        ("SELECT a, SUM(b) AS s FROM t GROUP BY a HAVING s > 1", {"t.a GROUP_BY", "t.b FILTER"}),
        ("SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) = 1", {"t.k FILTER", "t.ts FILTER"}),
        ("SELECT a, b, SUM(c) AS s FROM t GROUP BY 1, 2", {"t.a GROUP_BY", "t.b GROUP_BY"}),
        ("SELECT a, SUM(c) AS s FROM t GROUP BY ALL", {"t.a GROUP_BY"}),
        ("SELECT a, b, SUM(c) AS s FROM t GROUP BY ROLLUP (a, b)", {"t.a GROUP_BY", "t.b GROUP_BY"}),
        ("SELECT UPPER(a) AS u, MAX(c) AS m FROM t GROUP BY u", {"t.a GROUP_BY"}),
        ("SELECT DISTINCT ON (a) a, b FROM t ORDER BY c", {"t.a GROUP_BY", "t.c SORT"}),
        ("SELECT a, b FROM t ORDER BY 2", {"t.b SORT"}),
        ("SELECT SUM(a) AS total FROM t ORDER BY total", {"t.a SORT"}),
        ("SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a", {"t.a SORT", "u.b SORT"}),
    ],
)
def test_each_clause_decides_with_its_columns(select: str, expected: set[str]) -> None:
    assert deciding(select) == expected


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("WITH c AS (SELECT a FROM t WHERE b > 1) SELECT a FROM c", {"t.b FILTER"}),
        ("WITH unused AS (SELECT a FROM t WHERE b > 1) SELECT x FROM u", set()),
        ("SELECT a FROM t WHERE k IN (SELECT i FROM u WHERE z)", {"t.k FILTER", "u.i FILTER", "u.z FILTER"}),
        ("SELECT a FROM t WHERE EXISTS (SELECT * FROM u WHERE u.i = t.i)", {"u.i FILTER", "t.i FILTER"}),
        (
            "SELECT a FROM (SELECT a, ROW_NUMBER() OVER (PARTITION BY k) AS n FROM t) AS q WHERE n = 1",
            {"t.k FILTER"},
        ),
        ("SELECT a FROM (SELECT a, MD5(b) AS h FROM t) AS q", set()),
        ("SELECT a FROM t EXCEPT SELECT b FROM u", {"u.b FILTER"}),
    ],
)
def test_what_decides_inside_a_query_decides_outside_it(select: str, expected: set[str]) -> None:
    assert deciding(select) == expected


def test_each_part_of_a_condition_is_an_edge_with_its_own_text() -> None:
    lineage = lineage_of("CREATE TABLE o AS SELECT a FROM t WHERE b > 1 AND c = 'x'", default=DUCKDB).merged

    assert [(edge.source.name, edge.expression) for edge in lineage.datasets] == [("b", "b > 1"), ("c", "c = 'x'")]
