"""Queries whose columns are told apart by hand in `test_spark_column_…`: never run, their analysed plans are enough.

Each family is a file of plans; each query a function from a session, which has the views `orders`, `customers` and
`nested`, to a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Query: TypeAlias = "Callable[[Any], Any]"

VIEWS = {
    "orders": "id int, customer_id int, amount double, status string, day string",
    "customers": "id int, name string, country string",
    "nested": "id int, user struct<uid:int,name:string>, tags array<string>, props map<string,string>, "
    "lines array<struct<sku:string,qty:int>>",
}


def _sql(text: str) -> Query:
    return lambda spark: spark.sql(text)


def _functions() -> Any:
    from pyspark.sql import functions

    return functions


def _orders(spark: Any) -> Any:
    return spark.table("orders")


def _with_field(spark: Any) -> Any:
    column = _functions().col
    return spark.table("nested").select(
        column("user").withField("name", column("props")["k"]).alias("named"),
        column("user").dropFields("name").alias("dropped"),
        column("user").withField("name", column("props")["k"]).getField("uid").alias("uid"),
    )


def _python_udf(spark: Any) -> Any:
    add = _functions().udf(lambda a, b: a + b, "double")
    return _orders(spark).select("id", add("amount", "customer_id").alias("total"))


def _pandas_udfs(spark: Any) -> Any:
    import pandas as pd

    def mean(values: pd.Series) -> float:
        return float(values.mean())

    # What kind of function it is stands in its annotations, which are text in this module.
    mean.__annotations__ = {"values": pd.Series, "return": float}
    return _orders(spark).groupBy("status").agg(_functions().pandas_udf(mean, "double")("amount").alias("mean"))


def _same(*frames: Any) -> Any:
    return frames[0]


def _map_in_pandas(spark: Any) -> Any:
    return _orders(spark).select("id", "amount").mapInPandas(_same, "id int, doubled double")


def _map_in_arrow(spark: Any) -> Any:
    return _orders(spark).select("id", "amount").mapInArrow(_same, "id int, doubled double")


def _apply_in_pandas(spark: Any) -> Any:
    grouped = _orders(spark).select("id", "amount", "status").groupBy("status")
    return grouped.applyInPandas(lambda frame: frame, "status string, total double")


def _cogroup(spark: Any) -> Any:
    left = _orders(spark).select("id", "customer_id").groupBy("customer_id")
    right = spark.table("customers").select("id", "name").groupBy("id")
    return left.cogroup(right).applyInPandas(lambda left, _right: left, "id int, n int")


def _udtf(spark: Any) -> Any:
    class Doubled:
        def eval(self, number: int) -> Any:
            yield number, 2 * number

    spark.udtf.register("doubled", _functions().udtf(Doubled, returnType="a int, b int"))
    return spark.sql("select o.id, t.b from orders o, lateral doubled(o.customer_id) t")


def _sql_function(spark: Any) -> Any:
    spark.sql("create or replace temporary function plus(a int, b int) returns int return a + b")
    spark.sql(
        "create or replace temporary function of_status(s string) returns table (id int, amount double) "
        "return select id, amount from orders where status = of_status.s"
    )
    return spark.sql("select plus(t.id, c.id) p, t.amount from customers c, lateral of_status(c.name) t")


def _pivot(spark: Any) -> Any:
    return _orders(spark).groupBy("customer_id").pivot("status", ["A", "B"]).sum("amount")


def _hundred_columns(spark: Any) -> Any:
    frame = _orders(spark).select("id", "amount")
    for number in range(100):
        frame = frame.withColumn("amount", _functions().col("amount") + number)
    return frame


FAMILIES: dict[str, dict[str, Query]] = {
    "joins": {
        "inner": _sql("select o.id, c.name from orders o join customers c on o.customer_id = c.id and o.amount > 1"),
        "using": _sql("select id, name from orders full join customers using (id)"),
        "semi": _sql("select o.id from orders o left semi join customers c on o.customer_id = c.id"),
        "anti": _sql("select o.id from orders o left anti join customers c on o.customer_id = c.id"),
        "cross": _sql("select o.id, c.name from orders o cross join customers c"),
        "self": lambda spark: (
            _orders(spark)
            .alias("a")
            .join(_orders(spark).alias("b"), _functions().expr("a.id = b.customer_id"))
            .selectExpr("a.amount x", "b.status y")
        ),
        "lateral": _sql(
            "select o.id, t.label from orders o, lateral (select concat(name, o.status) label from customers c "
            "where c.id = o.customer_id) t"
        ),
        "as_of": lambda spark: (
            _orders(spark)
            ._joinAsOf(
                spark.table("customers"),
                leftAsOfColumn=_functions().expr("amount"),
                rightAsOfColumn=_functions().expr("customers.id"),
                direction="backward",
                tolerance=None,
                allowExactMatches=True,
            )
            .select("status", "name")
        ),
    },
    "set_operations": {
        "union_all": _sql("select id, status label from orders union all select id, name from customers"),
        "union": _sql("select id from orders union select id from customers"),
        "union_with_implicit_cast": _sql("select id x from orders union all select amount from orders"),
        "union_by_name": lambda spark: (
            _orders(spark)
            .select("id", "amount")
            .unionByName(_orders(spark).select("amount", "status"), allowMissingColumns=True)
        ),
        "intersect": _sql("select id from orders intersect select id from customers"),
        "except_all": _sql("select id from orders except all select id from customers"),
        "branches": _sql("select a from (select id + 1 a from orders union all select id * 2 from customers)"),
    },
    "aggregates": {
        "kinds": _sql(
            "select status, sum(amount) s, count(id) n, count(1) c, count(distinct day) d, "
            "sum(amount) filter (where day > '2024') f, max_by(id, amount) m from orders group by status"
        ),
        "grouping_sets": _sql(
            "select status, customer_id, grouping_id() g, sum(amount) s from orders "
            "group by grouping sets ((status), (customer_id))"
        ),
        "cube": _sql("select status, upper(day) d, count(id) n from orders group by cube (status, upper(day))"),
        "having": _sql("select status, count(id) n from orders group by status having sum(amount) > 10"),
        "pivot": _pivot,
        "unpivot": _sql(
            "select id, k, v from (select id, amount, cast(customer_id as double) c from orders) "
            "unpivot (v for k in (amount, c))"
        ),
        "stack": _sql("select id, stack(2, 'a', amount, 'c', cast(customer_id as double)) as (k, v) from orders"),
        "distinct": _sql("select distinct status from orders"),
        "drop_duplicates": lambda spark: _orders(spark).dropDuplicates(["status"]).select("id", "status"),
    },
    "windows": {
        "functions": _sql(
            "select row_number() over (partition by customer_id order by day) rn, "
            "rank() over (order by amount desc) r, sum(amount) over (partition by status) s, "
            "lag(amount) over (order by day) l, first(status) over (order by day) f from orders"
        ),
        "after_aggregate": _sql(
            "select status, sum(amount) s, rank() over (order by sum(amount) desc) r from orders group by status"
        ),
        "qualified": _sql(
            "select id from (select id, row_number() over (partition by status order by day) rn from orders) "
            "where rn = 1"
        ),
    },
    "nested": {
        "access": _sql("select user.uid, user, tags[0] t0, props['k'] pk, lines[0].qty q, lines.sku skus from nested"),
        "with_field": _with_field,
        "made": _sql("select s, s.a, s.b.c from (select struct(id a, struct(upper(user.name) c) b) s from nested)"),
        "explode": _sql("select id, line, line.qty from (select id, explode(lines) line from nested)"),
        "explode_map": _sql("select explode(props) from nested"),
        "posexplode": _sql("select posexplode_outer(tags) from nested"),
        "inline": _sql("select inline(lines) from nested"),
        "lateral_view": _sql("select id, t from nested lateral view outer explode(tags) x as t where t > 'a'"),
        "json": _sql("select json_tuple(status, 'a', 'b') as (a, b), from_json(status, 'c int').c c from orders"),
        "higher_order": _sql(
            "select transform(lines, x -> x.qty + id) t, filter(tags, x -> x > 'a') f, "
            "aggregate(lines, 0, (acc, x) -> acc + x.qty) a, exists(tags, x -> x = 'a') e from nested"
        ),
        "collected": _sql("select collect_list(struct(id, amount)).amount amounts from orders"),
    },
    "expressions": {
        "choices": _sql(
            "select case when status = 'A' then amount when day > '2024' then 0 else customer_id end x, "
            "if(amount > 15, status, day) y, coalesce(status, day) z, nvl2(status, day, id) n, "
            "decode(status, 'A', day) d from orders"
        ),
        "masked": _sql(
            "select sha2(status, 256) a, mask(status) b, aes_encrypt(status, '0000111122223333') c, upper(status) d, "
            "concat(status, md5(status)) e, hash(status, day) f from orders"
        ),
        "filters": _sql("select id from orders where status = 'A' and (amount > 5 or day > '2024') and id in (1, 2)"),
        "sample": _sql("select id from orders tablesample (50 percent)"),
        "sort_and_limit": _sql("select id from orders order by amount desc, upper(status) limit 5 offset 1"),
        "repartition": lambda spark: _orders(spark).repartition(2, "status").hint("broadcast").select("id"),
        "file_metadata": lambda spark: spark.read.parquet("columns/orders").select("id", "_metadata.file_name"),
        "text_of_the_last_change": _sql(
            "select twice + 1 more, twice as same from (select amount * 2 twice from orders)"
        ),
        "observed": lambda spark: _orders(spark).observe("seen", _functions().expr("sum(amount)")).select("id"),
        "hundred_columns": _hundred_columns,
    },
    "subqueries": {
        "scalar": _sql("select id, amount / (select max(amount) from orders where day > '2024') r from orders"),
        "correlated": _sql(
            "select c.name, (select sum(o.amount) from orders o where o.customer_id = c.id) total from customers c"
        ),
        "exists": _sql(
            "select id from orders o where exists "
            "(select 1 from customers c where c.id = o.customer_id and country = 'X')"
        ),
        "not_in": _sql("select id from orders where customer_id not in (select id from customers)"),
        "as_values": _sql(
            "select id, customer_id in (select id from customers) i, "
            "exists (select 1 from customers c where c.id = o.customer_id) e from orders o"
        ),
        "struct_of_outer_query": _sql(
            "select (select max(c.name) from customers c where c.id = n.user.uid) x from nested n"
        ),
        "common_table_twice": _sql(
            "with t as (select customer_id, sum(amount) s from orders group by 1) "
            "select a.s, b.customer_id from t a join t b on a.s = b.s"
        ),
    },
    "python": {
        "udf": _python_udf,
        "pandas_aggregate": _pandas_udfs,
        "map_in_pandas": _map_in_pandas,
        "map_in_arrow": _map_in_arrow,
        "apply_in_pandas": _apply_in_pandas,
        "cogroup": _cogroup,
        "udtf": _udtf,
    },
}
# Only from Spark 4 on.
SINCE_4: dict[str, dict[str, Query]] = {
    "since_4": {
        "recursive": _sql(
            "with recursive r(id, boss, level) as (select id, customer_id, 1 from orders where id = 1 union all "
            "select o.id, r.id, r.level + 1 from orders o join r on o.customer_id = r.boss) select id, boss from r"
        ),
        "pipe": _sql(
            "from orders |> where amount > 1 |> aggregate sum(amount) as s group by status |> extend s + 1 as t"
        ),
        "variable": _sql("select id + limit_id x from orders"),
        "sql_function": _sql_function,
        "listagg": _sql("select listagg(status, ',') within group (order by day) l from orders"),
    }
}
