"""A request of a Spark Connect client → the names in it; never a row, a literal or an option. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KIND = "spark.connect"
_MOST_MESSAGES = 20_000
_LONGEST_SQL = 65_536
# Nothing in them names a dataset; some hold rows or code.
_CLOSED = frozenset({"Expression", "LocalRelation", "CommonInlineUserDefinedFunction", "DataType", "RelationCommon"})
# The server answers such a statement with a plan, and runs it when its rows are asked for. Of a setting the value may
# be a secret that is named like any other.
_ONLY_ASKS = re.compile(
    r"\s*(?:(?:select|values|table|show|desc|describe|explain)\b|set\b(?!\s+var(?:iable)?\b))", re.IGNORECASE
)

# Which messages name something, and what. Field names are those of Spark's `relations.proto` and `commands.proto`.
_NAMED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "NamedTable": ("reads", lambda message: {"table": message.unparsed_identifier}),
    "DataSource": ("reads", lambda message: {"format": message.format, "paths": list(message.paths)}),
    "SQL": ("queries", lambda message: message.query[:_LONGEST_SQL]),
    "WriteOperation": ("writes", lambda message: _target(message.table.table_name, message.path)),
    "WriteOperationV2": ("writes", lambda message: _target(message.table_name, "")),
    "WriteStreamOperationStart": ("writes", lambda message: _target(message.table_name, message.path)),
    "MergeIntoTableCommand": ("writes", lambda message: _target(message.target_table_name, "")),
}


def request_facts(plan: Any) -> dict[str, Any] | None:
    """Return what the plan of a request names; None for one that reads and writes nothing that has a name."""
    facts: dict[str, Any] = {"reads": [], "writes": [], "queries": []}
    for message in _messages(plan):
        name = message.DESCRIPTOR.name
        if name in _NAMED:
            kind, told = _NAMED[name]
            facts[kind].append(told(message))
        elif name == "SqlCommand" and message.sql:  # Spark 3.5
            facts["queries"].append(message.sql[:_LONGEST_SQL])
    command = plan.command.WhichOneof("command_type")
    is_asking = command == "sql_command" and all(map(_ONLY_ASKS.match, facts["queries"]))
    if is_asking or not any(facts.values()):
        return None
    return {**facts, "operation": command or "collect"}


def _target(table: str, path: str) -> dict[str, str]:
    return {"table": table} if table else {"path": path}


def _messages(plan: Any) -> Iterator[Any]:
    """Yield the messages inside a message, itself first, as far as they may name something."""
    pending = [plan]
    for _ in range(_MOST_MESSAGES):
        if not pending:
            return
        message = pending.pop()
        if message.DESCRIPTOR.name in _CLOSED:
            continue
        yield message
        for _field, value in message.ListFields():
            if hasattr(value, "ListFields"):
                pending.append(value)
            elif not isinstance(value, (str, bytes)) and hasattr(value, "__iter__"):
                pending += [each for each in value if hasattr(each, "ListFields")]
