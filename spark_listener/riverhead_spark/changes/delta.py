"""Delta's commands that change rows: each names its target, and what it assigns by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_spark.changes.branches import Branch, Growing
from riverhead_spark.plan import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_spark.plan import Plan

_CLAUSES = ("matchedClauses", "notMatchedClauses", "notMatchedBySourceClauses")
_ACTION = "DeltaMergeAction"


def merged(plan: Plan) -> Plan:
    """Return a MERGE with the query that finds what its clauses write: source and target joined, then each clause."""
    command, growing = plan.root, Growing(plan)
    source, target = command.link("source"), command.link("target")
    if source is None or target is None:
        return plan
    joined = growing.add(Node("Join", (source, target), None, {"condition": command.fields.get("condition")}))
    branches = [_branch(clause) for clause in _clauses(command)]
    for branch in branches:
        if not branch.assigned:
            joined = growing.filtered(joined, branch.condition)
    writing = [branch for branch in branches if branch.assigned]
    return growing.done(growing.written(writing, joined, _types(plan, target)))


def updated(plan: Plan) -> Plan:
    """Return an UPDATE with the query that finds the new values of its columns."""
    command, growing = plan.root, Growing(plan)
    target = command.link("target")
    if target is None:
        return plan
    names = [attribute.name for attribute in plan.described(target)]
    values = command.fields.get("updateExpressions", [])
    branch = Branch(dict(zip(names, values, strict=False)), command.fields.get("condition"))
    return growing.done(growing.written([branch], target, _types(plan, target)))


def deleted(plan: Plan) -> Plan:
    """Return a DELETE with the query that finds the rows; it assigns nothing."""
    command, growing = plan.root, Growing(plan)
    target = command.link("target")
    if target is None:
        return plan
    rows = growing.filtered(target, command.fields.get("condition"))
    return growing.done(growing.written([], rows, {}))


def _clauses(command: Node) -> Iterator[dict[str, Any]]:
    for name in _CLAUSES:
        for clause in command.fields.get(name) or ():
            if isinstance(clause, dict):
                yield clause


def _branch(clause: dict[str, Any]) -> Branch:
    """Tell a clause's condition, which comes first if there is one, from what it assigns."""
    assigned: dict[str, Any] = {}
    condition = None
    for child in clause.get("k", ()):
        if isinstance(child, dict) and child.get("e") == _ACTION:
            assigned[".".join(child.get("names", ()))] = child.get("k", [None])[0]
        else:
            condition = child
    return Branch(assigned, condition)


def _types(plan: Plan, target: int) -> dict[str, str]:
    return {attribute.name: attribute.type for attribute in plan.described(target)}
