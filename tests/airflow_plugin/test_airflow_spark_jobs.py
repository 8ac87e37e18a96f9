"""Spark jobs that an operator submits, listened to with no line of them changed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from riverhead_airflow import spark_pack
from riverhead_airflow.spark_jobs import attach
from riverhead_airflow.spark_pack import packed
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.settings import Settings, settings_from

CANARY = "canary-2f7c"
PACKED = Path("/spool/riverhead.zip")


class SparkSubmitOperator(SimpleNamespace):
    """As the provider's, which may have a class below it."""


class OurSparkJob(SparkSubmitOperator):
    """A team's own."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    values = {
        "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
        "OPENLINEAGE_URL": "http://catalog:5000",
        "OPENLINEAGE_API_KEY": CANARY,
    }
    return settings_from({**values, "OPENLINEAGE_NAMESPACE": "shop"})


def attached(
    operator: Any, settings: Settings, environment: dict[str, str] | None = None, master: str = "yarn"
) -> dict[str, str | None]:
    return attach(operator, settings, environment or {}, lambda: PACKED, lambda _conn_id: master)


@pytest.mark.parametrize("before", [None, "/dags:/more"])
def test_a_driver_on_this_machine_finds_the_listener_in_its_environment(before: str | None, settings: Settings) -> None:
    operator = OurSparkJob(application="job.py", py_files="a.zip")

    lent = attached(operator, settings, {"PYTHONPATH": before} if before else {})

    assert lent["PYTHONPATH"] == ":".join(filter(None, [str(PACKED), before]))
    assert vars(operator) == {"application": "job.py", "py_files": "a.zip"}


def test_a_job_with_a_path_of_its_own_keeps_it(settings: Settings) -> None:
    given = {"PYTHONPATH": "/own", "MODE": "night"}
    operator = SparkSubmitOperator(application="job.py", _env_vars=given)

    attached(operator, settings, {"PYTHONPATH": "/dags"})

    assert operator._env_vars == {"PYTHONPATH": f"{PACKED}:/own", "MODE": "night"}
    assert given["PYTHONPATH"] == "/own"


@pytest.mark.parametrize(
    ("before", "after"), [(None, "{ours}"), ("", "{ours}"), ("a.zip,b.py", "a.zip,b.py,{ours}"), ("{ours}", "{ours}")]
)
@pytest.mark.parametrize("name", ["py_files", "_py_files"])
@pytest.mark.parametrize("cluster", [{"_deploy_mode": "cluster"}, {"conf": {"spark.submit.deployMode": "cluster"}}])
def test_a_driver_that_a_cluster_starts_gets_the_listener_among_its_files(
    cluster: dict[str, Any], name: str, before: str | None, after: str, settings: Settings
) -> None:
    files = None if before is None else before.format(ours=PACKED)
    operator = OurSparkJob(application="job.py", **{name: files}, **cluster)

    assert attached(operator, settings) == {}
    assert getattr(operator, name) == after.format(ours=PACKED)


@pytest.mark.parametrize(
    ("conf", "is_attached"), [({}, False), ({"spark.kubernetes.file.upload.path": "s3a://jobs"}, True)]
)
def test_a_job_that_kubernetes_could_not_upload_files_for_is_left_as_it_is(
    conf: dict[str, str], is_attached: bool, settings: Settings
) -> None:
    operator = OurSparkJob(application="local:///job.py", py_files=None, conf=conf, deploy_mode="cluster")

    attached(operator, settings, master="k8s://https://cluster:443")

    assert operator.py_files == (str(PACKED) if is_attached else None)


def test_files_that_only_a_jobs_conf_names_stay_among_its_files(settings: Settings) -> None:
    conf = {"spark.submit.deployMode": "cluster", "spark.submit.pyFiles": "deps.zip"}
    operator = OurSparkJob(application="job.py", py_files=None, conf=conf)

    attached(operator, settings)

    assert operator.py_files == f"deps.zip,{PACKED}"


@pytest.mark.parametrize(("files", "packed"), [(["a.zip"], PACKED), (None, Path("/a,b/riverhead.zip"))])
def test_what_cannot_be_among_a_jobs_files_is_not_put_there(files: Any, packed: Path, settings: Settings) -> None:
    operator = OurSparkJob(application="job.py", py_files=files, deploy_mode="cluster")

    with pytest.raises(Unavailable, match="cannot be among the files"):
        attach(operator, settings, {}, lambda: packed, lambda _conn_id: "yarn")
    assert operator.py_files == files


def test_what_no_process_could_be_started_with_is_not_lent(tmp_path: Path) -> None:
    headers = {f"X-{number}": "x" * 1000 for number in range(140)}
    transport = {"type": "http", "url": "http://catalog:5000", "customHeaders": headers}
    settings = settings_from({"OPENLINEAGE__TRANSPORT": json.dumps(transport), "RIVERHEAD_SPOOL_DIR": str(tmp_path)})

    with pytest.raises(Unavailable, match="too long"):
        attached(SparkSubmitOperator(application="job.py"), settings)


def test_the_driver_inherits_where_events_go_whatever_else_the_environment_says(settings: Settings) -> None:
    operator = SparkSubmitOperator(application="job.py", conf={})
    environment = {"OPENLINEAGE_URL": "http://elsewhere", "OPENLINEAGE__TRANSPORT__URL": "http://nowhere"}

    lent = attached(operator, settings, environment)

    again = settings_from({name: value for name, value in {**environment, **lent}.items() if value is not None})
    assert (again.namespace, again.sinks, again.spool_root) == ("shop", settings.sinks, settings.spool_root)
    assert CANARY not in str(vars(operator))


def test_a_job_that_says_itself_where_its_events_go_sends_them_there(settings: Settings) -> None:
    operator = SparkSubmitOperator(application="job.py", env_vars={"OPENLINEAGE_URL": "http://its-own"})

    assert attached(operator, settings) == {"PYTHONPATH": str(PACKED)}


@pytest.mark.parametrize("application", ["job.jar", "", None])
def test_a_job_that_is_not_pythons_is_left_as_it_is(application: Any, settings: Settings) -> None:
    operator = SparkSubmitOperator(application=application, py_files=None)

    assert attached(operator, settings) == {}
    assert operator.py_files is None


def test_an_operator_of_another_kind_is_left_as_it_is(settings: Settings) -> None:
    assert attached(SimpleNamespace(application="job.py"), settings) == {}


def test_what_is_packed_holds_the_listener_and_is_packed_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = packed(settings)
    monkeypatch.setattr(subprocess, "run", lambda *_words, **_options: 1 / 0)

    assert packed(settings) == file
    with zipfile.ZipFile(file) as found:
        assert {"sitecustomize.py", "riverhead_spark/__init__.py", "riverhead_emitter/__init__.py"} <= set(
            found.namelist()
        )
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_only_its_owner_can_have_written_what_drivers_load_as_code(settings: Settings) -> None:
    folder = settings.spool_root / f"spark-{os.geteuid()}" / "packed"
    folder.mkdir(parents=True)
    folder.chmod(0o777)

    with pytest.raises(Unavailable, match="not private"):
        packed(settings)
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_what_cannot_be_packed_says_why_and_is_not_tried_by_every_task(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[None] = []

    def fails(command: list[str], **_options: Any) -> None:
        tried.append(None)
        raise subprocess.CalledProcessError(1, command, stderr=b"noise\nno room left")

    monkeypatch.setattr(subprocess, "run", fails)

    with pytest.raises(Unavailable, match="no room left"):
        packed(settings)
    with pytest.raises(Unavailable, match="a while ago"):
        packed(settings)
    monkeypatch.setattr(spark_pack, "_SECONDS_UNTIL_TRIED_AGAIN", 0.0)
    with pytest.raises(Unavailable, match="no room left"):
        packed(settings)
    assert len(tried) == 2
