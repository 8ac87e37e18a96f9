"""Actions of RDDs: some write files, the others give their rows to whoever asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Touched
from riverhead_spark.rdd_names import rdd_name
from riverhead_spark.sinks.write import Target
from riverhead_spark.sources import folder

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan


def write_rdd(command: Node, plan: Plan) -> Target | None:
    """Return the folder that an action of an RDD writes to, if any; None for another command."""
    query = command.link("query")
    if command.name != "RddAction" or query is None:
        return None
    location, label = command.text("output"), rdd_name(plan, query)
    return Target(label=label, why="") if location is None else Target(Touched(folder(location)), label)
