"""A table's columns after a command that changes which it has."""

from __future__ import annotations

from riverhead_emitter.model import Field
from riverhead_spark.plan import Node
from riverhead_spark.sinks.alterations import altered

BEFORE = (Field("id", "int"), Field("amount", "double"))


def test_a_new_table_has_the_columns_that_it_is_made_with() -> None:
    assert altered(Node("CreateTable", fields={"columns": [["id", "int"]]}), ()) == (Field("id", "int"),)


def test_added_columns_come_last_and_those_inside_a_structure_are_its_own() -> None:
    added = [["note", "string"], ["place.city", "string"]]

    assert altered(Node("AddColumns", fields={"added": added}), BEFORE) == (*BEFORE, Field("note", "string"))


def test_a_dropped_column_is_gone() -> None:
    assert altered(Node("DropColumns", fields={"dropped": ["amount"]}), BEFORE) == BEFORE[:1]


def test_a_renamed_column_keeps_its_place_and_type() -> None:
    renamed = altered(Node("RenameColumn", fields={"renamed": ["id", "number"]}), BEFORE)

    assert renamed == (Field("number", "int"), Field("amount", "double"))


def test_another_change_leaves_the_columns() -> None:
    assert altered(Node("SetTableProperties"), BEFORE) == BEFORE
