"""Texts that are wide, deep or long: what a generator of SQL writes, and what takes a parser seconds to minutes."""

# ruff: noqa: S608 - no database ever sees these texts

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDE, DEEP, CARRIED, CROSSED, NESTED, BRANCHES, TERMS, ROWS = 500, 50, 12, 18, 50, 200, 2_000, 5_000


def cases() -> Iterator[dict[str, Any]]:
    """Return each text as a case, with what is to be found in it."""
    both = ("raw.seed.x", "raw.seed.y")
    for name, sql, columns in (
        ("500 columns of a join", wide(), {f"p{at}": (f"raw.lefts.a{at}", f"raw.rights.b{at}") for at in range(WIDE)}),
        ("50 CTEs, one on the other", deep(), {f"v{at}": (f"raw.start.v{at}",) for at in range(CARRIED)}),
        ("18 CTEs, each used twice", crossed(), {"x": both, "y": both}),
        ("50 subqueries, one in the other", nested(), {"x": ("raw.core.x",), "y": ("raw.core.y",)}),
        ("a union of 200", union(), {name: [f"raw.part_{at}.{name}" for at in range(BRANCHES)] for name in ("x", "y")}),
        ("2,000 terms of OR", disjunction(), {"total": ("raw.facts.total",)}),
        ("5,000 rows of VALUES", values(), {}),
    ):
        yield {"id": name, "dialect": "postgres", "sql": sql, "expected": _expected(columns)}


def _expected(columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    sources = {out: [name.rsplit(".", 1) for name in names] for out, names in columns.items()}
    datasets = sorted({dataset for pairs in sources.values() for dataset, _ in pairs})
    return {"inputs": datasets, "columns": [{"out": out, "from": pairs} for out, pairs in sources.items()]}


def wide() -> str:
    """Return a join that computes so many columns."""
    columns = ", ".join(f"l.a{at} * r.b{at} AS p{at}" for at in range(WIDE))
    return f"INSERT INTO mart.wide SELECT {columns} FROM raw.lefts l JOIN raw.rights r ON r.k = l.k"


def deep() -> str:
    """Return a chain of CTEs, each of which computes every column of the one before."""
    steps = ["s0 AS (SELECT " + ", ".join(f"v{at}" for at in range(CARRIED)) + " FROM raw.start)"]
    for step in range(1, DEEP):
        columns = ", ".join(f"v{at} + {step} AS v{at}" for at in range(CARRIED))
        steps.append(f"s{step} AS (SELECT {columns} FROM s{step - 1} WHERE v{step % CARRIED} > 0)")
    return f"CREATE TABLE mart.deep AS WITH {', '.join(steps)} SELECT * FROM s{DEEP - 1}"


def crossed() -> str:
    """Return a chain of CTEs, each of which joins the one before to itself: two paths at each step."""
    first = "d0 AS (SELECT x, y FROM raw.seed)"
    steps = [
        f"d{step} AS (SELECT a.x - b.y AS x, b.x - a.y AS y FROM d{step - 1} a JOIN d{step - 1} b ON a.y = b.y)"
        for step in range(1, CROSSED)
    ]
    return f"CREATE TABLE mart.crossed AS WITH {', '.join([first, *steps])} SELECT x, y FROM d{CROSSED - 1}"


def nested() -> str:
    """Return a query of a query of a query, and so on."""
    text = "SELECT x, y FROM raw.core"
    for level in range(NESTED):
        text = f"SELECT n{level}.x, n{level}.y FROM ({text}) AS n{level}"
    return f"INSERT INTO mart.nested {text}"


def union() -> str:
    """Return a union of as many datasets."""
    branches = (f"SELECT m.x, m.y FROM raw.part_{at} m" for at in range(BRANCHES))
    return "INSERT INTO mart.united " + " UNION ALL ".join(branches)


def disjunction() -> str:
    """Return a filter that names every row that it wants."""
    terms = " OR ".join(f"(f.shop = {at} AND f.till = '{at % 7}')" for at in range(TERMS))
    return f"INSERT INTO mart.chosen SELECT f.total FROM raw.facts f WHERE {terms}"


def values() -> str:
    """Return rows written out one by one."""
    rows = ", ".join(f"({at}, 'name {at}', NULL, {at}.5)" for at in range(ROWS))
    return f"INSERT INTO mart.filled (id, name, note, price) VALUES {rows}"
