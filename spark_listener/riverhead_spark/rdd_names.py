"""Names of RDDs: those that the official agent gives to the jobs that they are. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_spark.job_names import snake_case
from riverhead_spark.sources.rdds import RDD

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan

_KIND = re.compile(r"RDD\d*$")
# The agent's bound, which keeps a loop's RDDs from making names of any length.
_MOST_CHARS = 100


def rdd_name(plan: Plan, place: int) -> str:
    """Return the name of the RDD at this place: its own, and those of what it is made of."""
    names: dict[int, str] = {}
    for at in plan.upwards(place):
        node = plan.node(at)
        if node.name == RDD:
            below = "_".join(names[child] for child in node.children if child in names)[:_MOST_CHARS]
            own = _own(node)
            names[at] = below if below.startswith(own) else "_".join(part for part in (own, below) if part)
    return names.get(place, "")


def _own(node: Node) -> str:
    return node.text("name") or snake_case(_KIND.sub("", node.text("class") or ""))
