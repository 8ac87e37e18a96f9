"""Jobs on a real Spark, from `listen` to the delivered event."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import house
from conditions import await_that
from endpoint import serving
from hosts import interpreter
from spark_plans import edges_of, names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.journey

JOBS = Path(__file__).parent / "spark_jobs"
PARENT = "0190a8d0-0000-7000-8000-0000000000aa"
ROOT = "0190a8d0-0000-7000-8000-0000000000bb"
SPARKS = [
    pytest.param("SPARK_4_3", id="4.3"),
    pytest.param("SPARK_4_0", id="4.0", marks=pytest.mark.matrix),
    pytest.param("SPARK_3_5", id="3.5", marks=pytest.mark.matrix),
]


@dataclass(frozen=True)
class Story:
    """What came of the job of several writes."""

    folder: Path
    said: str
    errors: str
    events: list[dict[str, Any]]

    def of(self, output: str) -> dict[str, dict[str, Any]]:
        """The events of the run with this output, by their type; each type is there once."""
        name = f"{self.folder}/{output}"
        found = [event for event in self.events if [dataset["name"] for dataset in event["outputs"]] == [name]]
        assert len({event["run"]["runId"] for event in found}) == 1
        assert len({event["eventType"] for event in found}) == len(found)
        return {event["eventType"]: event for event in found}

    @property
    def application(self) -> list[dict[str, Any]]:
        """The events of the application's own run."""
        return [event for event in self.events if event["job"]["name"] == "orders"]

    @property
    def queries(self) -> list[dict[str, Any]]:
        """The events of all other runs."""
        return [event for event in self.events if event["job"]["name"] != "orders"]


