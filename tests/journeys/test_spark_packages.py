"""A submitted job whose connector comes by `--packages`, and whose listener comes by `--py-files`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import house
from hosts import interpreter
from spark_plans import edges_of
from spark_story import jars_of, played

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.matrix]

SPARKS = [pytest.param("4_0", id="4.0"), pytest.param("3_5", id="3.5")]
CONF = {
    "spark.jars.ivy": "{folder}/ivy",
    "spark.sql.catalog.ice": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.ice.type": "hadoop",
    "spark.sql.catalog.ice.warehouse": "{folder}/ice",
}
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></project>
"""


@pytest.mark.parametrize("spark", SPARKS)
def test_a_connector_that_a_submitted_job_brings_along_is_understood(spark: str, tmp_path: Path) -> None:
    python, zipped = interpreter(f"SPARK_{spark}"), tmp_path / "riverhead.zip"
    words: list[str | Path] = [python, "-m", "riverhead", "run", "--zip", zipped]
    packed = house.finished(words, cwd=tmp_path, environment={"PYTHONPATH": house.source_path()})
    (jar,) = jars_of(spark, "iceberg")
    brought = ["--packages", published(jar, tmp_path / "repository"), "--repositories", f"file://{tmp_path}/repository"]
    submit: list[str | Path] = [python.parent / "spark-submit", *brought, "--py-files", zipped]

    story = played(spark, "packaged.py", tmp_path, conf=CONF, environment={"PYTHONPATH": ""}, starter=submit)

    assert [packed.returncode, story.code] == [0, 0], story.errors
    assert f"{zipped.name}/riverhead_spark/__init__.py" in story.said
    assert "lineage:" not in story.errors
    assert {tuple(states) for states in story.states().values()} == {("START", "COMPLETE")}
    (made,), (read,) = story.filling("ice/shop/numbers"), story.filling("/read")
    assert made["outputs"][0]["facets"]["version"] is not None
    assert story.inputs(read) == ["ice/shop/numbers"]
    assert edges_of(read) == {"twice <- numbers.twice IDENTITY", "twice <- numbers.id FILTER"}


def published(jar: str, repository: Path) -> str:
    """Put a jar into a repository of its own, and return its coordinates there."""
    name, _, version = jar.rpartition("/")[2].removesuffix(".jar").rpartition("-")
    group = "org.apache.iceberg"
    folder = repository.joinpath(*group.split("."), name, version)
    folder.mkdir(parents=True)
    (folder / f"{name}-{version}.jar").symlink_to(jar)
    (folder / f"{name}-{version}.pom").write_text(POM.format(group, name, version), encoding="utf-8")
    return f"{group}:{name}:{version}"
