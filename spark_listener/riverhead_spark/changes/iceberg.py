"""Row-level commands as Spark rewrites them for Iceberg: rows replaced, or deletes and new rows written beside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverhead_spark.changes.branches import Branch, Growing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riverhead_spark.plan import Node, Plan

_INSTRUCTIONS = ("matchedInstructions", "notMatchedInstructions", "notMatchedBySourceInstructions")


def rewritten(plan: Plan) -> Plan:
    """Return the command with a query that has the table's own columns and no row that stays as it is."""
    command, growing = plan.root, Growing(plan)
    query, table = command.link("query"), command.link("table")
    if query is None or table is None:
        return plan
    types = {attribute.name: attribute.type for attribute in plan.described(table)}
    node = plan.node(query)
    if node.name == "MergeRows":
        names = [attribute.name for attribute in plan.described(query)]
        return growing.done(growing.written(list(_branches(node, names, set(types))), node.children[0], types))
    for place in plan.upwards(query):
        if plan.node(place).name == "Project":
            _assign(growing, place, command.fields.get("condition"))
    ids = [attribute.id for attribute in plan.described(query) if attribute.name in types]
    values: dict[str, Any] = {plan.attributes[id_].name: id_ for id_ in ids}
    return growing.done(growing.written([Branch(values)] if values else [], query, types))


def _branches(merge: Node, names: Sequence[str], own: set[str]) -> Iterator[Branch]:
    """Yield what each instruction of a MERGE writes; the columns by which Iceberg finds rows are left out."""
    width = len(names)
    for field in _INSTRUCTIONS:
        for instruction in merge.fields.get(field) or ():
            children = instruction.get("k", []) if isinstance(instruction, dict) else []
            # A condition, what Spark needs besides, then one row or, where a row is deleted and written again, two.
            for row in _rows(children, width, str(instruction.get("e"))):
                assigned = {name: value for name, value in zip(names, row, strict=True) if name in own}
                yield Branch(assigned, children[0])


def _rows(children: Sequence[Any], width: int, kind: str) -> list[Sequence[Any]]:
    if kind.endswith("Keep"):
        return [children[-width:]] if len(children) > width else []
    return [children[-2 * width : -width], children[-width:]] if kind.endswith("Split") else []


def _assign(growing: Growing, place: int, condition: Any) -> None:
    """Take each column that is `if(condition, new, old)` for the new value, in the rows that the condition finds."""
    project = growing.nodes[place]
    before = project.fields.get("projectList") or []
    columns = [_new(each) for each in before]
    if columns != before:
        child = growing.filtered(project.children[0], condition)
        growing.nodes[place] = replace(project, children=(child,), fields={**project.fields, "projectList": columns})


def _new(column: Any) -> Any:
    if not isinstance(column, dict) or column.get("e") != "Alias":
        return column
    value = (column.get("k") or [None])[0]
    is_choice = isinstance(value, dict) and value.get("e") == "If" and isinstance(value["k"][2], int)
    return {**column, "k": [value["k"][1]]} if is_choice else column
