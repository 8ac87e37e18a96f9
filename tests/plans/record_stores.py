"""Record queries on stores of each kind, files, tables, databases and Hive's: `python record_stores.py FOLDER [NAME…]`.

A query may be several statements; each is an action, recorded in its order.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record import main

if TYPE_CHECKING:
    from collections.abc import Callable

# No recorded plan may hold it; a statement's text may, until it is scrubbed on its way out.
CANARY = "canary-3f9d"
SHOP = f"jdbc:derby:memory:shop;create=true;user=APP;password={CANARY}"
_DRIVER = {"driver": "org.apache.derby.jdbc.EmbeddedDriver", "user": "APP", "password": CANARY}


def _statements(*texts: str) -> Callable[[Any, str], None]:
    """Return a query of these statements; `{folder}` is the working folder."""

    def run(spark: Any, folder: str) -> None:
        for text in texts:
            spark.sql(text.format(folder=folder))

    return run


def _paths(spark: Any, folder: str) -> None:
    spark.table("orders").select("id").write.parquet(f"{folder}/o u+t 100%é")
    spark.read.parquet(f"{folder}/o u+t 100%é").write.parquet(f"{folder}/read_odd")
    spark.read.parquet(f"{folder}/orders", f"{folder}/customers").select("id").write.parquet(f"{folder}/read_both")


def _files(spark: Any, folder: str) -> None:
    for month in ("2024-01", "2024-02"):
        spark.table("orders").select("id").coalesce(1).write.json(f"{folder}/by_month/{month}")
    spark.read.schema("id int").json(f"{folder}/by_month/*").write.parquet(f"{folder}/read_months")
    spark.read.schema("id int").json(f"{folder}/by_month/*/part-*").write.parquet(f"{folder}/read_parts")
    spark.read.schema("id int").csv(_only_file(f"{folder}/by_month/2024-01")).write.parquet(f"{folder}/read_one")


def _only_file(folder: str) -> str:
    (part,) = Path(folder).glob("part-*")
    return str(part.rename(part.with_name("people.csv")))


def _files_of_v2(spark: Any, folder: str) -> None:
    kept = spark.conf.get("spark.sql.sources.useV1SourceList")
    spark.conf.set("spark.sql.sources.useV1SourceList", "")
    try:
        spark.read.parquet(f"{folder}/orders").select("id").write.parquet(f"{folder}/from_v2")
    finally:
        spark.conf.set("spark.sql.sources.useV1SourceList", kept)


def _sinks_that_keep_nothing(spark: Any, _folder: str) -> None:
    spark.table("orders").write.format("noop").mode("overwrite").save()
    spark.sql("select 1 as one where false").write.format("console").save()


def _jdbc(spark: Any, folder: str) -> None:
    orders = spark.table("orders").select("id", "amount", "status")
    orders.write.mode("overwrite").jdbc(SHOP, "SALES", properties=_DRIVER)
    orders.write.option("truncate", "true").mode("append").jdbc(SHOP, '"APP"."SALES"', properties=_DRIVER)
    big = 'select "id" as ORDER_ID, upper("status") as STATE from SALES where "amount" > 15'
    for at, source in enumerate(({"dbtable": "SALES"}, {"query": big}, {"dbtable": "(select * from SALES) t"})):
        read = spark.read.format("jdbc").options(url=SHOP, **_DRIVER).options(**source).load()
        read.write.parquet(f"{folder}/from_shop_{at}")
    bounds = {"column": "id", "lowerBound": 1, "upperBound": 3, "numPartitions": 2}
    spark.read.jdbc(SHOP, "APP.SALES", properties=_DRIVER, **bounds).select("amount").write.parquet(f"{folder}/parts")


def _jdbc_tables(spark: Any, folder: str) -> None:
    options = f"url '{SHOP}', dbtable 'SALES', driver '{_DRIVER['driver']}'"
    spark.sql(f"create table sales using jdbc options ({options})")
    spark.sql("insert into sales select id, amount, status from orders")
    spark.sql("select status from sales where id > 1").write.parquet(f"{folder}/from_sales")
    spark.sql("insert into shop.APP.SALES select id, amount, status from orders")
    spark.sql("select max(amount) as most from shop.APP.SALES where id > 1").write.parquet(f"{folder}/most")
    spark.sql("alter table shop.APP.SALES add columns (note string)")
    spark.sql("drop table shop.APP.SALES")


def _commands_without_data(spark: Any, _folder: str) -> None:
    texts = ("set a = b", "show tables", "use default", "explain select * from orders", "describe table ledger")
    for text in (*texts, "create or replace temp view few as select id from orders", "refresh table ledger"):
        spark.sql(text)
    spark.sql("create or replace global temp view few_too as select id from orders")
    spark.sql("drop view few")


STORES: dict[str, Callable[[Any, str], None]] = {
    "changes_of_tables": _statements(
        "create table stock (id int, place struct<shelf:int,tags:array<string>>) using parquet",
        "alter table stock add columns (note string)",
        "alter table stock set tblproperties ('a' = 'b')",
        "alter table stock rename to goods",
        "create table few_goods like goods",
        "create table outside (id int) using json location '{folder}/outside'",
        "alter table outside set location '{folder}/elsewhere'",
        "truncate table goods",
        "drop table goods",
        "drop table outside",
        "drop table if exists nosuch",
    ),
    "commands_without_data": _commands_without_data,
    "directories": _statements(
        "insert overwrite directory '{folder}/a dir' using parquet select id from orders",
        "insert overwrite local directory '{folder}/local' using json select id from orders",
    ),
    "files": _files,
    "files_of_v2": _files_of_v2,
    "inserts_into_partitions": _statements(
        "create table parted (id int, p string, q string) using parquet partitioned by (p, q)",
        "insert overwrite parted partition (p = 'x', q) select id, status from orders",
        "insert into parted partition (p = 'x', q = 'y') select id from orders",
        "insert into parted (q, id) select status, id from orders",
    ),
    "inserts_of_one_statement": _statements(
        "create table left_ids (id int) using parquet",
        "create table right_ids (id int) using parquet",
        "from orders insert into left_ids select id insert overwrite table right_ids select customer_id where id > 1",
    ),
    "jdbc": _jdbc,
    "jdbc_tables": _jdbc_tables,
    "paths": _paths,
    "sinks_that_keep_nothing": _sinks_that_keep_nothing,
    "tables_made_from_queries": _statements(
        "create table made using parquet as select id, status from orders",
        "create table made_outside using json location '{folder}/made_outside' as select id from orders",
        "create table made_buckets using parquet clustered by (id) into 2 buckets as select id from orders",
    ),
    "views": _statements(
        "create view big as select id, amount * 2 as twice from parquet.`{folder}/orders` where amount > 15",
        "create or replace view big (number, twice) as select id, amount from parquet.`{folder}/orders`",
        "create view bigger as select twice from big",
        "create table from_view using parquet as select twice from bigger",
        "alter view bigger as select number from big",
        "drop view bigger",
    ),
}


def _hive_load(spark: Any, folder: str) -> None:
    Path(folder, "load.csv").write_text("1,x\n", encoding="utf-8")
    spark.sql(f"load data local inpath '{folder}/load.csv' overwrite into table texts")


HIVE: dict[str, Callable[[Any, str], None]] = {
    "hive_changes": _statements(
        "create table texts (a int, b string) row format delimited fields terminated by ','",
        "alter table texts add columns (c int)",
        "create view of_texts as select a from texts",
        "create table others (a int) stored as orc location '{folder}/others'",
        "drop table others",
    ),
    "hive_load": _hive_load,
    "hive_writes": _statements(
        "create table made_parquet stored as parquet as select id, amount * 2 as twice from orders",
        "create table made_text as select id, status from orders",
        "create table by_p (a int) partitioned by (p string) stored as parquet",
        "insert overwrite table by_p partition (p) select id, status from orders",
        "insert into texts select id, status, 1 from orders",
        "create table by_q (a int) partitioned by (q string)",
        "insert into by_q partition (q = 'z') select a from texts",
        "insert overwrite directory '{folder}/hive_dir' row format delimited fields terminated by ',' "
        "select id from orders",
        "insert overwrite local directory '{folder}/hive_local' stored as orc select id from orders",
    ),
}
_SHOP_CONF = {"spark.sql.catalog.shop.url": SHOP, "spark.sql.catalog.shop.password": CANARY}
# The metastore that comes with PySpark, in the working folder.
_HIVE_CONF = {
    "spark.sql.catalogImplementation": "hive",
    "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:;databaseName={folder}/metastore;create=true",
    "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",
}

if __name__ == "__main__":
    wanted = sys.argv[2:]
    for queries, conf in ((STORES, _SHOP_CONF), (HIVE, _HIVE_CONF)):
        if not wanted or set(wanted) & set(queries):
            main(Path(sys.argv[1]).resolve(), wanted, queries, conf)
