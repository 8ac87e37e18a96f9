"""A tap's record without the literals of its expressions, for those who hide SQL's; no verb tells that this is SQL."""

from __future__ import annotations

from typing import Any

from riverhead_emitter.redaction.sql_literals import expression_without_literals
from riverhead_emitter.redaction.sql_options import without_secret_options

# Where the tap keeps the text of an expression.
_TEXT = "s"


def hide_literals(record: dict[str, Any]) -> None:
    """Put the mask in place of each literal in a record's SQL, its plan's expressions, and the one that failed."""
    plan, error = record.get("plan"), record.get("error")
    if error and error.get("fragment"):
        error["fragment"] = expression_without_literals(error["fragment"], is_double_a_name=False)
    if record.get("sql"):
        record["sql"] = expression_without_literals(record["sql"], is_double_a_name=False)
    # What a Connect client asked has no nodes: its SQL begins with a verb.
    waiting: list[Any] = [node["f"] for node in plan.get("nodes", ())] if plan else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(each for each in value if isinstance(each, (dict, list)))
        elif isinstance(value, dict):
            if "e" in value and _TEXT in value:
                value[_TEXT] = expression_without_literals(value[_TEXT])
            waiting.extend(each for each in value.values() if isinstance(each, (dict, list)))


def hide_options(record: dict[str, Any]) -> None:
    """Put the mask in place of each secret among a statement's options, whose values need no sign before them."""
    if record.get("sql"):
        record["sql"] = without_secret_options(record["sql"])
    queries = (record.get("plan") or {}).get("queries")
    if queries:
        record["plan"]["queries"] = [without_secret_options(query) for query in queries]
