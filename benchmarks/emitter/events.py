"""The run that both sides tell of, in three sizes: 3 KB and 100 KB of column lineage, and 100 KB of SQL text."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from riverhead_emitter import model
from riverhead_emitter.facets.job import sql
from riverhead_emitter.run_ids import new_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_emitter.emitter import Emitter

SOURCE, TARGET = ("postgres://db:5432", "shop.public.orders"), ("s3://warehouse", "marts/revenue")
JOB = model.Job("bench", "load_revenue")
_LINE = "SELECT o.id, o.amount, c.name FROM shop.orders o JOIN shop.customers c ON o.by = c.id AND c.n > {} UNION ALL\n"
# Name of a case → its columns and the length of its SQL text.
SIZES = {"3 KB columns": (7, 0), "100 KB columns": (340, 0), "100 KB SQL": (2, 100_000)}


def ours(emitter: Emitter, size: str) -> Callable[[], None]:
    """Return what tells our emitter: built from a Lineage, redacted, serialised and kept."""
    columns, length = SIZES[size]
    read, written = model.Dataset(*SOURCE), model.Dataset(*TARGET)
    fields = tuple(model.Field(f"column_{at}", "VARCHAR(40)") for at in range(columns))
    edges = tuple(
        model.ColumnEdge(
            model.Column(written, field.name), model.Column(read, field.name), model.Derivation.TRANSFORMATION
        )
        for field in fields
    )
    lineage = model.Lineage((model.Touched(read, fields),), (model.Touched(written, fields),), edges)
    texts = texts_of(length)
    runs = itertools.cycle([model.Run(new_run_id(), JOB) for _ in range(100)])

    def tell() -> None:
        text = next(texts)
        facets = {"sql": sql(text)} if text else None
        kept = emitter.tell(model.RunState.COMPLETE, next(runs), lineage, job_facets=facets)
        if not kept:
            raise SystemExit(f"the emitter refused an event: {emitter.failures.counts}")

    return tell


def texts_of(length: int) -> Iterator[str]:
    """Yield so much SQL, again and again: no line of it like another, as what was seen before costs less."""
    lines = itertools.count()
    texts = ["".join(_LINE.format(next(lines)) for _ in range(length // len(_LINE) + 1))[:length] for _ in range(40)]
    return itertools.cycle(texts)
