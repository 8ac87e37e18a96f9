"""JDBC and SQLAlchemy URLs: every driver's own way to say where, and none of its secrets."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.naming import database_of_jdbc, database_of_url, dataset_of

few = hypothesis.settings(max_examples=60, deadline=None)
CANARY = "canary5ecret"
SECRETS = st.text("ab/+=@:%?;#,()[]{}\\&", max_size=8).map(lambda around: around + CANARY + around)
TNS = (
    "(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=(PROTOCOL=TCP)(HOST=DB1)(PORT=1999))"
    "(ADDRESS=(PROTOCOL=TCP)(HOST=db2)(PORT=1521)))(CONNECT_DATA=(SERVICE_NAME=shop.example)))"
)
ATHENA = "awsathena://athena.eu-west-1.amazonaws.com"
URLS = [
    ("postgresql://H1:5433,h2/shop?user=a&password=b@c", "postgres://h1:5433", "shop.public.t"),
    ("postgresql://h/shop?currentSchema=sales", "postgres://h:5432", "shop.sales.t"),
    ("postgresql://[::1]:5433/shop", "postgres://[::1]:5433", "shop.public.t"),
    ("postgresql://h/a%20b", "postgres://h:5432", "a b.public.t"),
    ("postgresql:shop", "postgres://localhost:5432", "shop.public.t"),
    ("pgsql://h/shop", "postgres://h:5432", "shop.public.t"),
    ("redshift://c.x.eu-west-1.redshift.amazonaws.com:5439/dev", "redshift://c.eu-west-1:5439", "dev.public.t"),
    ("redshift:iam://c:eu-west-1/dev", "redshift://c.eu-west-1:5439", "dev.public.t"),
    ("redshift:iam://w.1.us-e.redshift-serverless.amazonaws.com/dev", "redshift://w.us-e:5439", "dev.public.t"),
    ("mysql://h/shop?email=a@b", "mysql://h:3306", "shop.t"),
    ("mysql://u:p@h:3307/shop?x=a@b", "mysql://h:3307", "shop.t"),
    ("mysql:loadbalance://h1,h2:3307/shop", "mysql://h1:3307", "shop.t"),
    ("mysql://address=(protocol=tcp)(host=h)(port=3307)/shop", "mysql://h:3307", "shop.t"),
    ("mysql://(host=h,port=3307)/shop", "mysql://h:3307", "shop.t"),
    ("mariadb://h/shop", "mysql://h:3306", "shop.t"),
    ("oceanbase://h:2883/shop", "oceanbase://h:2883", "shop.t"),
    ("oracle:thin:@//h/svc", "oracle://h:1521", "SVC.t"),
    ("oracle:thin:@H:1522:sid", "oracle://h:1522", "SID.t"),
    ("oracle:thin:@[::1]:1522:sid", "oracle://[::1]:1522", "SID.t"),
    ("oracle:thin:scott/ti@ger@h:1521/svc:dedicated/i", "oracle://h:1521", "SVC.t"),
    ("oracle:thin:@tcps://h:1/svc?wallet_location=/a@b", "oracle://h:1", "SVC.t"),
    ("oracle:thin:@h1,h2:1522/svc", "oracle://h1:1522", "SVC.t"),
    (f"oracle:thin:@{TNS}", "oracle://db1:1999", "SHOP.EXAMPLE.t"),
    ("oracle:oci:@(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1))(CONNECT_DATA=(SID=x)))", "oracle://h:1", "X.t"),
    ("sqlserver://h;databaseName=shop;user=u;password={a;databaseName=evil}", "mssql://h:1433", "shop.dbo.t"),
    (r"sqlserver://h\INST;database=shop", "mssql://h/inst", "shop.dbo.t"),
    (r"sqlserver://h\inst:1444;databaseName=shop", "mssql://h:1444", "shop.dbo.t"),
    ("sqlserver://;serverName=h;instanceName=i;databaseName=shop", "mssql://h/i", "shop.dbo.t"),
    ("sqlserver://w.sql.azuresynapse.net:1433;database=pool", "sqlserver://w.sql.azuresynapse.net:1433", "dbo.t"),
    ("jtds:sqlserver://h:1433/shop;instance=x", "mssql://h:1433", "shop.dbo.t"),
    ("db2://h:50001/shop:currentSchema=x;password=y;", "db2://h:50001", "SHOP.t"),
    ("teradata://h/DATABASE=shop,DBS_PORT=1026,USER=u", "teradata://h:1026", "shop.t"),
    ("snowflake://xy1.eu-west-1.snowflakecomputing.com/?db=shop&schema=s", "snowflake://xy1.eu-west-1.aws", "SHOP.S.t"),
    ("snowflake://org-my_acct.snowflakecomputing.com/?db=shop", "snowflake://org-my-acct", "SHOP.PUBLIC.t"),
    ("trino://h:443/hive/shop?user=x", "trino://h:443", "hive.shop.t"),
    ("presto://h/hive", "presto://h:8080", "hive.t"),
    ("hive2://h1:10001,h2/shop;auth=noSasl?x=y#z", "hive://h1:10001", "shop.t"),
    ("hive2://h", "hive://h:10000", "default.t"),
    ("ch:https://h:8443/shop", "clickhouse://h:8443", "shop.t"),
    ("clickhouse://h/?database=shop", "clickhouse://h:8123", "shop.t"),
    ("cassandra://h1--h2:9043/shop?x", "cassandra://h1:9043", "shop.t"),
    ("crate://h:5432/", "crate://h:5432", "crate.doc.t"),
    ("bigquery://https://www.googleapis.com/bigquery/v2:443;ProjectId=p;DefaultDataset=d", "bigquery", "p.d.t"),
    ("cloudspanner:/projects/p/instances/i/databases/d?credentials=x", "spanner://p:i", "d.t"),
    ("awsathena://AwsRegion=eu-west-1;S3OutputLocation=s3://x", ATHENA, "AwsDataCatalog.default.t"),
    ("athena://Region=eu-west-1;Catalog=c;Database=d", ATHENA, "c.d.t"),
    ("databricks://h:443/shop;httpPath=/x;ConnCatalog=main;PWD=x", "databricks://h", "main.shop.t"),
    ("spark://adb-1.azuredatabricks.net:443/default;x=y", "databricks://adb-1.azuredatabricks.net", "default.t"),
    ("sqlite:/data//shop.db", "sqlite:///data/shop.db", "t"),
    ("duckdb:/data/shop.duckdb?x=y", "duckdb:///data/shop.duckdb", "shop.main.t"),
    ("duckdb:", "duckdb:///:memory:", "memory.main.t"),
    ("h2:file:/data//shop;AUTO_SERVER=TRUE;PASSWORD=x", "h2:file:/data/shop", "PUBLIC.t"),
    ("h2:/data/shop", "h2:file:/data/shop", "PUBLIC.t"),
    ("h2:mem:shop;USER=x", "h2:mem:shop", "PUBLIC.t"),
    ("h2:tcp://h:9092/~/shop", "h2:tcp://h:9092/~/shop", "PUBLIC.t"),
    ("derby:memory:shop;create=true", "derby:memory:shop", "APP.t"),
    ("derby:shop;user=x;password=y", "derby:file:shop", "APP.t"),
    ("derby://h:1527/shop;create=true", "derby://h:1527/shop", "APP.t"),
    ("hsqldb:hsql://h/shop", "hsqldb:hsql://h/shop", "PUBLIC.t"),
]  # fmt: skip
OF_SQLALCHEMY = [
    ("postgresql+psycopg2://u:p%40@H:1/shop?x=1", "postgres://h:1", "shop.public.t"),
    ("sqlite:////data/shop.db", "sqlite:///data/shop.db", "t"),
    ("snowflake://u:p@org-acct/shop/s?warehouse=x", "snowflake://org-acct", "SHOP.S.t"),
    ("bigquery://project/shop", "bigquery", "project.shop.t"),
    ("awsathena+rest://:@athena.eu-west-1.amazonaws.com:443/s", ATHENA, "AwsDataCatalog.s.t"),
    ("mssql+pyodbc://u:p@h/shop?driver=x", "mssql://h:1433", "shop.dbo.t"),
    ("oracle+oracledb://u:p@h:1521/?service_name=x", "oracle://h:1521", "X.t"),
    ("databricks://token:x@h?http_path=/a&catalog=main&schema=s", "databricks://h", "main.s.t"),
    ("spanner+spanner:///projects/p/instances/i/databases/d", "spanner://p:i", "d.t"),
    ("jdbc:mysql://h/shop", "mysql://h:3306", "shop.t"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "namespace", "name"), URLS)
def test_a_jdbc_url_leads_to_its_database(url: str, namespace: str, name: str) -> None:
    found = database_of_jdbc(f"JDBC:{url}")

    assert found is not None
    assert (found.namespace, found.dataset(("t",)).name) == (namespace, name)


@pytest.mark.parametrize(("url", "namespace", "name"), OF_SQLALCHEMY)
def test_a_sqlalchemy_url_leads_to_its_database(url: str, namespace: str, name: str) -> None:
    found = database_of_url(url)

    assert found is not None
    assert (found.namespace, found.dataset(("t",)).name) == (namespace, name)


@pytest.mark.parametrize(
    "url",
    ["", "jdbc:", "jdbc:unheard:of", "postgresql://h/x", "jdbc:oracle:thin:@shop", "jdbc:oracle:thin:@",
     "jdbc:snowflake:", "jdbc:cloudspanner:x", "jdbc:awsathena://", "jdbc:postgresql://" + "h" * 10_000],
)  # fmt: skip
def test_what_leads_nowhere_has_no_database(url: str) -> None:
    assert database_of_jdbc(url) is None


def test_an_alias_gives_oracles_local_name_a_meaning() -> None:
    found = database_of_jdbc("jdbc:oracle:thin:@shop", {"shop": "db.example:1999"})

    assert found is not None
    assert found.namespace == "oracle://db.example:1999"


@given(
    st.sampled_from(
        ["postgresql", "mysql", "redshift", "db2", "hive2", "trino", "clickhouse", "teradata", "snowflake"]
    ),
    SECRETS,
    st.sampled_from(
        ["://user:{}@h.example:1234/shop", "://h.example:1234/shop?password={}", "://h.example/shop;pwd={};x=1"]
    ),
)
@few
def test_no_secret_of_a_url_becomes_part_of_a_name(kind: str, secret: str, form: str) -> None:
    url = kind + form.format(secret)
    found = [database_of_jdbc(f"jdbc:{url}"), database_of_url(url)]
    names = [(one.namespace, one.dataset(("t",)).name) for one in found if one is not None]

    assert CANARY not in str(names).lower()


@given(SECRETS.filter(lambda secret: "(" not in secret))
@few
def test_no_secret_of_oracle_or_sql_server_becomes_part_of_a_name(secret: str) -> None:
    braced = secret.replace("}", "")
    found = [
        database_of_jdbc(f"jdbc:oracle:thin:scott/{secret}@h:1521/svc"),
        database_of_jdbc(f"jdbc:oracle:thin:@//h:1521/svc?password={secret.replace('@', '')}"),
        database_of_jdbc(f"jdbc:sqlserver://h;user=u;password={{{braced}}};databaseName=shop"),
    ]

    assert CANARY not in str([(one.namespace, one.dataset(("t",)).name) for one in found if one is not None]).lower()


@given(st.text(max_size=60))
@few
def test_no_text_is_too_strange_to_be_asked(text: str) -> None:
    for form in (text, f"jdbc:{text}", f"jdbc:oracle:thin:@{text}", f"jdbc:sqlserver://{text}", f"postgres://{text}"):
        database_of_jdbc(form)
        database_of_url(form)
    for form in (text, f"postgres://{text}"):
        dataset_of(form)


@pytest.mark.parametrize("url", ["jdbc:postgresql://h/d", "JDBC:sqlite:/a/b.db", "jdbc:oracle:thin:@shop", "jdbc:x"])
def test_a_jdbc_url_without_a_table_is_refused_and_never_named_like_a_file(url: str) -> None:
    with pytest.raises(RiverheadError, match="a JDBC URL names a database"):
        dataset_of(url)
