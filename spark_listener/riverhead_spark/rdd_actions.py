"""Which jobs of RDDs are a user's actions: Spark and its libraries start others, to sort or to train. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# `collect at /jobs/job.py:12`: the method of Spark's that was called, and from where.
_CALL_SITE = re.compile(r"(?P<method>\w+) at (?P<file>.+):\d+")
# They only look at the rows, to know how to divide or to number them; an action comes later.
_PREPARING = frozenset({"repartitionAndSortWithinPartitions", "sortBy", "sortByKey", "zipWithIndex"})
# A driver in Python calls Spark from here; every other file in Scala is a library at work.
_FOR_PYTHON = frozenset({"PythonRDD.scala", "SparkHadoopWriter.scala"})


def is_action(root: Mapping[str, Any]) -> bool:
    """Return whether an execution is what a user asked for: a query always is."""
    site = _CALL_SITE.fullmatch(root.get("description") or "")
    if "node" in root or site is None:
        return True
    is_library = site["file"].endswith(".scala") and site["file"] not in _FOR_PYTHON
    return not is_library and site["method"] not in _PREPARING
