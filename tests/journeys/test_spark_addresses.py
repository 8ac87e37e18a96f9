"""What of an address leaves the JVM: the place, and no credential, however it was put there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hosts import interpreter

pytestmark = pytest.mark.journey

JOB = Path(__file__).parent / "spark_jobs" / "addresses.py"
SPARKS = [
    pytest.param("SPARK_4_3", id="4.3"),
    pytest.param("SPARK_4_0", id="4.0", marks=pytest.mark.matrix),
    pytest.param("SPARK_3_5", id="3.5", marks=pytest.mark.matrix),
]
KEPT = {
    "jdbc:h2:file:/data/shop;AUTO_SERVER=FALSE;USER=sa;PASSWORD=CANARY": "jdbc:h2:file:/data/shop",
    "jdbc:postgresql://bob:CANARY@h:5432/shop?user=bob&password=CANARY&currentSchema=s": (
        "jdbc:postgresql://h:5432/shop?currentSchema=s"
    ),
    "jdbc:postgresql://h:5432/shop?password=CAN@RY/CANARY;CANARY&ssl=true": "jdbc:postgresql://h:5432/shop",
    # Where the password ends cannot be told, so nothing behind it is kept.
    "jdbc:postgresql://bob:CAN?ARY;CANARY@h:5432/shop": "jdbc:postgresql://",
    "jdbc:postgresql://h1:1,h2:2/shop?targetServerType=any": "jdbc:postgresql://h1:1,h2:2/shop",
    "jdbc:mysql://address=(host=h)(port=3306)(user=u)(password=CANARY)/db": (
        "jdbc:mysql://address=(host=h)(port=3306)/db"
    ),
    "jdbc:mysql://address=(host=h)(password1=CANARY)(trustCertificateKeyStorePassword=CANARY)/db": (
        "jdbc:mysql://address=(host=h)/db"
    ),
    "jdbc:oracle:thin:scott/CANARY@//h:1521/svc": "jdbc:oracle:@//h:1521/svc",
    "jdbc:oracle:thin:scott/CAN/A@CANARY@h:1521:SID": "jdbc:oracle:@h:1521:SID",
    "jdbc:sqlserver://h:1433;databaseName=db;password={CAN;CANARY};encrypt=true": "jdbc:sqlserver://h:1433;databaseName=db",
    "jdbc:db2://h:50000/SAMPLE:user=u;password=CANARY;": "jdbc:db2://h:50000/SAMPLE",
    "jdbc:teradata://h/DATABASE=x,DBS_PORT=1025,PASSWORD=CAN@CANARY": "jdbc:teradata://h/DATABASE=x,DBS_PORT=1025",
    "jdbc:snowflake://a.snowflakecomputing.com/?password=CANARY&db=D": "jdbc:snowflake://a.snowflakecomputing.com/?db=D",
    "jdbc:awsathena://UID=u;PWD=CANARY;AwsRegion=us-east-1": "jdbc:awsathena://AwsRegion=us-east-1",
    "s3a://KEY:CANARY@bucket/p": "s3a://bucket/p",
    "abfss://box:CANARY@a.dfs.core.windows.net/p": "abfss://box@a.dfs.core.windows.net/p",
    "https://u:CAN@CANARY@h/p?sig=CANARY": "https://h/p",
    "file:/a b?c#d": "file:/a b?c#d",
    "hdfs://nn:8020/p@q": "hdfs://nn:8020/p@q",
}


@pytest.mark.parametrize("spark", SPARKS)
def test_an_address_leaves_the_jvm_without_its_credentials(spark: str) -> None:
    python = interpreter(spark)
    environment = {**os.environ, "PYSPARK_PYTHON": str(python)}

    done = subprocess.run(
        [python, JOB], input="\n".join(KEPT), capture_output=True, text=True, timeout=180, check=True, env=environment
    )

    kept = [line.removeprefix("kept ") for line in done.stdout.splitlines() if line.startswith("kept ")]
    assert dict(zip(KEPT, kept, strict=True)) == KEPT
