"""Jobs that know nothing of lineage, started by `riverhead run` in every way in which Spark is started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import house
from hosts import interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.journey

JOBS = Path(__file__).parent / "spark_jobs"
NEWEST = pytest.param("SPARK_4_3", id="4.3")
OTHER_FOUR = pytest.param("SPARK_4_0", id="4.0", marks=pytest.mark.matrix)
THREE = pytest.param("SPARK_3_5", id="3.5", marks=pytest.mark.matrix)
SPARKS = [NEWEST, OTHER_FOUR, THREE]
# nbclient starts the kernel, as Jupyter does.
PLAYED = """
import json, sys
import nbformat
from nbclient import NotebookClient

cells = [nbformat.v4.new_code_cell(cell) for cell in json.loads(sys.argv[1])]
NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=180, kernel_name="python3").execute()
"""


def environment(python: Path, folder: Path) -> dict[str, str]:
    """Return the environment of a job whose events go to a file of this folder."""
    transport = {"type": "file", "log_file_path": str(folder / "events.ndjson"), "append": True}
    return {
        **alone(python, folder),
        "OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "RIVERHEAD_SPOOL_DIR": str(folder / "spool"),
    }


def alone(python: Path, folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is configured, with a home that shows what is left there."""
    pythons = {"PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python)}
    return {**pythons, "PYTHONPATH": house.source_path(), "HOME": str(folder / "home"), "SPARK_LOCAL_IP": "127.0.0.1"}


def run(python: Path, *words: str | Path) -> list[str]:
    return [str(word) for word in (python, "-m", "riverhead", "run", *words)]


def ended(words: Sequence[str], folder: Path, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return house.finished(words, cwd=folder, environment=given, seconds=240)


def events_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.ndjson").read_text(encoding="utf-8").splitlines()]


def writes(folder: Path) -> list[str]:
    """Return what was written, each write as the last part of its name and its events' types."""
    found: dict[tuple[str, str], str] = {}
    for event in events_in(folder):
        for output in event["outputs"]:
            key = (event["run"]["runId"], output["name"].rpartition("/")[2])
            found[key] = f"{found.get(key, '')} {event['eventType']}"
    return [f"{name}{states}" for (_, name), states in found.items()]


def applications(folder: Path) -> list[str]:
    """Return each application as its name and its events' types."""
    found: dict[str, str] = {}
    for event in events_in(folder):
        if event["job"]["facets"]["jobType"]["jobType"] == "APPLICATION":
            name = event["job"]["name"]
            found[name] = f"{found.get(name, '')} {event['eventType']}"
    return [f"{name}{states}" for name, states in found.items()]


@pytest.mark.parametrize("spark", SPARKS)
def test_every_life_of_a_process_is_listened_to_and_its_exit_code_is_its_own(spark: str, tmp_path: Path) -> None:
    python = interpreter(spark)

    done = ended(run(python, "--", python, JOBS / "lives.py", tmp_path), tmp_path, environment(python, tmp_path))

    assert done.returncode == 3, done.stderr
    assert "lineage" not in done.stderr
    names = ["new_session", "after_fork", "second"]
    assert writes(tmp_path) == [f"{name} START COMPLETE" for name in names]
    assert applications(tmp_path) == ["first START COMPLETE", "second START FAIL"]


@pytest.mark.parametrize("spark", SPARKS)
def test_no_query_is_missed_when_connections_to_the_jvm_break(spark: str, tmp_path: Path) -> None:
    python = interpreter(spark)

    job = (python, JOBS / "broken_connections.py", tmp_path)
    done = ended(run(python, "--", *job), tmp_path, environment(python, tmp_path))

    assert done.returncode == 0, done.stderr
    assert writes(tmp_path) == [f"numbers_{number} START COMPLETE" for number in range(3)]
    assert applications(tmp_path) == ["broken START COMPLETE"]


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder whose name a line of the tree holds whole."""
    with tempfile.TemporaryDirectory(prefix="s") as folder:
        yield Path(folder)


@pytest.mark.parametrize("spark", SPARKS)
def test_a_submitted_job_that_fails_shows_its_columns_and_leaves_nothing_behind(spark: str, short_folder: Path) -> None:
    python, folder = interpreter(spark), short_folder
    submit = (python.parent / "spark-submit", "--master", "local[1]", JOBS / "unaware.py", folder, "error")

    done = ended(run(python, "--show", "--", *submit), folder, alone(python, folder))

    assert done.returncode == 1, done.stderr
    assert "ValueError: no orders" in done.stdout + done.stderr
    shown = [" ".join(line.split()) for line in done.stderr.splitlines()]
    assert f"{folder}/totals ← {folder}/orders" in shown
    assert [line for line in shown if line.startswith(f"├─ total aggregated from {folder}/orders.amount")]
    # The compiled tap is all that is kept: no record is.
    assert not [path for path in folder.rglob("*") if "riverhead" in path.name and ".cache" not in path.parts]


@pytest.mark.parametrize("spark", SPARKS[:2])
def test_a_zip_alone_makes_a_submitted_job_heard(spark: str, tmp_path: Path) -> None:
    python, zipped = interpreter(spark), tmp_path / "riverhead.zip"
    given = environment(python, tmp_path)
    packed = ended(run(python, "--zip", zipped), tmp_path, given)
    master = "local[1]" if spark == "SPARK_4_3" else "local-cluster[1,1,1024]"
    submit = [python.parent / "spark-submit", "--master", master, "--py-files", zipped]

    # As in cluster mode: nothing of ours is in the environment of what starts the driver.
    done = ended(
        [*map(str, submit), str(JOBS / "unaware.py"), str(tmp_path), "end"], tmp_path, {**given, "PYTHONPATH": ""}
    )

    assert [packed.returncode, done.returncode] == [0, 0], done.stderr
    # Spark may hand the driver a copy.
    assert f"{zipped.name}/riverhead_spark/__init__.py" in done.stdout
    assert writes(tmp_path) == ["orders START COMPLETE", "totals START COMPLETE"]


@pytest.mark.parametrize("spark", SPARKS[:1])
def test_a_driver_that_is_told_to_end_does_by_that_signal_and_says_so(spark: str, tmp_path: Path) -> None:
    python = interpreter(spark)
    words = run(python, "--", python, JOBS / "unaware.py", tmp_path, "wait")
    given = {**os.environ, **environment(python, tmp_path), "MASTER": "local[1]"}
    driver = subprocess.Popen(words, env=given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path)
    try:
        assert driver.stdout is not None
        while b"written" not in driver.stdout.readline():
            assert driver.poll() is None
        driver.terminate()
        driver.communicate(timeout=60)
    finally:
        driver.kill()

    assert driver.returncode == -signal.SIGTERM
    drained = house.finished([sys.executable, "-m", "riverhead", "drain"], environment=environment(python, tmp_path))
    assert drained.returncode == 0, drained.stderr
    assert writes(tmp_path) == ["orders START COMPLETE", "totals START COMPLETE"]
    assert applications(tmp_path) == ["unaware START FAIL"]


@pytest.mark.parametrize("spark", SPARKS[:1])
def test_a_shell_is_listened_to(spark: str, tmp_path: Path) -> None:
    python = interpreter(spark)
    given = {**os.environ, **environment(python, tmp_path), "PYSPARK_DRIVER_PYTHON_OPTS": "-i"}
    shell = run(python, "--", python.parent / "pyspark", "--master", "local[1]")

    done = subprocess.run(
        shell,
        input=f"1 / 0\nspark.range(3).write.parquet('{tmp_path}/typed')\n",
        env=given,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert writes(tmp_path) == ["typed START COMPLETE"]
    assert applications(tmp_path) == ["py_spark_shell START COMPLETE"]


@pytest.mark.parametrize("spark", SPARKS[:1])
def test_a_notebooks_kernel_is_listened_to(spark: str, tmp_path: Path) -> None:
    python, jupyter = interpreter(spark), interpreter("JUPYTER_7")
    (packages,) = (python.parent.parent / "lib").glob("python3*/site-packages")
    given = environment(jupyter, tmp_path)
    given["PYTHONPATH"] += f"{os.pathsep}{packages}"
    cells = [
        "from pyspark.sql import SparkSession",
        "spark = SparkSession.builder.master('local[1]').appName('Notes').getOrCreate()",
        f"spark.range(3).write.parquet('{tmp_path}/cell')",
    ]

    done = ended(run(jupyter, "--", jupyter, "-c", PLAYED, json.dumps(cells)), tmp_path, given)

    assert done.returncode == 0, done.stderr
    drained = house.finished([sys.executable, "-m", "riverhead", "drain"], environment=given)
    assert drained.returncode == 0, drained.stderr
    assert writes(tmp_path) == ["cell START COMPLETE"]


@pytest.mark.parametrize("spark", SPARKS[:2])
def test_a_local_connect_server_is_listened_to_and_another_process_as_its_client(spark: str, tmp_path: Path) -> None:
    python = interpreter(spark)
    # Spark's own switch for a port of its own.
    given = {**environment(python, tmp_path), "SPARK_TESTING": "1"}

    done = ended(run(python, "--", python, JOBS / "connected.py", tmp_path), tmp_path, given)

    assert done.returncode == 0, done.stderr
    assert "the server is listened to: True" in done.stdout
    assert done.stderr.count("a Spark Connect client knows names and no columns") == 1
    # The server's own, and the client's of the same write.
    assert sorted(writes(tmp_path)) == ["local START COMPLETE", *["remote START COMPLETE"] * 2]
