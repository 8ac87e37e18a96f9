"""Files that SQL names where a table could stand, and the datasets they are."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_emitter.naming import Database

_READERS = frozenset({
    "read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto",
    "read_json_objects", "read_ndjson", "read_ndjson_auto", "read_ndjson_objects", "read_text", "read_blob",
    "read_xlsx", "read_avro", "delta_scan", "iceberg_scan", "st_read", "read_files", "cloud_files", "s3", "s3cluster",
    "gcs", "hdfs", "url", "azureblobstorage", "deltalake", "file",
})  # fmt: skip
_FORMATS = frozenset({"parquet", "delta", "csv", "json", "orc", "avro", "text", "iceberg"})
_FILE_NAME = re.compile(r"\.(parquet|csv|tsv|json|jsonl|ndjson|xlsx|avro|txt|db)(\.(gz|zst))?$", re.IGNORECASE)
_GLOB = re.compile(r"[*?\[{]")

FILES = "riverhead_files"


def dataset_of_path(path: str, database: Database) -> Dataset:
    """Return the dataset of a path; a pattern is the folder that it looks into, a stage belongs to its database."""
    if path.startswith("@"):
        return Dataset(database.namespace, path)
    glob = _GLOB.search(path)
    return location(path[: path.rfind("/", 0, glob.start())] if glob and "/" in path[: glob.start()] else path)


def settle_files(query: exp.Expr, database: Database) -> None:
    """Turn every file in a FROM into a plain table that carries its datasets, before names are folded."""
    for number, table in enumerate(list(query.find_all(exp.Table))):
        paths = list(_paths(table, database.dialect))
        if not paths:
            continue
        table.meta[FILES] = tuple(dict.fromkeys(dataset_of_path(path, database) for path in paths))
        if not table.alias:
            stem = posixpath.basename(paths[0]).partition(".")[0]
            table.set("alias", exp.TableAlias(this=exp.to_identifier(stem or f"file_{number}")))
        table.set("this", exp.to_identifier(f"file_{number}"))
        table.set("db", None)
        table.set("catalog", None)


def literal_paths(node: exp.Expr | None) -> Iterator[str]:
    """Yield the paths of a literal, a list of literals, or a stage."""
    if isinstance(node, (exp.Array, exp.Tuple)):
        for element in node.expressions:
            yield from literal_paths(element)
    elif isinstance(node, exp.Literal) and node.is_string:
        yield node.name
    elif isinstance(node, exp.Table) and isinstance(node.this, (exp.Var, exp.Literal)):
        yield node.this.name
    elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier) and node.this.quoted:
        yield node.name


def paths_of(function: exp.Expr) -> Iterator[str]:
    """Yield the paths of a function that reads files, or writes them: read_parquet('…'), s3('…')."""
    if not isinstance(function, exp.Func):
        return
    name = function.name if isinstance(function, exp.Anonymous) else function.sql_names()[0]
    if name.lower() in _READERS:
        is_known = not isinstance(function, exp.Anonymous) and function.args.get("this") is not None
        yield from literal_paths(function.this if is_known else next(iter(function.expressions), None))


def _paths(table: exp.Table, dialect: str) -> Iterator[str]:
    this = table.this
    if isinstance(this, exp.Func):
        yield from paths_of(this)
    elif isinstance(this, exp.Literal) or (isinstance(this, exp.Var) and this.name.startswith("@")):
        yield this.name
    elif isinstance(this, exp.Identifier) and this.quoted:
        is_path = "://" in table.name or (dialect == "duckdb" and bool(_FILE_NAME.search(table.name)))
        if (is_path and not table.db) or (table.db.lower() in _FORMATS and "/" in table.name):
            yield table.name
