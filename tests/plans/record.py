"""Record what the tap writes for one small query of each kind: `python record.py FOLDER [NAME…]`, by Spark's Python.

Times, ids of applications and the working folder are normalised, so that a second recording changes nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stream_queries
from column_queries import FAMILIES, SINCE_4, VIEWS
from riverhead_spark.executions import Actions
from riverhead_spark.tap.compile import loaded
from riverhead_spark.tap.jvm import Jvm
from riverhead_spark.tap.poll import Tap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riverhead_emitter.observation import Observation

    Queries = dict[str, Callable[[Any, str], None]]

FOLDER = "/lake"
# Facts of a moment and of a machine, not of a plan.
_TIMES = {"started": 1_700_000_000_000, "ended": 1_700_000_001_000}
_BYTES = 1000
_QUERY, _QUERY_RUN = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
_PLAIN = frozenset({
    "cteId", "groupingAttributesLen", "id", "leftGroupingLen", "loopId", "maxRows", "numPartitions",
    "outputColumnNames", "rightGroupingLen", "seed", "shuffle", "unrequiredChildIndex",
})  # fmt: skip
_FIRST_WITH_VARIABLES = 4
_SPAN = 600
# No time in milliseconds, nor any number of a small query, is as large.
_SMALLEST_SNAPSHOT = 10**14


def main(target: Path, wanted: list[str], queries: Queries | None = None, more: dict[str, str] | None = None) -> None:
    """Run every query that is wanted, or all, and write each one's observations to a file of its name.

    Without `queries` they are this file's own; `more` is added to the session's conf.
    """
    folder = Path(tempfile.mkdtemp(prefix="riverhead-plans-"))
    spark = _session(folder, more or {})
    try:
        _prepare(spark, folder)
        tap = Tap(spark.sparkContext)
        target.mkdir(parents=True, exist_ok=True)
        for name, query in (QUERIES if queries is None else queries).items():
            if wanted and name not in wanted:
                continue
            observations = list(_observed(spark, tap, query, folder))
            _write(target / f"{name}.json", observations, folder)
        if queries is None and (not wanted or "columns" in wanted):
            _write_column_plans(spark, target.parent / "columns" / target.name, folder)
    finally:
        spark.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _session(folder: Path, more: dict[str, str]) -> Any:
    from pyspark.sql import SparkSession

    os.chdir(folder)
    # Errors name the host that they happened on.
    os.environ["SPARK_LOCAL_HOSTNAME"] = "localhost"
    builder = SparkSession.builder.master("local[1]").appName("plans")
    conf = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.ansi.enabled": "false",
        # The one V2 catalog that comes with PySpark, on the database that comes with it too.
        "spark.sql.catalog.shop": "org.apache.spark.sql.execution.datasources.v2.jdbc.JDBCTableCatalog",
        "spark.sql.catalog.shop.url": "jdbc:derby:memory:shop;create=true",
        "spark.sql.catalog.shop.driver": "org.apache.derby.jdbc.EmbeddedDriver",
        **{key: value.format(folder=folder) for key, value in more.items()},
    }
    for key, value in conf.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def _prepare(spark: Any, folder: Path) -> None:
    orders = [(1, 1, 10.0, "A"), (2, 1, 20.0, "B"), (3, 2, 30.0, "A")]
    columns = "id int, customer_id int, amount double, status string"
    spark.createDataFrame(orders, columns).coalesce(1).write.parquet(f"{folder}/orders")
    customers = spark.createDataFrame([(1, "ann", "DE"), (2, "bob", "FR")], "id int, name string, country string")
    customers.coalesce(1).write.parquet(f"{folder}/customers")
    spark.sql("create table ledger (id int, total double) using parquet")
    for name in ("orders", "customers"):
        spark.read.parquet(f"{folder}/{name}").createOrReplaceTempView(name)


def _observed(spark: Any, tap: Tap, query: Callable[[Any, str], None], folder: Path) -> Iterator[Observation]:
    try:
        query(spark, str(folder))
    except Exception as error:  # noqa: BLE001 - a query that fails on purpose raises whatever Spark raises
        print(f"failed, as it may: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - a tool's own answer
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty(30_000)
    actions = Actions(
        {"id": "local-1", "name": "Plans", "spark_version": spark.version, "namespace": "tests"},
    )
    while records := tap.poll():
        for record in records:
            observation = actions.take(record)
            if observation is not None:
                yield observation


def _write(path: Path, observations: list[Observation], folder: Path) -> None:
    versions = _Ids()
    normal = [_normal(observation.payload, _Ids(), versions) for observation in observations]
    text = json.dumps(normal, indent=1, sort_keys=True)
    path.write_text(_placed(text, folder) + "\n", encoding="utf-8")


def _write_column_plans(spark: Any, target: Path, folder: Path) -> None:
    """Write the analysed plans of queries that nobody runs: a file for each family, a line for each operator."""
    for name, columns in VIEWS.items():
        spark.createDataFrame([], columns).write.mode("overwrite").parquet(f"{folder}/columns/{name}")
        spark.read.parquet(f"{folder}/columns/{name}").createOrReplaceTempView(name)
    families = {**FAMILIES}
    if int(spark.version.partition(".")[0]) >= _FIRST_WITH_VARIABLES:
        spark.sql("declare variable limit_id int default 1")
        families.update(SINCE_4)
    target.mkdir(parents=True, exist_ok=True)
    for family, queries in families.items():
        plans = (f'"{name}": {_lines(_dumped(spark, query(spark)))}' for name, query in queries.items())
        text = "{\n" + ",\n".join(plans) + "\n}\n"
        (target / f"{family}.json").write_text(_placed(text, folder), encoding="utf-8")


def _dumped(spark: Any, frame: Any) -> Any:
    context = spark.sparkContext
    execution = frame._jdf.queryExecution()
    dump = loaded(Jvm(context), spark.version, None).tap.getClassLoader().loadClass("riverhead.tap.PlanDump")
    arguments = context._gateway.new_array(context._gateway.jvm.java.lang.Object, 2)
    arguments[0], arguments[1] = execution, False
    return _renumbered(json.loads(dump.getConstructors()[0].newInstance(arguments).of(execution.analyzed())))


def _lines(plan: Any) -> str:
    nodes = ",\n".join(json.dumps(node, sort_keys=True) for node in plan["nodes"])
    rest = json.dumps({key: plan[key] for key in ("attributes", "cut")}, sort_keys=True)
    return f'{{"nodes": [\n{nodes}\n],\n{rest[1:]}'


def _placed(text: str, folder: Path) -> str:
    text = re.sub(rf"{re.escape(str(Path(__file__).parent.resolve()))}/(\w+\.py):\d+", r"/jobs/\1:1", text)
    return text.replace(f"file://{folder}", f"file:{FOLDER}").replace(str(folder), FOLDER)


class _Ids:
    """Numbers ids in the order in which they are met: Spark counts them through a whole JVM."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def __call__(self, id_: int) -> int:
        return self._known.setdefault(id_, len(self._known) + 1)


