"""Conditions that say which part of a dataset is meant, for the `subset` facets in `traffic`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from riverhead_emitter.facets.facet import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Condition: TypeAlias = dict[str, Any]
Operand: TypeAlias = dict[str, str]


def locations(paths: Iterable[str]) -> Condition:
    """Return the condition that data lies at one of these places."""
    return {"type": "location", "locations": list(paths)}


def partitions(dimensions: Iterable[Mapping[str, object]]) -> Condition:
    """Return the condition that data is of one of these partitions, each given by its columns' values."""
    return {"type": "partition", "partitions": [{"dimensions": dict(values)} for values in dimensions]}


def named_partitions(dimensions: Mapping[str, Mapping[str, object]]) -> Condition:
    """Return the condition that data is of one of these partitions, each with an identifier of its own."""
    named = [known(identifier=name, dimensions=dict(values)) for name, values in dimensions.items()]
    return {"type": "partition", "partitions": named}


def compared(left: Operand, comparison: str, right: Operand) -> Condition:
    """Return a comparison, say GREATER_THAN, of two of `field(…)` and `literal(…)`."""
    return {"type": "compare", "left": left, "right": right, "comparison": comparison}


def both(left: Condition, right: Condition) -> Condition:
    """Return the condition that both hold."""
    return {"type": "binary", "left": left, "right": right, "operator": "AND"}


def either(left: Condition, right: Condition) -> Condition:
    """Return the condition that one of the two holds."""
    return {"type": "binary", "left": left, "right": right, "operator": "OR"}


def field(name: str) -> Operand:
    """Return a column to compare."""
    return {"type": "field", "field": name}


def literal(value: str) -> Operand:
    """Return a value to compare, as text."""
    return {"type": "literal", "value": value}
