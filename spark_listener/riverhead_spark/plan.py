"""A plan as the tap dumped it: nodes, attributes and expressions, with no meaning given to any of them.

The dump is flat: nodes name each other by their place in a list, so that a plan of any depth can be read and walked
without recursion. Only expressions nest, and the tap bounds their depth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import UnreadableRecord
from riverhead_spark.calls import expression_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_spark.calls import Expression

CUT_OFF = "a part of the plan that was too large to record"
BOUNDED = "the record of a plan is bounded"
# Operators that list what they put out.
_LISTS = {"Aggregate": "aggregateExpressions", "Project": "projectList"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named output of a node."""

    id: int
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Node:
    """An operator: its class, its children's places, and its constructor's fields as they were dumped."""

    name: str
    children: tuple[int, ...] = ()
    own_output: tuple[int, ...] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def expressions(self, name: str) -> tuple[Expression, ...]:
        """Return the expressions of a field, whether it holds one or many."""
        value = self.fields.get(name)
        return tuple(map(expression_from, value if isinstance(value, list) else [value]))

    def expression_lists(self, name: str) -> tuple[tuple[Expression, ...], ...]:
        """Return the lists of expressions of a field that holds several."""
        value = self.fields.get(name)
        lists = [each for each in value if isinstance(each, list)] if isinstance(value, list) else []
        return tuple(tuple(map(expression_from, each)) for each in lists)

    def link(self, name: str) -> int | None:
        """Return the place of the plan that a field holds."""
        value = self.fields.get(name)
        place = value.get("$") if isinstance(value, dict) else None
        return place if isinstance(place, int) else None

    def text(self, name: str) -> str | None:
        """Return a field that holds a name, a path or a mode."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return a field that holds a number."""
        value = self.fields.get(name)
        return value if isinstance(value, int) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that holds names."""
        value = self.fields.get(name)
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    def flag(self, name: str) -> bool:
        """Return a field that is true or false; one that is not there is false."""
        return self.fields.get(name) is True

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return a field that holds columns, one or many, each with its type."""
        value = self.fields.get(name)
        each = value if isinstance(value, list) and all(isinstance(one, list) for one in value) else [value]
        return tuple((one[0], one[1]) for one in each if isinstance(one, list) and len(one) > 1)

    def facts(self, name: str) -> Mapping[str, Any]:
        """Return what a field tells of a table, of files, a database or a catalog; empty where it tells nothing."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A dumped plan; its first node is the root, and `cut` counts the nodes, fields and elements beyond its bounds.

    It is nobody's equal but its own, so that what was found out about it can be kept beside it.
    """

    nodes: tuple[Node, ...]
    attributes: Mapping[int, Attribute]
    cut: int = 0
    _definitions: dict[int | None, int] = field(init=False, repr=False, compare=False, default_factory=dict)
    _outputs: dict[int, tuple[int, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Note which node defines which common table, because plans can refer to one from everywhere."""
        for place, node in enumerate(self.nodes):
            if node.name == "CTERelationDef":
                self._definitions[node.number("id")] = place

    @property
    def root(self) -> Node:
        """The outermost operator."""
        return self.nodes[0]

    def node(self, place: int) -> Node:
        """Return the node at this place, or a stand-in that says what is missing."""
        return self.nodes[place] if 0 <= place < len(self.nodes) else Node(CUT_OFF)

    def output(self, place: int) -> tuple[int, ...]:
        """Return the ids of what the node at this place puts out."""
        # The tap leaves an output out where it is the first child's. What was found is kept for every node on the way.
        way: list[int] = []
        while place not in self._outputs and len(way) <= len(self.nodes):
            way.append(place)
            node = self.node(place)
            if node.own_output is not None or not node.children:
                self._outputs[place] = node.own_output or ()
            else:
                place = node.children[0]
        found = self._outputs.get(place, ())
        self._outputs.update(dict.fromkeys(way, found))
        return found

    def described(self, place: int) -> tuple[Attribute, ...]:
        """Return the output of a leaf or of the root's query with its names and types."""
        return tuple(self.attributes[id_] for id_ in self.output(place) if id_ in self.attributes)

    def upwards(self, start: int = 0) -> Iterator[int]:
        """Yield the places at and below `start`, each after everything it is made of."""
        done: set[int] = set()
        waiting = [(start, False)]
        while waiting:
            place, is_ready = waiting.pop()
            if is_ready:
                yield place
            elif place not in done:
                done.add(place)
                waiting.append((place, True))
                waiting.extend((below, False) for below in reversed(self._below(place)))

    def definition(self, reference: Node) -> int | None:
        """Return the place of the common table expression that a reference means."""
        return self._definitions.get(reference.number("cteId"))

    def _below(self, place: int) -> list[int]:
        node = self.node(place)
        below = [*node.children, *_places(node.fields)]
        if node.name == "CTERelationRef":
            definition = self.definition(node)
            below += [] if definition is None else [definition]
        return below


# The end of an action tells the plan of its start again, and so does an action that is repeated.
_MOST_KEPT = 2
_latest: tuple[tuple[object, Plan], ...] = ()


def plan_from(raw: object) -> Plan:
    """Return the plan of a dump, the same one for the same dump again; a dump that is none is an UnreadableRecord."""
    global _latest  # noqa: PLW0603 - replaced as a whole, because several threads may ask
    for dump, plan in _latest:
        if dump == raw:
            return plan
    plan = _read(raw)
    _latest = ((raw, plan), *_latest)[:_MOST_KEPT]
    return plan


def _read(raw: object) -> Plan:
    try:
        content: Any = raw
        nodes = tuple(_node(each) for each in content["nodes"])
        attributes = {int(key): Attribute(int(key), *value) for key, value in content["attributes"].items()}
        cut = int(content["cut"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableRecord("the observation's plan is not one that this release of the tap writes") from error
    if not nodes:
        raise UnreadableRecord("the observation's plan is empty")
    return Plan(nodes, attributes, cut)


def _node(raw: Any) -> Node:
    name, fields = str(raw["n"]), dict(raw["f"])
    output = raw.get("o")
    if output is None:
        output = _listed(fields.get(_LISTS.get(name, "")))
    return Node(
        name,
        tuple(int(child) for child in raw["ch"]),
        None if output is None else tuple(int(each) for each in output),
        fields,
    )


def _listed(expressions: Any) -> list[int] | None:
    """Return the ids of what an operator lists as its output, which the tap writes once; None if it lists nothing."""
    if not isinstance(expressions, list):
        return None
    ids = (each.get("id") if isinstance(each, dict) else each for each in expressions)
    return [id_ for id_ in ids if isinstance(id_, int)]


def _places(value: Any) -> Iterator[int]:
    """Yield the places of the plans inside a field: linked ones, and those of subqueries."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, (list, dict)):
                yield from _places(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"$", "plan"} and isinstance(each, int):
                yield each
            elif isinstance(each, (list, dict)):
                yield from _places(each)