def _normal(payload: Any, executions: _Ids, versions: _Ids) -> Any:
    normal = _with_versions(json.loads(json.dumps(payload)), versions)
    for execution in normal["executions"]:
        for lake in execution.get("lakes", ()):
            lake["versions"] = [_version(each, execution) for each in lake["versions"]]
        execution.update({key: value for key, value in _TIMES.items() if key in execution})
        execution["root"], execution["id"] = executions(execution["root"]), executions(execution["id"])
        for counted in (execution.get("written"), *execution.get("writes", ())):
            if counted is not None:
                counted["numOutputBytes"] = _BYTES
        # What a moment's machine counted; the rows of scans are the query's own.
        execution.pop("nanos", None)
        execution.pop("used", None)
        for scan in execution.get("scans", ()):
            scan.pop("filesSize", None)
        if "stream" in execution:
            execution["stream"].update({"query": _QUERY, "run": _QUERY_RUN})
        if "progress" in execution:
            execution["progress"] = _progress(execution["progress"])
        if "plan" in execution:
            execution["plan"] = _renumbered(execution["plan"])
        if "error" in execution:
            # What follows the first line are frames, which differ between releases of Java.
            execution["error"] = {key: text.splitlines()[0] for key, text in execution["error"].items() if text}
    return normal


def _progress(progress: Any) -> Any:
    """Leave out what is of a moment or of a machine: times, durations, and what is another object's name every time."""
    sources = [{**source, "description": source["description"].partition("[")[0]} for source in progress["sources"]]
    moment = {"timestamp": "2026-01-01T00:00:00.000Z", "durations": dict.fromkeys(progress["durations"], _BYTES)}
    return {**progress, **moment, "sources": sources}


def _with_versions(value: Any, versions: _Ids) -> Any:
    """Number the ids of snapshots, which are large and random, wherever they stand."""
    if isinstance(value, list):
        return [_with_versions(each, versions) for each in value]
    if isinstance(value, dict):
        return {key: _with_versions(each, versions) for key, each in value.items()}
    is_snapshot = isinstance(value, int) and value >= _SMALLEST_SNAPSHOT
    return 1000 + versions(value) if is_snapshot else value


def _version(version: list[Any], execution: Any) -> list[Any]:
    """Place a version's time before, within or after its execution, and say the same size of all files."""
    id_, made, *counts = version
    times = (execution["started"], execution["ended"])
    at = _TIMES["started"] - 1 + sum(_SPAN for time in times if made >= time)
    sizes = [{**count, "added-files-size": str(_BYTES)} if "added-files-size" in count else count for count in counts]
    return [id_, at, *sizes]


def _renumbered(plan: Any) -> Any:
    ids = _Ids()
    nodes = [_node(node, ids) for node in plan["nodes"]]
    attributes = {str(ids(int(id_))): value for id_, value in plan["attributes"].items()}
    # Identities of Python functions in a JVM are others in the next.
    functions = {str(at): name for at, name in enumerate(plan.get("functions", {}).values(), 1)}
    return {**plan, "nodes": nodes, "attributes": attributes, **({"functions": functions} if functions else {})}


