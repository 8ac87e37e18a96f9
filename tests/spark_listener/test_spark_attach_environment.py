"""What a job's processes are given, and which command lines say that it will not help."""

from __future__ import annotations

import os

import pytest

from riverhead_spark.attach.environment import SITE, attached, deafness


def test_our_folder_comes_first_and_what_was_there_stays() -> None:
    given = {"PYTHONPATH": os.pathsep.join(["/lib", "/more"]), "HOME": "/home/ada"}

    assert attached(given) == {"PYTHONPATH": os.pathsep.join([str(SITE), "/lib", "/more"]), "HOME": "/home/ada"}


@pytest.mark.parametrize("before", [{}, {"PYTHONPATH": ""}])
def test_an_empty_path_gets_no_empty_part_which_would_mean_the_working_directory(before: dict[str, str]) -> None:
    assert attached(before) == {"PYTHONPATH": str(SITE)}


def test_attaching_twice_is_attaching_once() -> None:
    assert attached(attached({})) == attached({})


def test_our_folder_holds_one_module_so_that_nothing_else_comes_before_the_jobs_own() -> None:
    assert [path.name for path in SITE.iterdir() if path.name != "__pycache__"] == ["sitecustomize.py"]


@pytest.mark.parametrize(
    "words",
    [
        "python -I job.py",
        "/usr/bin/python3.11 -E job.py",
        "python -bS -c pass",
        "python -W error -X dev -I job.py",
        "python --version -I",
        "pypy3 -uE job.py",
    ],
)
def test_a_python_that_will_not_look_is_named_before_it_starts(words: str) -> None:
    assert deafness(words.split()).endswith("so this job is not listened to")


@pytest.mark.parametrize(
    "words",
    [
        "/opt/spark/bin/spark-submit --deploy-mode cluster job.py",
        "spark-submit --master yarn --deploy-mode=cluster job.py",
        "spark-submit --conf spark.submit.deployMode=cluster job.py",
    ],
)
def test_a_driver_that_runs_elsewhere_is_said_to_need_the_zip(words: str) -> None:
    assert "`riverhead run --zip FILE`" in deafness(words.split())


@pytest.mark.parametrize(
    "words",
    [
        "",
        "spark-submit --deploy-mode client job.py",
        "spark-submit job.py cluster",
        "python",
        "python job.py -I",
        "python -m job -E",
        "python -c pass -S",
        "python -WI -u job.py",
        "python -W I job.py",
        "python - -I",
        "spark-submit -I job.py",
        "pythonista -I",
    ],
)
def test_others_are_not_doubted(words: str) -> None:
    assert deafness(words.split()) == ""
