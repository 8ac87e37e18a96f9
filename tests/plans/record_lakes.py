"""Record what the tap writes for tables of lakes: `python record_lakes.py FOLDER JARS LAKE [query …]`, as `record.py`.

Snapshots have ids by chance and times; both become those of a plain story: before, within or after the execution.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import record

if TYPE_CHECKING:
    from collections.abc import Callable

_EXTENSIONS, _SESSION = "spark.sql.extensions", "spark.sql.catalog.spark_catalog"
_CONF = {
    "delta": {
        _EXTENSIONS: "io.delta.sql.DeltaSparkSessionExtension",
        _SESSION: "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "1",
    },
    "iceberg": {
        _EXTENSIONS: "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.ice": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.ice.type": "hadoop",
        "spark.sql.catalog.ice.warehouse": "{folder}/ice",
    },
}


def main(target: Path, jars: Path, lake: str, wanted: list[str]) -> None:
    """Record this lake's queries into a folder of its name."""
    found = [str(jar) for jar in sorted(jars.glob("*.jar")) if lake in jar.name]
    conf = {**_CONF[lake], "spark.jars": ",".join(found), "spark.driver.extraClassPath": ":".join(found)}
    record.main(target / lake, wanted, _QUERIES[lake], conf)


def _sql(*texts: str) -> Callable[[Any, str], None]:
    """Return an action of statements; `{folder}` in them is where data lies."""

    def run(spark: Any, folder: str) -> None:
        for text in texts:
            spark.sql(text.format(folder=folder))

    return run


def _into_files(text: str) -> Callable[[Any, str], None]:
    return lambda spark, folder: spark.sql(text.format(folder=folder)).write.mode("overwrite").parquet(f"{folder}/out")


def _save(mode: str, **options: str) -> Callable[[Any, str], None]:
    return lambda spark, folder: (
        spark.read.parquet(f"{folder}/orders").write.format("delta").mode(mode).options(**options).save(f"{folder}/d")
    )


def _first_snapshot(spark: Any, folder: str) -> None:
    snapshot = spark.sql("select snapshot_id from ice.db.orders.snapshots order by committed_at").first()[0]
    rows = spark.read.option("snapshot-id", snapshot).table("ice.db.orders").select("id")
    rows.write.mode("overwrite").parquet(f"{folder}/out")


def _overwrite_partitions(spark: Any, folder: str) -> None:
    rows = spark.read.parquet(f"{folder}/orders")
    rows.writeTo("ice.db.orders").overwritePartitions()


_MERGE = (
    "merge into {table} t using (select id, amount * 2 twice, status from orders where amount > 5) s on t.id = s.id "
    "when matched and s.status = 'A' then update set amount = s.twice, status = upper(t.status) "
    "when matched and s.twice > 100 then delete "
    "when not matched then insert (id, amount, status) values (s.id, s.twice, s.status)"
)
_COPY = "create table {} using {} as select * from orders"
_BESIDE = "'write.merge.mode'='merge-on-read','write.update.mode'='merge-on-read','write.delete.mode'='merge-on-read'"

_QUERIES: dict[str, dict[str, Callable[[Any, str], None]]] = {
    "delta": {
        "save": _save("overwrite"),
        "replace_where": _save("overwrite", replaceWhere="status = 'A' or status = 'B'"),
        "create_as_select": _sql(_COPY.format("copy", "delta")),
        "create_at_a_place": _sql(
            "create table placed using delta location '{folder}/placed' as select id from orders"
        ),
        "insert": _sql("insert into copy (status, id) select status, id from orders"),
        "merge": _sql(_MERGE.format(table="copy")),
        "merge_by_path": _sql("merge into delta.`{folder}/d` t using orders s on t.id = s.id when matched then delete"),
        "update": _sql("update copy set amount = amount * 2, status = 'Z' where id = 1"),
        "delete": _sql("delete from copy where id = 2"),
        "delete_nothing": _sql("delete from copy where id = 99"),
        "version": _into_files("select id from delta.`{folder}/d@v0`"),
        "read": _into_files("select id, amount from copy"),
        "clone": _sql(
            "create table sheep using delta as select id, status from orders", "create table dolly shallow clone sheep"
        ),
        "restore": _sql("restore table copy to version as of 1"),
        "optimize": _sql("optimize copy"),
        # Spark 3.5.9 asks of its write what Delta does not promise, and refuses it.
        "replace_as_select": _sql(
            "create table again using delta as select id from orders",
            "create or replace table again using delta as select * from orders",
        ),
        "add_column": _sql("create table noted (id int) using delta", "alter table noted add columns (note string)"),
    },
    "iceberg": {
        "create": _sql(
            "create table ice.db.orders (id int, customer_id int, amount double, status string) using iceberg "
            "partitioned by (status)",
            "create table ice.db.beside (id int, customer_id int, amount double, status string) using iceberg "
            f"tblproperties ('format-version'='2', {_BESIDE})",
        ),
        "create_as_select": _sql(
            "create table ice.db.made using iceberg as select id, amount * 2 a2 from orders where status = 'A'",
        ),
        "replace_as_select": _sql(
            "create or replace table ice.db.made using iceberg as select id, amount * 2 a2, status from orders",
        ),
        "insert": _sql("insert into ice.db.orders select * from orders"),
        "insert_beside": _sql("insert into ice.db.beside select * from orders"),
        "overwrite": _sql("insert overwrite ice.db.made select id, amount, status from orders"),
        "overwrite_partitions": _overwrite_partitions,
        "merge": _sql(_MERGE.format(table="ice.db.orders")),
        "merge_beside": _sql(_MERGE.format(table="ice.db.beside")),
        "merge_inserting": _sql(
            "merge into ice.db.orders t using orders s on t.id = s.id when not matched then insert *",
        ),
        "update": _sql("update ice.db.orders set amount = amount * 2, status = 'Z' where id = 1"),
        "update_chosen": _sql(
            "update ice.db.orders set amount = 0 where id in (select id from customers where name = 'ann')",
        ),
        "update_beside": _sql("update ice.db.beside set amount = amount * 2 where id = 1"),
        "delete": _sql("delete from ice.db.orders where id in (2)"),
        "delete_chosen": _sql(
            "delete from ice.db.orders where id in (select id from customers where name = 'bob')",
        ),
        "delete_beside": _sql("delete from ice.db.beside where id = 1"),
        "version": _first_snapshot,
        "read": _into_files("select id, amount from ice.db.orders where status = 'A'"),
        "snapshots": _into_files("select snapshot_id, operation from ice.db.orders.snapshots"),
        "branch": _sql("alter table ice.db.orders create branch dev"),
        "insert_into_branch": _sql("insert into ice.db.orders.branch_dev select * from orders"),
        "read_branch": _into_files("select id from ice.db.orders version as of 'dev'"),
        "partition": _sql("alter table ice.db.orders add partition field bucket(4, id)"),
        "truncate": _sql("truncate table ice.db.made"),
        "drop": _sql("drop table ice.db.made"),
    },
}

if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3], sys.argv[4:])
