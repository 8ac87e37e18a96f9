"""Spark's names of types → fields of a schema."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverhead_emitter.model import Field
from riverhead_spark.sources import field_of


def test_a_structure_has_its_fields() -> None:
    field = field_of("user", "struct<id:int,name:string>")

    assert field == Field("user", "struct", fields=(Field("id", "int"), Field("name", "string")))


def test_structures_within_arrays_and_maps_are_found() -> None:
    field = field_of("lines", "array<struct<price:decimal(10,2),by:map<string,struct<x:array<int>>>>>")

    (element,) = field.fields
    price, by = element.fields
    assert (field.type, element.name, price.type, by.type) == ("array", "_element", "decimal(10,2)", "map")
    assert by.fields[1] == Field("value", "struct", fields=(Field("x", "array<int>"),))


@pytest.mark.parametrize(
    "plain", ["int", "array<string>", "map<string,int>", "decimal(10,2)", "interval day to second"]
)
def test_a_type_without_structures_stays_as_it_is(plain: str) -> None:
    assert field_of("a", plain) == Field("a", plain)


@pytest.mark.parametrize("odd", ["struct<", "struct<a:int", "struct<a:int>x", "array<struct<a:int>", "struct<a>", ""])
def test_a_type_that_is_not_understood_stays_as_it_is(odd: str) -> None:
    assert field_of("a", odd) == Field("a", odd)


def test_an_empty_structure_has_no_fields() -> None:
    assert field_of("a", "struct<>") == Field("a", "struct")


def test_a_quoted_name_is_read_without_its_quotes() -> None:
    assert field_of("a", "struct<`b:c`:int>").fields == (Field("b:c", "int"),)


def test_a_type_of_great_depth_stays_text() -> None:
    deep = "struct<a:" * 500 + "int" + ">" * 500

    assert field_of("a", deep) == Field("a", deep)


def _struct(types: list[str]) -> str:
    return "struct<" + ",".join(f"f{at}:{each}" for at, each in enumerate(types)) + ">"


_TYPES = st.recursive(
    st.sampled_from(["int", "string", "decimal(3,1)", "timestamp_ntz"]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"array<{one}>"),
        st.tuples(inner, inner).map(lambda two: f"map<{two[0]},{two[1]}>"),
        st.lists(inner, min_size=1, max_size=3).map(_struct),
    ),
    max_leaves=8,
)


@given(_TYPES)
def test_a_read_type_says_the_same_as_its_text(text: str) -> None:
    assert _written(field_of("a", text)) == text


def _written(field: Field) -> str:
    if not field.fields:
        return field.type
    inner = [_written(each) for each in field.fields]
    named = [f"{each.name}:{one}" for each, one in zip(field.fields, inner, strict=True)]
    return f"{field.type}<{','.join(named if field.type == 'struct' else inner)}>"
