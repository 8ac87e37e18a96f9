"""What the driver reads of its surroundings: parent, settings, names, and what `doctor` says."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, util
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_spark.application import application_name, parent_facts
from riverhead_spark.check import findings
from riverhead_spark.job_names import job_name, snake_case
from riverhead_spark.sources import folder

if TYPE_CHECKING:
    from pathlib import Path

PARENT = "0190a8d0-0000-7000-8000-0000000000aa"
ROOT = "0190a8d0-0000-7000-8000-0000000000bb"


def test_the_environment_names_the_parent_and_the_root() -> None:
    environment = {
        "OPENLINEAGE_PARENT_ID": f"airflow://host/prod/dag.task/{PARENT}",
        "OPENLINEAGE_ROOT_PARENT_ID": f"airflow://host/prod/dag/{ROOT}",
    }

    facts = parent_facts({}, environment)

    assert facts["parent"] == {"namespace": "airflow://host/prod", "name": "dag.task", "run_id": PARENT}
    assert facts["root"] == {"namespace": "airflow://host/prod", "name": "dag", "run_id": ROOT}


def test_the_conf_goes_before_the_environment() -> None:
    conf = {
        "spark.openlineage.parentJobNamespace": "conf",
        "spark.openlineage.parentJobName": "job",
        "spark.openlineage.parentRunId": PARENT,
    }

    facts = parent_facts(conf, {"OPENLINEAGE_PARENT_ID": f"env/job/{ROOT}"})

    assert facts["parent"]["namespace"] == "conf"
    assert facts["root"] == facts["parent"]


@pytest.mark.parametrize("text", ["", "job", f"job/{PARENT}", "ns/job/not-a-uuid", f"//{PARENT}"])
def test_a_parent_that_is_only_half_known_is_none(text: str) -> None:
    assert parent_facts({}, {"OPENLINEAGE_PARENT_ID": text}) == {}


def test_the_applications_name_can_be_set_for_lineage_alone() -> None:
    assert application_name({"spark.openlineage.appName": "nightly"}, "spark-shell") == "nightly"
    assert application_name({}, "job") == "job"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AdaptiveSparkPlan", "adaptive_spark_plan"),
        ("Execute InsertIntoHadoopFsRelationCommand", "execute_insert_into_hadoop_fs_relation_command"),
        ("  My Job! ", "my_job"),
        ("WholeStageCodegen (1)", "whole_stage_codegen_1"),
        ("der Müll", "der_mull"),
    ],
)
def test_names_become_words_with_underscores(text: str, expected: str) -> None:
    assert snake_case(text) == expected


def test_a_job_is_named_after_application_plan_and_output() -> None:
    assert job_name("App", "AdaptiveSparkPlan", "db.t") == "app.adaptive_spark_plan.db_t"
    assert job_name("", "", "") == "unknown"


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        ("file:/lake/x.parquet", "file", "/lake/x.parquet"),
        ("file:/lake/t/year=2024/month=1", "file", "/lake/t"),
        ("file:/lake/o%20u", "file", "/lake/o u"),
        ("s3a://key:secret@bucket/t/day=1", "s3://bucket", "t"),
        ("hdfs://name:8020/t", "hdfs://name:8020", "/t"),
    ],
)
def test_a_path_names_its_dataset(uri: str, namespace: str, name: str) -> None:
    dataset = folder(uri)

    assert (dataset.namespace, dataset.name) == (namespace, name)


def test_importing_the_room_brings_neither_pyspark_nor_a_thread() -> None:
    program = "import sys, threading, riverhead_spark as r; r.listen; print('pyspark' in sys.modules, len(sys.modules))"

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert answer.stdout.startswith("False")


def test_doctor_says_where_spark_jobs_are_observed_when_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", _none)

    assert [finding.level for finding in findings({})] == ["note"]


def test_doctor_asks_for_java_when_spark_would_find_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(util, "find_spec", str)
    monkeypatch.setattr(metadata, "version", _version_of_spark)

    found = list(findings({"JAVA_HOME": str(tmp_path), "PATH": ""}))

    assert [finding.level for finding in found] == ["ok", "problem"]
    assert "JAVA_HOME" in found[1].text


def test_doctor_says_what_is_heard_where_there_is_only_the_client_of_spark_connect(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(util, "find_spec", str)
    monkeypatch.setattr(metadata, "version", _version_of_the_client)

    [finding] = findings({"JAVA_HOME": str(tmp_path), "PATH": ""})

    assert finding.level == "note"
    assert "only the Spark Connect client 4.2.0 (pyspark-client)" in finding.text
    assert "no columns" in finding.text


def test_doctor_still_notes_a_pyspark_without_metadata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(util, "find_spec", str)
    monkeypatch.setattr(metadata, "version", _no_version)

    found = list(findings({"JAVA_HOME": str(tmp_path), "PATH": ""}))

    assert [finding.level for finding in found] == ["note", "problem"]
    assert "without its metadata" in found[0].text


def _version_of_the_client(distribution: str) -> str:
    return {"pyspark-client": "4.2.0"}.get(distribution) or _no_version(distribution)


def _no_version(distribution: str) -> str:
    raise metadata.PackageNotFoundError(distribution)


def _none(*_: Any) -> None:
    return None


def _version_of_spark(_: str) -> str:
    return "4.3.0"
