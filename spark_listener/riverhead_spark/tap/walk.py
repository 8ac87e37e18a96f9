"""A plan, asked for call by call over py4j, as the dump that the tap writes; bounded in steps and time.

It knows the nodes, expressions, files and tables that most queries are made of. What it does not ask for (more of a
lake's table than its name, structures that are made, Python functions) is not in the dump, and so named as unresolved.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from riverhead_spark.tap.jvm import elements, jvm_error
from riverhead_spark.tap.walk_kinds import Kinds, short_name_of
from riverhead_spark.tap.walk_values import WalkValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_spark.tap.jvm import Jvm

MOST_STEPS = 10_000
MOST_SECONDS = 3.0
_NAMES = "outputColumnNames"
# They are children as well, or stand in the dump under another name.
_TOLD_OTHERWISE = frozenset({"output", "child", "left", "right", "children"})
_ATTRIBUTE = re.compile(r"(.*)#(\d+)L?(?:-T\d+ms)?", re.DOTALL)
_BETWEEN = "\x01"
_LONGEST_NAME, _LONGEST_TYPE = 1000, 4000
# What Spark's JSON calls otherwise than its SQL.
_TYPES = {"byte": "tinyint", "short": "smallint", "integer": "int", "long": "bigint"}


class Walk:
    """Walks one plan after the other, and remembers what it learned of their classes."""

    def __init__(self, jvm: Jvm) -> None:
        """Ask this JVM."""
        self._jvm, self._kinds = jvm, Kinds(jvm)
        self._fields: dict[str, tuple[str, ...]] = {}

    def dump(self, query: Any, root: Any) -> dict[str, Any]:
        """Return the dump of a plan, and in it how much was cut."""
        return _Dump(self._jvm, self._kinds, self._fields, query).of(root)


class _Dump:
    """One plan's dump while it is made."""

    def __init__(self, jvm: Jvm, kinds: Kinds, fields: dict[str, tuple[str, ...]], query: Any) -> None:
        self._jvm, self._fields = jvm, fields
        self._identity = jvm.class_named("java.lang.System").identityHashCode
        self._plans: list[Any] = []
        self._places: dict[tuple[int, str], int] = {}
        self._attributes: dict[str, list[str]] = {}
        self._steps = 0
        self._deadline = time.monotonic() + MOST_SECONDS
        self._values = WalkValues(kinds, query, self._place, self._is_full)

    def of(self, root: Any) -> dict[str, Any]:
        """Return the dump of the plan with this root, breadth first."""
        self._place(root)
        nodes: list[dict[str, Any]] = []
        named = 0
        while len(nodes) < len(self._plans) and not self._is_full():
            plan = self._plans[len(nodes)]
            node = self._node(plan)
            nodes.append(node)
            named = named or len(self._plans)
            # Spark names a column after its expression, literals and all, so names in between stay in the JVM.
            if len(nodes) <= named or not node["ch"]:
                self._describe(plan)
        cut = self._values.cut + len(self._plans) - len(nodes)
        return {"nodes": nodes, "cut": cut, "attributes": self._attributes}

    def _is_full(self) -> bool:
        self._steps += 1
        return self._steps >= MOST_STEPS or time.monotonic() > self._deadline

    def _place(self, plan: Any) -> int:
        # Two objects may have one hash, but hardly two of one class in one plan.
        key = (int(self._identity(plan)), short_name_of(plan))
        if key not in self._places:
            self._places[key] = len(self._plans)
            self._plans.append(plan)
        return self._places[key]

    def _node(self, plan: Any) -> dict[str, Any]:
        name = short_name_of(plan)
        node: dict[str, Any] = {"n": name, "ch": [self._place(child) for child in elements(plan.children())]}
        output = _output(plan)
        if output is not None:
            node["o"] = [id_ for _, id_ in output]
        fields: dict[str, Any] = {}
        for at, field in enumerate(self._names(plan, name)):
            if field in _TOLD_OTHERWISE or field.startswith(("commandLogical", "commandPhysical")):
                continue
            value = self._values.of(plan.productElement(at), is_name=field == _NAMES)
            if value is not None:
                fields[field] = value
        return {**node, "f": fields}

    def _describe(self, plan: Any) -> None:
        output = _output(plan)
        if output is None:
            return
        types = [_type(field["type"]) for field in json.loads(str(plan.schema().json()))["fields"]]
        for (name, id_), type_ in zip(output, types, strict=False):
            self._attributes[str(id_)] = [name[:_LONGEST_NAME], type_[:_LONGEST_TYPE]]

    def _names(self, plan: Any, name: str) -> tuple[str, ...]:
        """Return the names of a case class's fields: it declares its constructor's first."""
        if name not in self._fields:
            # All of them in one call, where each would be three.
            declared = self._jvm.class_named("scala.Predef").genericWrapArray(plan.getClass().getDeclaredFields())
            self._fields[name] = tuple(_final_fields(str(declared.mkString(_BETWEEN))))[: int(plan.productArity())]
        return self._fields[name]


def _final_fields(declared: str) -> Iterator[str]:
    for field in declared.split(_BETWEEN):
        words = field.split(" ")
        if "final" in words and "static" not in words:
            yield words[-1].rpartition(".")[2]


def _output(plan: Any) -> list[tuple[str, int]] | None:
    """Return the names and ids of what a node puts out, in one call; None where the node cannot say."""
    try:
        text = str(plan.output().mkString(_BETWEEN))
    except jvm_error():
        return None
    found = [_ATTRIBUTE.fullmatch(each) for each in text.split(_BETWEEN)] if text else []
    return [(each[1], int(each[2])) for each in found if each is not None]


def _type(said: Any) -> str:
    """Return a type of Spark's JSON as its SQL writes it."""
    if not isinstance(said, dict):
        return _TYPES.get(said, str(said))
    match said.get("type"):
        case "struct":
            fields = (f"{field['name']}:{_type(field['type'])}" for field in said["fields"])
            return f"struct<{','.join(fields)}>"
        case "array":
            return f"array<{_type(said['elementType'])}>"
        case "map":
            return f"map<{_type(said['keyType'])},{_type(said['valueType'])}>"
    return _type(said.get("sqlType") or "binary")
