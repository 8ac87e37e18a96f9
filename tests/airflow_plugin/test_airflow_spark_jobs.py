"""Spark jobs that an operator submits, listened to with no line of them changed."""

from __future__ import annotations

import zipfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_airflow.spark_jobs import attach
from riverhead_emitter.settings import Settings, settings_from

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-2f7c"


class SparkSubmitOperator(SimpleNamespace):
    """As the provider's, which may have a class below it."""


class OurSparkJob(SparkSubmitOperator):
    """A team's own."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "spark").mkdir()
    values = {
        "RIVERHEAD_SPOOL_DIR": str(tmp_path),
        "OPENLINEAGE_URL": "http://catalog:5000",
        "OPENLINEAGE_API_KEY": CANARY,
    }
    return settings_from({**values, "OPENLINEAGE_NAMESPACE": "shop"})


@pytest.fixture
def packed(settings: Settings) -> Path:
    """A zip that was packed before."""
    from riverhead_emitter.version import VERSION

    path = settings.spool_root / "spark" / f"riverhead-{VERSION}.zip"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("before", "after"), [(None, "{ours}"), ("", "{ours}"), ("a.zip,b.py", "a.zip,b.py,{ours}"), ("{ours}", "{ours}")]
)
@pytest.mark.parametrize("name", ["py_files", "_py_files"])
def test_the_listener_is_one_of_the_jobs_files(
    name: str, before: str | None, after: str, settings: Settings, packed: Path
) -> None:
    files = None if before is None else before.format(ours=packed)
    operator = OurSparkJob(application="job.py", **{name: files})

    attach(operator, settings, {})

    assert getattr(operator, name) == after.format(ours=packed)


def test_the_driver_inherits_where_events_go_and_its_command_line_does_not_say_it(
    settings: Settings, packed: Path
) -> None:
    operator = SparkSubmitOperator(application="job.py", py_files=None, conf={})

    lent = attach(operator, settings, {"OPENLINEAGE_NAMESPACE": "its own"})

    again = settings_from({**lent, "OPENLINEAGE_NAMESPACE": "its own"})
    assert (again.namespace, again.sinks, again.spool_root) == ("its own", settings.sinks, settings.spool_root)
    assert vars(operator) == {"application": "job.py", "py_files": str(packed), "conf": {}}


@pytest.mark.parametrize("application", ["job.jar", "", None])
def test_a_job_that_is_not_pythons_is_left_as_it_is(application: Any, settings: Settings) -> None:
    operator = SparkSubmitOperator(application=application, py_files=None)

    assert attach(operator, settings, {}) == {}
    assert operator.py_files is None


def test_an_operator_of_another_kind_is_left_as_it_is(settings: Settings) -> None:
    assert attach(SimpleNamespace(application="job.py"), settings, {}) == {}


def test_what_is_packed_holds_the_listener(settings: Settings) -> None:
    operator = SparkSubmitOperator(application="job.py", py_files=None)

    attach(operator, settings, {})

    with zipfile.ZipFile(operator.py_files) as packed:
        assert {"sitecustomize.py", "riverhead_spark/__init__.py", "riverhead_emitter/__init__.py"} <= set(
            packed.namelist()
        )
    assert [path.name for path in (settings.spool_root / "spark").iterdir()] == [operator.py_files.rpartition("/")[2]]