@pytest.fixture(scope="module", params=SPARKS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run the job once for all tests of this module, with the packages as one zip on its path."""
    python = interpreter(request.param)
    folder = tmp_path_factory.mktemp("job")
    packed = folder / "riverhead.zip"
    _pack(packed)
    ids = {"OPENLINEAGE_PARENT_ID": f"airflow://prod/dag.task/{PARENT}"}
    ids["OPENLINEAGE_ROOT_PARENT_ID"] = f"airflow://prod/dag/{ROOT}"
    done = house.finished(
        [python, JOBS / "orders.py", folder],
        cwd=folder,
        environment={**_pythons(python), **ids, "PYTHONPATH": str(packed)},
        seconds=180,
    )
    assert done.returncode == 0, done.stderr
    lines = (folder / "events.ndjson").read_text(encoding="utf-8").splitlines()
    return Story(folder, done.stdout, done.stderr, [json.loads(line) for line in lines])


def test_every_event_keeps_the_schemas(story: Story, read_events: Callable[[Path], list[dict[str, Any]]]) -> None:
    assert read_events(story.folder / "events.ndjson") == story.events


def test_the_listener_works_from_a_zip_on_the_path(story: Story) -> None:
    assert f"from {story.folder}/riverhead.zip/" in story.said


def test_listening_twice_is_listening_once(story: Story) -> None:
    assert "twice is once: True" in story.said


def test_every_write_is_one_start_and_one_end_without_a_stop(story: Story) -> None:
    runs: dict[str, list[str]] = {}
    for event in story.queries:
        if not event["outputs"]:
            continue
        runs.setdefault(event["run"]["runId"], []).append(event["eventType"])

    assert sorted(runs.values()) == [["START", "COMPLETE"]] * 7 + [["START", "FAIL"]]


def test_the_application_is_a_run_around_its_queries(story: Story) -> None:
    start, complete = story.application

    assert (story.events[0], story.events[-1]) == (start, complete)
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["facets"]["spark_applicationDetails"]["master"] == "local[1]"
    assert start["job"]["facets"]["sourceCodeLocation"]["path"].endswith("spark_jobs/orders.py")
    assert start["run"]["facets"]["riverhead_parameters"]["parameters"][0]["value"] == [str(story.folder)]


def test_a_job_over_files_names_its_datasets_and_columns(story: Story) -> None:
    complete = story.of("totals")["COMPLETE"]

    assert names_of(complete["inputs"]) == [f"file {story.folder}/orders", f"file {story.folder}/customers"]
    uses = ("orders.amount FILTER", "orders.customer_id JOIN", "customers.id JOIN", "customers.country GROUP_BY")
    assert edges_of(complete) == {
        "country <- customers.country IDENTITY",
        "total <- orders.amount AGGREGATION",
        *(f"{column} <- {use}" for column in ("country", "total") for use in uses),
    }


def test_a_table_is_the_same_dataset_when_written_and_when_read(story: Story) -> None:
    written, read_back = story.of("warehouse/ledger")["COMPLETE"], story.of("read_back")["COMPLETE"]

    assert names_of(written["outputs"]) == names_of(read_back["inputs"])
    assert edges_of(written) == {"id <- orders.id IDENTITY", "amount <- orders.amount IDENTITY"}
    assert edges_of(read_back) == {"everything <- ledger.amount AGGREGATION"}


def test_a_write_tells_how_much_it_wrote(story: Story) -> None:
    (output,) = story.of("warehouse/ledger")["COMPLETE"]["outputs"]

    files = [path for path in (story.folder / "warehouse" / "ledger").iterdir() if path.suffix == ".parquet"]
    statistics = output["outputFacets"]["outputStatistics"]
    assert statistics["rowCount"] == 2
    assert statistics["fileCount"] == len(files)
    assert statistics["size"] == sum(path.stat().st_size for path in files)


def test_a_job_of_rdds_tells_what_it_used_as_a_query_does(story: Story) -> None:
    told = story.of("shouted")["COMPLETE"]

    assert [dataset["name"] for dataset in told["inputs"]] == [f"{story.folder}/notes.txt"]
    assert told["run"]["facets"]["riverhead_resources"]["tasks"] >= 1
    assert told["run"]["facets"]["riverhead_resources"]["workerSeconds"] > 0


def test_an_error_of_the_analyser_is_what_it_would_be_without_us(story: Story) -> None:
    assert "a stranger in the stack of an error: False" in story.said


def test_a_loop_of_checkpoints_is_followed_and_keeps_none_of_them(story: Story) -> None:
    told = story.of("rounds")["COMPLETE"]

    assert "few checkpoints are kept: True" in story.said
    assert [dataset["name"] for dataset in told["inputs"]] == [f"{story.folder}/orders"]
    assert "amount <- orders.amount TRANSFORMATION" in edges_of(told)
    assert "id <- orders.id FILTER" in edges_of(told)


def test_a_failing_write_fails_with_its_error(story: Story) -> None:
    fail = story.of("bad")["FAIL"]

    assert "failed as it should" in story.said
    assert "too large" in str(fail["run"]["facets"]["errorMessage"])
    assert names_of(fail["inputs"]) == [f"file {story.folder}/orders"]


def test_the_application_has_the_parent_that_the_environment_names_and_its_queries_have_it(story: Story) -> None:
    of_application, of_queries = (
        [event["run"]["facets"]["parent"] for event in events] for events in (story.application, story.queries)
    )

    assert {(parent["run"]["runId"], parent["job"]["namespace"]) for parent in of_application} == {
        (PARENT, "airflow://prod")
    }
    assert {(parent["run"]["runId"], parent["job"]["name"]) for parent in of_queries} == {
        (story.application[0]["run"]["runId"], "orders")
    }
    assert {parent["root"]["run"]["runId"] for parent in (*of_application, *of_queries)} == {ROOT}


def test_the_job_hears_nothing_of_it(story: Story) -> None:
    assert "lineage" not in story.errors


@pytest.mark.parametrize("spark", SPARKS)
def test_a_context_after_a_stopped_one_is_listened_to_as_well(spark: str, tmp_path: Path) -> None:
    done, events = _done(spark, tmp_path, JOBS / "two_contexts.py", tmp_path)

    assert done.returncode == 0, done.stderr
    assert "lineage" not in done.stderr
    told: dict[str, list[str]] = {}
    for event in events:
        told.setdefault(event["job"]["name"].partition(".")[0], []).append(event["eventType"])
    # Events of one run are told in their order; of two, whichever is ready.
    states = ["START", "START", "COMPLETE", "COMPLETE"]
    assert told == {"first": states, "second": states}
    assert len({event["run"]["runId"] for event in events}) == 4


@pytest.mark.parametrize("spark", SPARKS)
@pytest.mark.parametrize(("way", "code", "state"), [("idle", 0, "COMPLETE"), ("code", 3, "FAIL"), ("error", 1, "FAIL")])
def test_an_application_ends_as_its_program_does(spark: str, way: str, code: int, state: str, tmp_path: Path) -> None:
    ended, events = _left(spark, way, tmp_path)

    assert ended == code
    assert [event["eventType"] for event in events if event["job"]["name"] == "leaving"] == ["START", state]
    told = events[-1]["run"]["facets"].get("errorMessage", {}).get("message")
    assert told == {"idle": None, "code": "the program left with exit code 3", "error": "ValueError: no orders"}[way]


@pytest.mark.parametrize("spark", SPARKS)
def test_a_query_tells_the_line_that_ran_it_and_the_source_of_its_functions(spark: str, tmp_path: Path) -> None:
    done, events = _done(spark, tmp_path, JOBS / "functions.py", tmp_path)

    assert done.returncode == 0, done.stderr
    assert "lineage" not in done.stderr
    lines = (JOBS / "functions.py").read_text(encoding="utf-8").splitlines()
    told = {
        event["outputs"][0]["name"].rpartition("/")[2]: event["job"]["facets"]
        for event in events
        if event["eventType"] == "COMPLETE" and event["outputs"]
    }
    ran = {name: int(facets["sourceCodeLocation"]["url"].rpartition("#L")[2]) for name, facets in told.items()}
    written = {"named": "/{name}"}
    assert ran == {name: _line_with(lines, f'parquet(f"{{folder}}{written.get(name, "/" + name)}")') for name in told}
    sources = {name: facets["sourceCode"]["sourceCode"] for name, facets in told.items() if "sourceCode" in facets}
    assert "def twice(" in sources["scalar"]
    assert "amount + 2" in sources["scalar"]
    assert "amount + 1" not in sources["scalar"]
    assert "def grouped(" in sources["grouped"]
    assert "class Parts:" in sources["parts"]
    assert "def twice(" in sources["named"]
    assert "numbers" not in sources


def test_an_application_that_is_listened_to_again_is_another_run(tmp_path: Path) -> None:
    _, events = _left("SPARK_4_3", "again", tmp_path)

    runs: dict[str, list[str]] = {}
    for event in events:
        if event["job"]["name"] == "leaving":
            runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert list(runs.values()) == [["START", "COMPLETE"]] * 2


def test_a_killed_driver_leaves_its_records_to_be_sent_later(tmp_path: Path) -> None:
    python = interpreter("SPARK_4_3")
    with serving() as closed_again:
        address = closed_again.url
    settings = {"OPENLINEAGE_URL": address, "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool")}
    command = [python, JOBS / "waiting.py", tmp_path]
    environment = {**os.environ, **_pythons(python), **settings}
    driver = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, cwd=tmp_path)
    try:
        await_that(
            lambda: any(b'"is_started":true},"will":null' in path.read_bytes() for path in _files(tmp_path / "spool")),
            "the query has ended",
            120,
        )
    finally:
        driver.kill()
        driver.communicate(timeout=30)
    with serving(port=int(address.rpartition(":")[2])) as endpoint:
        drained = house.finished([sys.executable, "-m", "riverhead", "drain"], cwd=tmp_path, environment=settings)
        events = endpoint.events()

    assert drained.returncode == 0, drained.stderr
    output = f"{tmp_path}/numbers"
    assert [(event["eventType"], [written["name"] for written in event["outputs"]]) for event in events] == [
        ("START", []),
        ("START", [output]),
        ("COMPLETE", [output]),
        ("FAIL", []),
    ]


def _line_with(lines: list[str], text: str) -> int:
    return next(number for number, line in enumerate(lines, 1) if text in line)


def _left(spark: str, way: str, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    done, events = _done(spark, folder, JOBS / "leaving.py", folder, way)
    return done.returncode, events


def _done(
    spark: str, folder: Path, *command: str | Path
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    python, file = interpreter(spark), folder / "events.ndjson"
    transport = {"TYPE": "file", "LOG_FILE_PATH": str(file), "APPEND": "true"}
    settings = {f"OPENLINEAGE__TRANSPORT__{name}": value for name, value in transport.items()}
    done = house.finished(
        [python, *command],
        cwd=folder,
        environment={**_pythons(python), **settings, "RIVERHEAD_SPOOL_DIR": str(folder / "spool")},
        seconds=180,
    )
    return done, [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _pack(target: Path) -> None:
    with zipfile.ZipFile(target, "w") as packed:
        for folder in house.package_folders().values():
            for path in sorted(folder.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    packed.write(path, str(path.relative_to(folder.parent)))


def _pythons(python: Path) -> dict[str, str]:
    return {"PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python)}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
