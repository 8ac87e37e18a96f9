"""Write commands → the dataset they fill and the columns they fill it from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_emitter.model import Field, Touched
from riverhead_spark.sources import folder, table_facets

if TYPE_CHECKING:
    from riverhead_spark.plan import Node, Plan, Table

# The field in which each command keeps the table it makes.
_MADE_TABLES = {"CreateDataSourceTableAsSelectCommand": "table", "SaveAsV1TableCommand": "tableDesc"}
_OF_V2 = frozenset({"AppendData", "OverwriteByExpression", "OverwritePartitionsDynamic"})
# These run the command that writes; they themselves know only the name of what they make.
_MAKING_V2 = frozenset({"CreateTableAsSelect", "ReplaceTableAsSelect"})
_OVERWRITING = frozenset({"OverwriteByExpression", "OverwritePartitionsDynamic"})


@dataclass(frozen=True, slots=True)
class Write:
    """A command that writes: its output where that is understood, and the output's columns by attribute id."""

    command: str
    query: int
    output: Touched | None = None
    columns: tuple[tuple[str, int], ...] = ()
    label: str = ""


def write_of(plan: Plan) -> Write | None:
    """Return what the plan writes, or None for a command that writes nothing."""
    root = plan.root
    query = root.link("query")
    if query is None:
        return None
    output, label = _target(root, plan)
    columns = _columns(plan, root, query)
    if output is not None:
        types = {attribute.id: attribute.type for attribute in plan.described(query)}
        fields = tuple(Field(name, types.get(id_, "")) for name, id_ in columns)
        output = Touched(output.dataset, fields, output.facets)
    return Write(root.name, query, output, columns, label)


def _target(root: Node, plan: Plan) -> tuple[Touched | None, str]:
    if root.name == "InsertIntoHadoopFsRelationCommand":
        return _files(root)
    if root.name in _MADE_TABLES:
        return _table(root.table(_MADE_TABLES[root.name]), is_overwritten=root.text("mode") == "Overwrite")
    if root.name in _OF_V2:
        target = root.link("table")
        table = plan.node(target).table("table") if target is not None else None
        return _table(table, is_overwritten=root.name in _OVERWRITING)
    if root.name in _MAKING_V2:
        made = root.link("name")
        return None, _label((plan.node(made).text("identifier") if made is not None else None) or "")
    return None, ""


def _files(root: Node) -> tuple[Touched | None, str]:
    is_overwritten = root.text("mode") == "Overwrite"
    table = root.table("catalogTable")
    if table is not None and table.location is not None:
        return _table(table, is_overwritten=is_overwritten)
    path = root.text("outputPath")
    if path is None:
        return None, ""
    dataset = folder(path)
    segments = dataset.name.strip("/").split("/")
    return Touched(dataset, (), _overwritten(is_overwritten)), "_".join(segments[-2:])


def _table(table: Table | None, *, is_overwritten: bool) -> tuple[Touched | None, str]:
    if table is None:
        return None, ""
    label = _label(table.name)
    if table.location is None:
        return None, label
    return Touched(folder(table.location), (), {**table_facets(table), **_overwritten(is_overwritten)}), label


def _label(table: str) -> str:
    return "_".join(table.split(".")[-2:])


def _overwritten(is_overwritten: bool) -> dict[str, object]:
    return {"lifecycleStateChange": lifecycle_state_change("OVERWRITE")} if is_overwritten else {}


def _columns(plan: Plan, root: Node, query: int) -> tuple[tuple[str, int], ...]:
    """Pair the target's columns with what fills them; by position, as Spark itself does."""
    attributes = plan.described(query)
    names = root.texts("outputColumnNames")
    if len(names) != len(attributes):
        names = tuple(attribute.name for attribute in attributes)
    return tuple(zip(names, (attribute.id for attribute in attributes), strict=True))
