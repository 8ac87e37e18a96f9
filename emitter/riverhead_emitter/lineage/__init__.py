"""Lineage of plain Python: `with lineage.run("train") as run: run.reads("s3://bucket/orders")`.

It tells what code does, and never changes what it does: no verb raises, no error of the code is swallowed or replaced.
"""

from riverhead_emitter.lineage.decorating import job
from riverhead_emitter.lineage.opening import column, current, data, document, run
from riverhead_emitter.lineage.traced import TracedRun

__all__ = ["TracedRun", "column", "current", "data", "document", "job", "run"]
