"""Generators: what makes several rows, and several columns, of one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation
from riverhead_spark.calls import Call
from riverhead_spark.columns.expressions import traces_of
from riverhead_spark.columns.opaque import OPAQUE
from riverhead_spark.columns.traces import field_of, named, through, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riverhead_spark.columns.expressions import Scope
    from riverhead_spark.columns.traces import Traces
    from riverhead_spark.plan import Node

_ELEMENTS = frozenset({"Explode", "PosExplode", "VariantExplode"})
# A user's own code; what it does with its arguments cannot be seen.
_FUNCTIONS = frozenset({"HiveGenericUDTF", "PythonUDTF", "UserDefinedGenerator"})


def generated(node: Node, scope: Scope) -> dict[int, Traces]:
    """Return the traces of the columns that a generator makes."""
    output = [id_ for id_ in node.expressions("generatorOutput") if isinstance(id_, int)]
    (generator,) = node.expressions("generator")
    if not isinstance(generator, Call):
        return {}
    if generator.name in _FUNCTIONS:
        scope.note(generator.name, OPAQUE)
    made = _made(generator, len(output), scope)
    return {id_: named(traces, generator.sql) for id_, traces in zip(output, made, strict=False)}


def _made(generator: Call, width: int, scope: Scope) -> Sequence[Traces]:
    arguments = [traces_of(child, scope) for child in generator.children]
    if generator.name == "Stack":
        # How many rows, and then their values, row by row.
        return [_changed(together(arguments[1 + at :: width]), keeps_fields=True) for at in range(width)]
    inner = together(arguments)
    if generator.name == "Inline":
        return [_changed(field_of(inner, name), keeps_fields=True) for name in generator.names]
    return [_changed(inner, keeps_fields=generator.name in _ELEMENTS)] * width


def _changed(traces: Traces, *, keeps_fields: bool) -> Traces:
    return through(traces, Derivation.TRANSFORMATION, keeps_fields=keeps_fields)
