"""MERGE, UPDATE and DELETE → the columns they write and the datasets they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_spark.lineage import written_by
from riverhead_spark.plan import plan_from

if TYPE_CHECKING:
    from riverhead_emitter.model import Lineage

TARGET, SOURCE = "/lake/target", "/lake/source"
# Attributes of the target and of the source: id, amount and status of each.
T_ID, T_AMOUNT, T_STATUS, S_ID, S_AMOUNT, S_STATUS = range(1, 7)
ATTRIBUTES = {
    str(id_): [name, "int"]
    for id_, name in zip(range(1, 7), ("id", "amount", "status", "id", "amount", "status"), strict=True)
}


def node(name: str, output: list[int], **fields: Any) -> dict[str, Any]:
    return {"n": name, "ch": [], "o": output, "f": fields}


def call(name: str, *children: Any) -> dict[str, Any]:
    return {"e": name, "k": list(children)}


def action(name: str, value: Any) -> dict[str, Any]:
    return {**call("DeltaMergeAction", value), "names": [name]}


def relations() -> list[dict[str, Any]]:
    target = {"format": "Parquet", "paths": [TARGET], "lake": "delta", "path": TARGET, "version": 3}
    source = {"format": "Parquet", "paths": [SOURCE]}
    return [
        node("LogicalRelation", [T_ID, T_AMOUNT, T_STATUS], relation=target),
        node("LogicalRelation", [S_ID, S_AMOUNT, S_STATUS], relation=source),
    ]


def lineage_of(command: str, **fields: Any) -> Lineage:
    root = node(command, [], target={"$": 1}, **fields)
    written = written_by(plan_from({"nodes": [root, *relations()], "attributes": ATTRIBUTES, "cut": 0}))
    assert written is not None
    return written.lineage


def merge(*clauses: Any, others: tuple[Any, ...] = ()) -> Lineage:
    return lineage_of(
        "MergeIntoCommand",
        source={"$": 2},
        condition=call("EqualTo", T_ID, S_ID),
        matchedClauses=list(clauses),
        notMatchedClauses=list(others),
    )


def edges(lineage: Lineage) -> set[str]:
    direct = {f"{e.output.name} {e.how.value} {e.source.dataset.name}.{e.source.name}" for e in lineage.columns}
    return direct | {f"* {e.how.value} {e.source.dataset.name}.{e.source.name}" for e in lineage.datasets}


def names(lineage: Lineage) -> list[str]:
    return [touched.dataset.name for touched in lineage.inputs]


def update(*actions: Any) -> dict[str, Any]:
    return call("DeltaMergeIntoMatchedUpdateClause", *actions)


def insert(*actions: Any) -> dict[str, Any]:
    return call("DeltaMergeIntoNotMatchedInsertClause", *actions)


def test_a_merge_takes_each_assigned_column_from_its_expression() -> None:
    lineage = merge(
        update(action("id", T_ID), action("amount", S_AMOUNT)),
        others=(insert(action("id", S_ID), action("amount", call("Add", S_AMOUNT, None))),),
    )

    assert edges(lineage) == {
        f"id IDENTITY {SOURCE}.id",
        f"amount TRANSFORMATION {SOURCE}.amount",
        f"* JOIN {SOURCE}.id",
    }
    assert names(lineage) == [SOURCE]


def test_the_condition_of_a_clause_decides_about_its_rows() -> None:
    lineage = merge(update(call("EqualTo", S_STATUS, None), action("amount", S_AMOUNT)))

    assert f"* FILTER {SOURCE}.status" in edges(lineage)


def test_a_merges_target_is_an_input_where_its_old_values_make_new_ones() -> None:
    lineage = merge(update(action("amount", call("Add", T_AMOUNT, S_AMOUNT))))

    assert names(lineage) == [SOURCE, TARGET]
    assert f"amount TRANSFORMATION {TARGET}.amount" in edges(lineage)
    assert f"* JOIN {TARGET}.id" in edges(lineage)


def test_a_merge_that_only_deletes_writes_no_column_but_is_decided_by_its_source() -> None:
    lineage = merge(call("DeltaMergeIntoMatchedDeleteClause", call("GreaterThan", S_AMOUNT, None)))

    assert edges(lineage) == {f"* JOIN {SOURCE}.id", f"* FILTER {SOURCE}.amount"}
    assert [touched.dataset.name for touched in lineage.outputs] == [TARGET]


def test_an_update_is_the_new_values_of_its_columns() -> None:
    values = [T_ID, call("Multiply", T_AMOUNT, None), None]
    lineage = lineage_of("UpdateCommand", updateExpressions=values, condition=call("EqualTo", T_ID, None))

    assert edges(lineage) == {f"amount TRANSFORMATION {TARGET}.amount", f"* FILTER {TARGET}.id"}
    assert names(lineage) == [TARGET]


def test_an_update_to_a_constant_reads_nothing() -> None:
    lineage = lineage_of("UpdateCommand", updateExpressions=[T_ID, T_AMOUNT, None], condition=None)

    assert edges(lineage) == set()
    assert names(lineage) == []


def test_a_delete_has_an_output_and_no_input() -> None:
    lineage = lineage_of("DeleteCommand", condition=call("In", T_ID, None))

    assert names(lineage) == []
    assert [field.name for field in lineage.outputs[0].fields] == ["id", "amount", "status"]


def test_a_column_that_the_merge_adds_is_one_of_the_outputs() -> None:
    lineage = merge(update(action("extra", S_STATUS)))

    assert [field.name for field in lineage.outputs[0].fields] == ["id", "amount", "status", "extra"]
    assert f"extra IDENTITY {SOURCE}.status" in edges(lineage)


def test_deleting_every_row_of_an_iceberg_table_has_the_table_as_output() -> None:
    table = {"table": "ice.db.t", "location": TARGET, "lake": "iceberg", "path": TARGET}
    root = node("DeleteFromTable", [], table={"$": 1}, condition=None)
    relation = node("DataSourceV2Relation", [T_ID, T_AMOUNT], table=table)

    written = written_by(plan_from({"nodes": [root, relation], "attributes": ATTRIBUTES, "cut": 0}))

    assert written is not None
    assert [touched.dataset.name for touched in written.lineage.outputs] == [TARGET]
    assert not written.lineage.inputs