def _node(node: Any, ids: _Ids) -> Any:
    fields = {key: value if _is_plain(key) else _expression(value, ids) for key, value in node["f"].items()}
    return {**node, "f": fields, **({"o": [ids(id_) for id_ in node["o"]]} if "o" in node else {})}


def _is_plain(field: str) -> bool:
    # Numbers that are ids of another kind, and those that are no ids at all.
    return field in _PLAIN


def _expression(value: Any, ids: _Ids) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return ids(value)
    if isinstance(value, list):
        return [_expression(each, ids) for each in value]
    if isinstance(value, dict) and "e" in value:
        of = {key: _expression(value[key], ids) for key in ("id", "k", "refs") if key in value}
        return {**value, **of}
    return value


def _sql(text: str) -> Callable[[Any, str], None]:
    """Return a query that writes what this SELECT finds."""
    return lambda spark, folder: spark.sql(text).write.mode("overwrite").parquet(f"{folder}/out")


def _filter_join_aggregate(spark: Any, folder: str) -> None:
    from pyspark.sql import functions as F  # noqa: N812 - as its users call it - the name that every PySpark job gives it

    orders, customers = spark.read.parquet(f"{folder}/orders"), spark.read.parquet(f"{folder}/customers")
    joined = orders.filter(orders.amount > 10).join(customers, orders.customer_id == customers.id)
    joined.groupBy("country").agg(F.sum("amount").alias("total")).write.parquet(f"{folder}/totals")


def _save_as_table(spark: Any, folder: str) -> None:
    orders = spark.read.parquet(f"{folder}/orders").withColumnRenamed("amount", "price")
    orders.select("id", "price").write.saveAsTable("prices")


def _failing_write(spark: Any, folder: str) -> None:
    from pyspark.sql import functions as F  # noqa: N812 - as its users call it

    wrong = F.expr("assert_true(amount < 15, 'an order is too large')").isNull()
    spark.read.parquet(f"{folder}/orders").filter(wrong).select("id").write.parquet(f"{folder}/failed")


def _failing_plan(spark: Any, folder: str) -> None:
    orders, customers = (spark.read.parquet(f"{folder}/{name}") for name in ("orders", "customers"))
    spark.conf.set("spark.sql.crossJoin.enabled", "false")
    try:
        orders.join(customers).select("amount", "name").write.parquet(f"{folder}/crossed")
    finally:
        spark.conf.unset("spark.sql.crossJoin.enabled")


def _partitioned(spark: Any, folder: str) -> None:
    spark.read.parquet(f"{folder}/orders").drop("status").write.parquet(f"{folder}/by_status/status=A")
    spark.read.parquet(f"{folder}/by_status/status=A").select("id").write.parquet(f"{folder}/one_partition")


def _cached(spark: Any, folder: str) -> None:
    orders = spark.read.parquet(f"{folder}/orders").filter("amount > 10").cache()
    orders.count()
    orders.select("id").write.parquet(f"{folder}/from_cache")
    orders.unpersist()


QUERIES: dict[str, Callable[[Any, str], None]] = {
    "alias_and_cast": _sql("select id as order_id, cast(amount as int) whole, md5(status) hidden from orders"),
    "cached": _cached,
    "case": _sql("select id, case when status = 'A' then amount when id > 1 then 0 else customer_id end x from orders"),
    "collect": lambda spark, _: spark.sql("select id from orders where amount > 10").collect(),
    "collect_of_nothing": lambda spark, _: spark.range(3).collect(),
    "create_v2_table": lambda spark, _: spark.sql("create table shop.APP.copies as select id, amount from orders"),
    "cte": _sql(
        "with t as (select customer_id, sum(amount) s from orders group by 1) select t.s, u.s s2 from t join t u using "
        "(customer_id)",
    ),
    "explode": _sql("select id, explode(split(status, ',')) part from orders"),
    "failing_plan": _failing_plan,
    "failing_write": _failing_write,
    "filter_join_aggregate": _filter_join_aggregate,
    "in_subquery": _sql("select id from orders where customer_id in (select id from customers where country = 'DE')"),
    "insert_select": lambda spark, _: spark.sql("insert into ledger (total, id) select amount * 2, id from orders"),
    "partitions": _partitioned,
    "save_as_table": _save_as_table,
    "scalar_subquery": _sql(
        "select c.name, (select max(o.amount) from orders o where o.customer_id = c.id) biggest from customers c",
    ),
    "sort": _sql("select id, amount from orders order by amount desc limit 2"),
    "table_read": _sql("select total from ledger"),
    "union": _sql("select id, status label from orders union all select id, name from customers"),
    **stream_queries.QUERIES,
    "window": _sql("select id, rank() over (partition by status order by amount) r from orders"),
}

if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
