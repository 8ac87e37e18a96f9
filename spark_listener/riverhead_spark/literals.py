"""A tap's record without the literals of its expressions, for those who hide SQL's; no verb tells that this is SQL."""

from __future__ import annotations

from typing import Any

from riverhead_emitter.redaction.sql_literals import expression_without_literals

# Where the tap keeps the text of an expression.
_TEXT = "s"


def hide_literals(record: dict[str, Any]) -> None:
    """Put the mask in place of each literal in the expressions of a record's plan."""
    plan = record.get("plan")
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
