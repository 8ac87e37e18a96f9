"""What a task did at its databases and elsewhere, as it was seen → lineage; pure.

What ran goes before what the operator's text says: a text that was seen is the text that ran, one statement after
the other, and which of them failed. Where nothing was seen, the operator's rendered SQL stands for it.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from riverhead_airflow.declared import dataset_of_asset
from riverhead_airflow.said import lineage_said
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.model import NO_LINEAGE, Dataset, Field, Lineage, Touched, Unresolved
from riverhead_emitter.naming import database, database_of_jdbc
from riverhead_sql import lineage_of
from riverhead_sql.merging import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from riverhead_airflow.snapshot import Address, SeenAsset, SeenAssets, Sighting, TaskSnapshot
    from riverhead_emitter.naming import Database

    Tables = Mapping[str, Sequence[str]]

_LOADING, _UNLOADING = frozenset({"insert_rows", "bulk_load"}), frozenset({"bulk_dump"})
_SEVERAL_SCHEMAS = re.compile(r"\bsearch_path\s*(?:=|\bTO\b)[^;]*,", re.IGNORECASE)
_TOO_LONG = Unresolved("sql", "the text was too long to keep")
_NOWHERE = Unresolved("sql", "the connection's database is not known")


def lineage_of_work(task: TaskSnapshot) -> Lineage:
    """Return what the task read and wrote: as its operator says it, else as it was seen, else as its SQL says it."""
    said = lineage_said(task["told"]["said"]) if "said" in task["told"] else NO_LINEAGE
    if said.inputs or said.outputs:
        return said
    seen = task["told"].get("seen")
    statements = seen["statements"] if seen else []
    columns = {told["conn_id"]: told["tables"] for told in seen.get("columns", ())} if seen else {}
    parts = list(_of_statements(statements, columns)) if statements else [_of_operator(task)]
    if seen:
        parts.append(_of_assets(seen["assets"], task["namespace"]))
        if seen["left_out"]:
            parts.append(Lineage(unresolved=(Unresolved("sql", f"{seen['left_out']} more statements were not kept"),)))
    return merged(parts)


def script_of(task: TaskSnapshot) -> tuple[str, str | None]:
    """Return the task's SQL as one text, and its dialect: the operator's own, else what was seen."""
    told = task["told"].get("seen")
    seen = [sighting for sighting in (told["statements"] if told else []) if sighting.get("sql")]
    texts = task["sql"] or [sighting["sql"] for sighting in seen]
    address = task["address"] or next((sighting["address"] for sighting in seen if sighting.get("address")), None)
    store = database_at_address(address)
    return ";\n".join(text.strip().rstrip(";") for text in texts), (store.dialect or None) if store else None


def database_at_address(address: Address | None, name: str | None = None, schema: str | None = None) -> Database | None:
    """Return the database of an address; `name` and `schema` are where a hook looks names up instead."""
    if address is None:
        return None
    # A JDBC connection has its whole URL where others have a host.
    if address["kind"] == "jdbc":
        return database_of_jdbc(address["host"] or "")
    return database(
        address["kind"],
        address["host"],
        address["port"],
        name or address["name"],
        schema=schema or address.get("schema"),
        account=address.get("account"),
        region=address.get("region"),
    )


def _of_operator(task: TaskSnapshot) -> Lineage:
    """What the operator's SQL says; of a task that failed nobody knows how far it came, so no column is claimed."""
    if not task["sql"]:
        return NO_LINEAGE
    if task["is_sql_cut"]:
        return Lineage(unresolved=(_TOO_LONG,))
    address = task["address"] or _seen_at(task)
    texts = _looking_at(address, task["sql"])
    if task["state"] == "START" and any(_SEVERAL_SCHEMAS.search(text) for text in texts):
        # Which of them has a table is known when the task has run.
        return NO_LINEAGE
    lineage = _of_texts(texts, database_at_address(address))
    return without_columns(lineage) if task["state"] == "FAIL" else lineage


def _seen_at(task: TaskSnapshot) -> Address | None:
    seen = task["told"].get("seen")
    return next((one["address"] for one in (seen["statements"] if seen else []) if one.get("address")), None)


def _of_statements(statements: Sequence[Sighting], columns: Mapping[str | None, Tables]) -> Iterator[Lineage]:
    """Yield what runs of statements at one place did; what failed wrote nothing, and is told without columns."""
    for (name, schema, is_failed, _place), group in groupby(statements, key=_where):
        listed = list(group)
        store = database_at_address(listed[0].get("address"), name, schema)
        texts = [one["sql"] for one in listed if one.get("sql") and not one.get("is_cut")]
        if texts:
            texts = _looking_at(listed[0].get("address"), texts)
            lineage = _of_texts(texts, store, columns.get(listed[0].get("conn_id")))
            yield without_columns(lineage) if is_failed else lineage
        if any(one.get("is_cut") for one in listed):
            yield Lineage(unresolved=(_TOO_LONG,))
        if store is not None:
            yield from (_of_table(one, store) for one in listed if one.get("table"))


def _where(one: Sighting) -> tuple[str | None, str | None, bool, Address | None]:
    return one.get("default_db"), one.get("default_schema"), bool(one.get("is_failed")), one.get("address")


def _of_table(one: Sighting, store: Database) -> Lineage:
    touched = Touched(store.named(one["table"]), tuple(Field(name) for name in one.get("columns", ())))
    return Lineage(inputs=(touched,)) if one.get("kind") in _UNLOADING else Lineage(outputs=(touched,))


def _looking_at(address: Address | None, texts: Sequence[str]) -> list[str]:
    """Return what runs behind the options of its connection: a search path is what a session begins with."""
    path = [name.replace('"', "") for name in (address.get("search_path", ()) if address else ())]
    quoted = ", ".join(f'"{name}"' for name in path)
    return [f"SET search_path TO {quoted}", *texts] if path else list(texts)


def _of_texts(texts: Sequence[str], store: Database | None, tables: Tables | None = None) -> Lineage:
    if store is None:
        return Lineage(unresolved=(_NOWHERE,))
    try:
        return lineage_of(list(texts), default=store, schema=tables).merged
    except Unavailable as missing:
        return Lineage(unresolved=(Unresolved("sql", str(missing)),))


def _of_assets(assets: SeenAssets, namespace: str) -> Lineage:
    return Lineage(tuple(_touched(assets["inputs"], namespace)), tuple(_touched(assets["outputs"], namespace)))


def _touched(assets: Iterable[SeenAsset], namespace: str) -> Iterator[Touched]:
    datasets: dict[Dataset, None] = {}
    for asset in assets:
        dataset = dataset_of_asset({"uri": asset["uri"], "name": asset["name"] or ""}, namespace)
        if dataset is not None:
            datasets[dataset] = None
    yield from map(Touched, datasets)


def without_columns(lineage: Lineage) -> Lineage:
    """Return only which datasets it is about."""
    return Lineage(lineage.inputs, lineage.outputs, unresolved=lineage.unresolved)
