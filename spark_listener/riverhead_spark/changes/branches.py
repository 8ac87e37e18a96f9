"""A plan that grows: operators added to it, and the branches of a command put together to one query."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from riverhead_spark.plan import Attribute, Node, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Branch:
    """What one clause writes into rows: an expression by column, where its condition holds."""

    assigned: Mapping[str, Any]
    condition: Any = None


@dataclass(slots=True)
class Growing:
    """A plan under construction; places that were there before stay where they are."""

    plan: Plan
    nodes: list[Node] = field(default_factory=list)
    attributes: dict[int, Attribute] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with what the plan has."""
        self.nodes = list(self.plan.nodes)
        self.attributes = dict(self.plan.attributes)

    def add(self, node: Node) -> int:
        """Add an operator and return its place."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def filtered(self, child: int, condition: Any) -> int:
        """Return the place of the rows of `child` for which a condition holds."""
        if condition is None:
            return child
        return self.add(Node("Filter", (child,), None, {"condition": condition}))

    def written(self, branches: Sequence[Branch], child: int, types: Mapping[str, str]) -> int:
        """Return the place of a query whose columns are all that any of these branches assigns."""
        names = list(dict.fromkeys(name for branch in branches for name in branch.assigned))
        places = [self._projected(branch, names, child, types) for branch in branches]
        if len(places) == 1:
            return places[0]
        if not places:
            return self.add(Node("Project", (child,), (), {"projectList": []}))
        return self.add(Node("Union", tuple(places), self._named(names, types)))

    def done(self, query: int) -> Plan:
        """Return the plan whose command writes what this query finds."""
        command = self.nodes[0]
        self.nodes[0] = replace(command, fields={**command.fields, "query": {"$": query}})
        return Plan(tuple(self.nodes), self.attributes, self.plan.cut)

    def _projected(self, branch: Branch, names: Sequence[str], child: int, types: Mapping[str, str]) -> int:
        ids = self._named(names, types)
        aliases = [
            {"e": "Alias", "id": id_, "k": [branch.assigned.get(name)], "s": _text(branch.assigned.get(name))}
            for id_, name in zip(ids, names, strict=True)
        ]
        place = self.filtered(child, branch.condition)
        return self.add(Node("Project", (place,), ids, {"projectList": aliases}))

    def _named(self, names: Sequence[str], types: Mapping[str, str]) -> tuple[int, ...]:
        """Make attributes of these names; ids below zero are nobody else's."""
        lowest = min(0, *self.attributes)
        made = range(lowest - 1, lowest - 1 - len(names), -1)
        self.attributes.update(
            (id_, Attribute(id_, name, types.get(name, ""))) for id_, name in zip(made, names, strict=True)
        )
        return tuple(made)


def _text(expression: Any) -> str:
    text = expression.get("s") if isinstance(expression, dict) else None
    return text if isinstance(text, str) else ""
